const FAULTS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'what is there can only be read',
  EEXIST: 'it is there already; name a new file',
  EISDIR: 'it is a directory; name a file',
  ENOENT: 'its directory is not there',
  ENOTDIR: 'its directory is a file',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'no space is left there',
  EDQUOT: 'no space is left there for this user',
  SQLITE_FULL: 'no space is left there',
}

/** Why a file could not be written, as long as the place is to blame, also behind another error. Undefined for any other. */
export function writeFault(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown }
  if (typeof code === 'string' && Object.hasOwn(FAULTS, code)) return FAULTS[code]
  return cause === undefined ? undefined : writeFault(cause)
}
