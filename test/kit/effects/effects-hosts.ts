import { type SudoHost, startSudoHost } from '../sudo-user.ts'
import { EffectsHost } from './effects-host.ts'

export interface EffectsHosts {
  /** Several with the same login shell, for work at the same time. */
  readonly bash: readonly EffectsHost[]
  readonly zsh: EffectsHost
  stop(): Promise<void>
}

export async function startEffectsHosts(): Promise<EffectsHosts> {
  const logins: readonly [SudoHost, SudoHost] = await Promise.all([
    startSudoHost('bash'),
    startSudoHost('zsh'),
  ])
  const bash = await Promise.all([0, 1, 2].map((number) => EffectsHost.start(logins[0], number)))
  const zsh = await EffectsHost.start(logins[1], 3)
  return {
    bash,
    zsh,
    async stop() {
      await Promise.all([...bash, zsh].map((host) => host.stop()))
      await Promise.all(logins.map((login) => login.stop()))
    },
  }
}

/** Runs each command on one of the hosts that has its shell, as many at once as there are. The results keep the order of the commands. */
export async function onEffectsHosts<Case extends { readonly shell?: 'zsh' }, Result>(
  { bash, zsh }: EffectsHosts,
  cases: readonly Case[],
  work: (each: Case, host: EffectsHost) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const waiting = [...cases.entries()]
  const ofShell = (isZsh: boolean) => waiting.filter(([, { shell }]) => (shell === 'zsh') === isZsh)
  const queues = { bash: ofShell(false), zsh: ofShell(true) }
  const serve = async (host: EffectsHost, queue: [number, Case][]) => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results[next[0]] = await work(next[1], host)
  }
  await Promise.all([...bash.map((host) => serve(host, queues.bash)), serve(zsh, queues.zsh)])
  return results
}
