import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const STAND_INS = ['localhost/debian:bookworm-slim', 'localhost/node:20-bookworm-slim']

/** What an image says of how it is started, as Docker reads it. */
export interface ImageConfig {
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly User: string
  readonly WorkingDir: string
  readonly Volumes: Readonly<Record<string, object>>
  readonly Healthcheck: { readonly Test: readonly string[] }
}

export interface Container {
  readonly process: ChildProcess
  /** Of the program, in the tester's own view of processes. */
  readonly pid: number
  output(): string
  /** SIGTERM to the program, as `docker stop` sends it; then its exit code. */
  stop(): Promise<number | null>
}

export interface ContainerOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A folder that is seen, read-only, at a path of the container. */
  readonly mounts?: Readonly<Record<string, string>>
}

/** The image of the Dockerfile, built by buildah; where the images it starts from are not there, from stand-ins. */
export function buildImage(name: string): void {
  for (const program of ['buildah', 'debootstrap'])
    if (spawnSync('which', [program]).status !== 0)
      throw new Error(`${program} is missing; install what this needs: apt-get install buildah debootstrap`)
  const isThere = (image: string) => spawnSync('buildah', ['inspect', '--type=image', image]).status === 0
  if (!STAND_INS.every(isThere)) execFileSync('sh', ['scripts/stand-in-images.sh'], { stdio: 'inherit' })
  const how = [
    '--pull-never',
    '--format=docker',
    '--isolation=chroot',
    '--network=host',
    '--layers',
    '--quiet',
  ]
  execFileSync('buildah', ['bud', ...how, '--tag', name, '.'], { stdio: ['ignore', 'ignore', 'inherit'] })
}

export function imageConfig(image: string): ImageConfig {
  return JSON.parse(buildah('inspect', '--type=image', image)).Docker.config
}

/** A container of an image: its files, mounted here. `remove` takes it away. */
export function rootOf(image: string): { readonly path: string; remove(): void } {
  const container = buildah('from', '--pull-never', image).trim()
  const path = buildah('mount', container).trim()
  return { path, remove: () => void buildah('rm', container) }
}

/**
 * Starts what the image says, as `docker run --read-only --cap-drop ALL --security-opt no-new-privileges` would: its user, its
 * environment, a process tree of its own, and nothing to write to but its volume, which is in memory. The network is the machine's.
 * Resolves once what it prints matches `started`.
 */
export async function startContainer(
  root: string,
  config: ImageConfig,
  started: RegExp,
  { args = config.Cmd, env = {}, mounts = {} }: ContainerOptions = {},
): Promise<Container> {
  for (const target of Object.keys(mounts)) mkdirSync(join(root, target), { recursive: true })
  const command = inside(root, config, [...config.Entrypoint, ...args], env, mounts)
  const child = spawn('unshare', ['--mount', '--pid', '--fork', 'sh', '-euc', command])
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', () => {
      if (started.test(output)) resolve()
    })
    void ended.then((code) => reject(new Error(`the container ended with ${code}:\n${output}`)))
  })
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim())
  return {
    process: child,
    pid,
    output: () => output,
    stop() {
      process.kill(pid, 'SIGTERM')
      return ended
    },
  }
}

/** Runs one more program as the container's would run, and waits for it: what `docker exec` does. */
export function runInside(
  root: string,
  config: ImageConfig,
  command: readonly string[],
  { env = {}, mounts = {} }: ContainerOptions = {},
): { readonly code: number | null; readonly output: string } {
  const text = inside(root, config, command, env, mounts)
  const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-euc', text], {
    encoding: 'utf8',
  })
  return { code: status, output: stdout + stderr }
}

function inside(
  root: string,
  { Env, User, WorkingDir, Volumes }: ImageConfig,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  mounts: Readonly<Record<string, string>>,
): string {
  const [user = '', group = user] = User.split(':')
  const variables = [...Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)]
  const at = (path: string) => quoted(join(root, path))
  const rights = `--reuid ${user} --regid ${group} --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs`
  return [
    'mount --make-rprivate /',
    `mount --bind ${at('/')} ${at('/')}`,
    `mount -t proc proc ${at('/proc')}`,
    `mount -t tmpfs -o size=64k none ${at('/dev')}`,
    ...['null', 'urandom'].map(
      (name) => `touch ${at(`/dev/${name}`)}; mount --bind /dev/${name} ${at(`/dev/${name}`)}`,
    ),
    ...Object.keys(Volumes).map(
      (path) => `mount -t tmpfs -o uid=${user},gid=${group},mode=0700 none ${at(path)}`,
    ),
    ...Object.entries(mounts).map(
      ([target, source]) =>
        `mount --bind ${quoted(source)} ${at(target)}; mount -o remount,bind,ro ${at(target)}`,
    ),
    `mount -o remount,bind,ro ${at('/')}`,
    `exec chroot ${quoted(root)} env -i ${variables.map(quoted).join(' ')} sh -c ${quoted(
      `cd ${quoted(WorkingDir)} && exec setpriv ${rights} "$@"`,
    )} sh ${command.map(quoted).join(' ')}`,
  ].join('\n')
}

function buildah(...args: readonly string[]): string {
  return execFileSync('buildah', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
