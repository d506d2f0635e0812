import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk that takes what is written and then cannot say that it is safe: `fsync` and `fdatasync` fail with EIO while `fail` holds. */
export interface FailingSync {
  /** For the environment of the process whose disk it is. */
  readonly env: Readonly<Record<string, string>>
  fail(): void
  mend(): void
  remove(): void
}

const SHIM = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int fails(void) {
  const char *sign = getenv("SYNC_FAILS_WHILE");
  return sign && access(sign, F_OK) == 0;
}
static int next(const char *name, int fd) {
  if (fails()) { errno = EIO; return -1; }
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  return real(fd);
}
int fsync(int fd) { return next("fsync", fd); }
int fdatasync(int fd) { return next("fdatasync", fd); }
`

/** @throws without a C compiler. */
export function makeFailingSync(): FailingSync {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-sync-'))
  const [source, library, sign] = ['sync.c', 'sync.so', 'fails'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(source, SHIM)
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
  return {
    env: { LD_PRELOAD: library, SYNC_FAILS_WHILE: sign },
    fail: () => writeFileSync(sign, ''),
    mend: () => rmSync(sign, { force: true }),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
