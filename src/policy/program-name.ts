/**
 * Where a host's own programs are; only the host's administrator writes there. A script that is written out looks for programs in these
 * (`write-script.ts`), and in `/snap/bin`.
 */
const SYSTEM_DIRECTORIES = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/local/sbin']

/**
 * The name of the program that a word starts: itself, or its last part when it is in a directory of the system. Undefined for a program
 * anywhere else, which may be anything, whatever its name is.
 */
export function programName(text: string): string | undefined {
  if (!text.includes('/')) return text === '' ? undefined : text
  const slash = text.lastIndexOf('/')
  const name = text.slice(slash + 1)
  // guard: programs-of-the-system
  return SYSTEM_DIRECTORIES.includes(text.slice(0, slash)) && name !== '' ? name : undefined
}

/** A program in one way of writing: by its name where it has one, else by its path. */
export function programOf(text: string): string {
  return programName(text) ?? text
}
