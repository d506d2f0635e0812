import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EffectsHost, Seen } from '../kit/effects/effects-host.ts'
import { type EffectsHosts, onEffectsHosts, startEffectsHosts } from '../kit/effects/effects-hosts.ts'
import { type ReadOnly, readOnlyRule } from '../kit/read-only.ts'
import type { BypassCase } from './bypass/bypass-case.ts'
import { BYPASS_CASES, READS_OF_A_SECRET } from './bypass-cases.ts'
import { ORDINARY_COMMANDS } from './ordinary-commands.ts'

/** A thousand commands, each on a host of its own making. */
const LONG_MS = 600_000

let hosts: EffectsHosts
let readOnly: ReadOnly

beforeAll(async () => {
  ;[hosts, readOnly] = await Promise.all([startEffectsHosts(), readOnlyRule()])
})

afterAll(() => hosts?.stop())

describe('under a rule that allows only what reads', () => {
  test(
    'no command that does more runs anything: what is let through is run as something that only reads',
    async () => {
      const seen = await onHosts(BYPASS_CASES, asAllowed)
      expect(withEffects(seen)).toEqual([])
    },
    LONG_MS,
  )

  test(
    'a command that reads in an unusual way changes nothing either',
    async () => {
      const seen = await onHosts(
        READS_OF_A_SECRET.map((command) => ({ command })),
        asAllowed,
      )
      expect(seen.filter(({ seen: one }) => one !== undefined).length).toBeGreaterThan(50)
      expect(withEffects(seen)).toEqual([])
    },
    LONG_MS,
  )

  test(
    'what an administrator reads prints what it prints anyway, and changes nothing',
    async () => {
      const seen = await onHosts(ORDINARY_COMMANDS.filter(isTried), async ({ command }, host) => {
        const script = readOnly(command)
        if (script === undefined) return undefined
        const plain = await host.see(() => `${SAME_ENVIRONMENT}\n${command}`)
        if (plain.status === NO_SUCH_PROGRAM || plain.status === undefined) return undefined
        const understood = await host.see(() => script)
        // It took too long.
        if (understood.status === undefined) return undefined
        // Some make a file when they are run as they are; and a list of processes has the asking in it.
        if (plain.effects.length > 0 || /\b(?:ps|pgrep|pstree|top)\b/.test(command)) return understood
        const again = sameWords(plain, understood)
          ? plain
          : await host.see(() => `${SAME_ENVIRONMENT}\n${command}`)
        return { ...understood, isSame: sameWords(plain, understood) || !sameWords(plain, again) }
      })
      const run = seen.flatMap(({ command, seen: one }) =>
        one === undefined ? [] : [{ command, isSame: true, ...one }],
      )
      expect(run.length).toBeGreaterThan(400)
      expect(run.filter(({ isSame }) => !isSame).map(({ command }) => command)).toEqual([])
      expect(withEffects(seen)).toEqual([])
    },
    LONG_MS,
  )
})

describe('where nobody decides', () => {
  test(
    'each of these commands does something that is seen, but those of which it is known why not',
    async () => {
      const able = BYPASS_CASES.filter(
        ({ inert, needs = [] }) => inert === undefined && needs.every(isInstalled),
      )
      const unseen = async (cases: readonly BypassCase[]) => {
        const seen = await onHosts(cases, ({ command, keys }, host) =>
          host.see((textOf) => textOf(command), keys),
        )
        return cases.filter((_, i) => seen[i]?.seen.effects.length === 0)
      }
      // Keys that were pressed too early are pressed again.
      const left = await unseen(await unseen(able))
      expect(left.map(({ command }) => command)).toEqual([])
      expect(able.length).toBeGreaterThanOrEqual(700)
    },
    LONG_MS,
  )
})

/** What happens when somebody asks for it who may only read; undefined when nothing is run. */
async function asAllowed(
  { command }: { readonly command: string },
  host: EffectsHost,
): Promise<Seen | undefined> {
  const script = readOnly(host.textOf(command))
  return script === undefined ? undefined : host.see(() => script)
}

function onHosts<Case extends { readonly command: string; readonly shell?: 'zsh' }, Result>(
  cases: readonly Case[],
  work: (each: Case, host: EffectsHost) => Promise<Result>,
): Promise<{ command: string; seen: Result }[]> {
  return onEffectsHosts(hosts, cases, async (each, host) => ({
    command: each.command.slice(0, 200),
    seen: await work(each, host),
  }))
}

function withEffects(seen: readonly { command: string; seen: Seen | undefined }[]) {
  return seen.flatMap(({ command, seen: one }) =>
    one === undefined || one.effects.length === 0 ? [] : [{ command, effects: one.effects }],
  )
}

const NO_SUCH_PROGRAM = 127
/** Of what a script sets, what changes how programs write. */
const SAME_ENVIRONMENT = 'export LANG=C.UTF-8 TERM=dumb PAGER=cat'

/** Numbers change from one moment to the next. */
function sameWords(a: Seen, b: Seen): boolean {
  const words = ({ output }: Seen) => output.replace(/[\d.:]+/g, '#').replace(/\s+/g, ' ')
  return a.status === b.status && words(a) === words(b)
}

/** Not what waits for an answer of a network, or for ever. */
function isTried({ class: kind, miss, command }: (typeof ORDINARY_COMMANDS)[number]): boolean {
  const waits = /^apt|example\.com|192\.0\.2|tail -[fF]|(?:logs|journalctl) -f| -w$|find \/ |du -xsh \/\*/
  return kind === 'read' && miss === undefined && !waits.test(command)
}

const PROGRAMS = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']

function isInstalled(program: string): boolean {
  return PROGRAMS.some((folder) => existsSync(`${folder}/${program}`))
}
