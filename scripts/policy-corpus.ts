// Prints how commands are decided: those that do more than read, those of an ordinary day, and how long it takes. With a host to try on
// (as root, with the user of the tests) what a rule that allows only `read` lets through is run there. `npm run policy:corpus`.
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { grammarsOf } from '../src/policy/grammar.ts'
import { BUILT_IN } from '../src/policy/grammars/list.ts'
import { understand } from '../src/policy/shell/understand.ts'
import { classOf } from '../test/kit/class-of-command.ts'
import { onEffectsHosts, startEffectsHosts } from '../test/kit/effects/effects-hosts.ts'
import { readOnlyRule } from '../test/kit/read-only.ts'
import { textIn } from '../test/policy/bypass/bypass-case.ts'
import { BYPASS_CASES, READS_OF_A_SECRET } from '../test/policy/bypass-cases.ts'
import { ORDINARY_COMMANDS } from '../test/policy/ordinary-commands.ts'

const GRAMMARS = grammarsOf(BUILT_IN)
const classed = (command: string) => classOf(understand(command, GRAMMARS))

const readOnly = await readOnlyRule()
const through = BYPASS_CASES.filter(({ command }) => readOnly(textIn('/srv/scratch', command)) !== undefined)
const families = new Set(BYPASS_CASES.map(({ family }) => family))
console.log(
  `bypass cases  ${BYPASS_CASES.length} in ${families.size} families, under a rule that allows only what reads`,
)
console.log(`  refused              ${BYPASS_CASES.length - through.length}`)
console.log(`  run as a mere read   ${through.length}`)
if (process.getuid?.() === 0) {
  const hosts = await startEffectsHosts()
  const seen = await onEffectsHosts(hosts, through, async ({ command }, host) => {
    const script = readOnly(host.textOf(command))
    return { command, effects: script === undefined ? [] : (await host.see(() => script)).effects }
  })
  await hosts.stop()
  const done = seen.filter(({ effects }) => effects.length > 0)
  console.log(`  let through          ${done.length} had an effect on a real host`)
  for (const { command, effects } of done) console.log(`    ${command}: ${effects.join(', ')}`)
  if (done.length > 0) process.exitCode = 1
} else console.log('  let through          not tried on a host: that takes root')

const rows = ORDINARY_COMMANDS.map((each) => ({ ...each, said: classed(each.command) }))
const right = rows.filter((each) => each.said === each.class)
console.log(`\nordinary commands  ${rows.length}, classified as expected ${right.length}`)
for (const { command, class: kind, said, miss = 'not known why' } of rows.filter(
  (each) => each.said !== each.class,
))
  console.log(`  ${kind}, taken for ${said}: ${JSON.stringify(command)}: ${miss}`)
if (rows.some((each) => each.said !== each.class && each.miss === undefined)) process.exitCode = 1

const commands = [...BYPASS_CASES, ...ORDINARY_COMMANDS].map(({ command }) => command)
const times = [...commands, ...READS_OF_A_SECRET].filter((text) => text.length < 4_096).map(fastestOf)
times.sort((a, b) => a - b)
const at = (share: number) =>
  (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(3)
console.log(
  `\ntime for a decision  p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms (${times.length} commands, the best of 5 each)`,
)
for (const [name, text] of Object.entries(largestCommands()))
  console.log(`  64 KB of ${name.padEnd(14)} ${leastWorkOf(text).toFixed(1)} ms of processor time`)

/** What else the machine does takes no part. */
function fastestOf(command: string): number {
  let fastest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i += 1) {
    const begun = performance.now()
    understand(command, GRAMMARS)
    fastest = Math.min(fastest, performance.now() - begun)
  }
  return fastest
}

function leastWorkOf(command: string): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i += 1) {
    const begun = process.cpuUsage()
    understand(command, GRAMMARS)
    const { user, system } = process.cpuUsage(begun)
    least = Math.min(least, (user + system) / 1_000)
  }
  return least
}

function largestCommands(): Record<string, string> {
  const size = 65_536
  const filled = (piece: string, end = '') =>
    piece.repeat(Math.floor((size - end.length) / piece.length)) + end
  return {
    commands: filled('ls;', 'ls'),
    words: `echo ${filled('a ').slice(0, size - 10)}`,
    'one word': `echo ${'a'.repeat(size - 10)}`,
    quotes: `echo ${filled(`'a'"b"`).slice(0, -12)}`,
    parentheses: `${'('.repeat(size / 2)}${')'.repeat(size / 2)}`,
    substitutions: filled('$(').slice(0, size),
    'a sed script': `sed '${filled('s/a/b/;').slice(0, size - 20)}p'`,
  }
}
