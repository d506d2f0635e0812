import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EffectsHost, Seen } from '../kit/effects/effects-host.ts'
import { type EffectsHosts, onEffectsHosts, startEffectsHosts } from '../kit/effects/effects-hosts.ts'
import { type ReadOnly, readOnlyRule } from '../kit/read-only.ts'
import { BYPASS_CASES, READS_OF_A_SECRET } from './bypass-cases.ts'
import { compared, READING_COMMANDS } from './ordinary-effects.ts'
import { CASES_WITH_EFFECTS, unseenOf } from './unseen.ts'

/** A thousand commands, each on a host of its own making. */
const LONG_MS = 600_000
/** Of what is run on a host in any case one in so many is run here, and each in the soak. */
const SAMPLED = 8

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
      const some = READING_COMMANDS.filter((_command, index) => index % SAMPLED === 0)
      const run = await compared(some, hosts, readOnly)
      expect(run.length).toBeGreaterThan(40)
      expect(run.filter(({ isSame }) => !isSame)).toEqual([])
      expect(run.filter(({ effects }) => effects.length > 0)).toEqual([])
    },
    LONG_MS,
  )
})

describe('where nobody decides', () => {
  test(
    'these commands do something that is seen, but those of which it is known why not',
    async () => {
      const some = CASES_WITH_EFFECTS.filter((_case, index) => index % SAMPLED === 0)
      expect(await unseenOf(some, hosts)).toEqual([])
      expect(CASES_WITH_EFFECTS.length).toBeGreaterThanOrEqual(700)
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
