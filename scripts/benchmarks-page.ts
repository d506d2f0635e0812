import { HELP } from '../bench/options.ts'
import { bound } from '../bench/report/format.ts'
import { ROWS } from '../bench/rows/list.ts'

/** docs/BENCHMARKS.md: what is measured, against whom, and what is to be reached. */
export function benchmarksPage(): string {
  return `# Benchmarks

<!-- Generated from bench/ by \`npm run docs\`. -->

\`npm run bench\` measures the bridge on your machine, beside ssh2 in a bare loop, OpenSSH and the MCP servers for SSH that the field
uses most. All take turns in one run against the same real OpenSSH servers on loopback, so that ratios mean something; milliseconds
of one machine say little about another. A quiet machine is needed: on a busy one the bridge pays for each process more than a bare
loop does. What is needed beside Node.js is what the tests need, and \`pdsh\`, \`clustershell\` and \`pssh\` for the comparison on many hosts.

\`\`\`text
${HELP}
\`\`\`

The figures are printed as they come, and written as JSON and as one page with plots that needs nothing else. A row that fails says
why, and the run ends with exit code 1. A missed target does not: it is marked ✘.

## What is measured

${ROWS.map(({ name, title, about, targets, isHeavy }) => {
  const lines = Object.values(targets).map((target) => `- ${target.what}: ${bound(target)}`)
  return [
    `### \`${name}\`: ${title}`,
    `${about}${isHeavy ? ' Only with `--heavy`.' : ''}`,
    lines.length === 0 ? 'No target: it explains the other figures.' : `Targets:\n\n${lines.join('\n')}`,
  ].join('\n\n')
}).join('\n\n')}
`
}
