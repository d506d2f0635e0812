import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const NOBODY = { name: 'x', email: 'x@example.com' }

/** Repositories whose own configuration starts programs, and some with nothing of the kind. */
export function makeRepositories(folder: string): void {
  const evil = join(folder, 'evil.sh')
  const clean = repository(folder, 'clean')
  clean.git('branch', 'other')
  clean.git('tag', 'first')
  clean.git('remote', 'add', 'origin', join(folder, 'origin'))
  clean.git('config', 'core.bare', 'false')

  appendFileSync(join(repository(folder, 'changed').path, 'data.txt'), 'more\n')
  repository(folder, 'hostile').git('config', 'core.fsmonitor', evil)

  const filters = repository(folder, 'filters')
  writeFileSync(join(filters.path, '.gitattributes'), '*.txt filter=evil\n')
  filters.git('config', 'filter.evil.clean', `${evil}; cat`)
  appendFileSync(join(filters.path, 'data.txt'), 'more\n')

  const textconv = repository(folder, 'textconv')
  writeFileSync(join(textconv.path, '.gitattributes'), '*.bin diff=evil\n')
  for (const text of ['a\n', 'b\n']) {
    writeFileSync(join(textconv.path, 'data.bin'), text)
    textconv.git('add', '.')
    textconv.git('commit', '-qm', text)
  }
  textconv.git('config', 'diff.evil.textconv', evil)

  const signatures = repository(folder, 'signatures')
  const commit = signatures.git('cat-file', 'commit', 'HEAD')
  const signature = '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n abcd\n -----END PGP SIGNATURE-----\n\n'
  const signed = signatures.gitWith(
    commit.replace('\n\n', signature),
    'hash-object',
    '-t',
    'commit',
    '-w',
    '--stdin',
  )
  signatures.git('update-ref', 'HEAD', signed.trim())
  for (const [key, value] of [
    ['log.showSignature', 'true'],
    ['gpg.program', evil],
  ] as const)
    signatures.git('config', key, value)

  // Its newest commit is to be had from a remote, by a program of that remote.
  const promisor = repository(folder, 'promisor')
  for (const [key, value] of [
    ['core.repositoryFormatVersion', '1'],
    ['extensions.partialClone', 'evil'],
    ['remote.evil.url', join(folder, 'clean')],
    ['remote.evil.promisor', 'true'],
    ['remote.evil.uploadpack', `${evil};`],
  ] as const)
    promisor.git('config', key, value)
  writeFileSync(join(promisor.path, '.git/refs/heads/main'), `${'1'.repeat(40)}\n`)
}

/** One with two commits. */
function repository(folder: string, name: string) {
  const path = join(folder, name)
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: '/nonexistent',
    GIT_AUTHOR_NAME: NOBODY.name,
    GIT_AUTHOR_EMAIL: NOBODY.email,
    GIT_COMMITTER_NAME: NOBODY.name,
    GIT_COMMITTER_EMAIL: NOBODY.email,
  }
  const gitWith = (input: string, ...args: string[]) =>
    execFileSync('git', ['-C', path, ...args], { encoding: 'utf8', env: environment, input, stdio: 'pipe' })
  const git = (...args: string[]) => gitWith('', ...args)
  mkdirSync(path)
  // Without the examples of hooks.
  git('init', '-q', '-b', 'main', '--template=')
  git('config', 'user.name', NOBODY.name)
  git('config', 'user.email', NOBODY.email)
  for (const text of ['one\n', 'one\ntwo\n']) {
    writeFileSync(join(path, 'data.txt'), text)
    git('add', '.')
    git('commit', '-qm', 'a change')
  }
  return { path, git, gitWith }
}

/** A library that makes the mark as soon as somebody loads it; archives and a certificate. What cannot be made here is not there. */
export function makeBinaries(folder: string): void {
  const made = (program: string, ...args: string[]) => {
    try {
      execFileSync(program, args, { cwd: folder, stdio: 'pipe' })
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault
    }
  }
  writeFileSync(
    join(folder, 'evil.c'),
    `#include <fcntl.h>\n__attribute__((constructor)) static void evil(void) { creat("${folder}/mark", 0644); }\nconst char *named = "C_GetFunctionList";\nint evil_struct;\n`,
  )
  made('gcc', '-shared', '-fPIC', '-o', 'evil.so', 'evil.c')
  made('tar', 'cf', 'archive.tar', 'data.txt', 'two')
  made('zip', '-q', 'archive.zip', 'data.txt')
  made('sh', '-c', 'gzip -c data.txt > data.gz')
  made(
    'openssl',
    ...['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', '/CN=x', '-days', '3'],
    ...['-keyout', 'key.pem', '-out', 'cert.pem'],
  )
  if (!existsSync(join(folder, 'data.gz'))) throw new Error('gzip is missing')
}
