import { GUARDS } from '../test/guards/list.ts'

/** docs/GUARDS.md: every guard and the test that holds it. */
export function guardsPage(): string {
  const sections = Object.entries(GUARDS).map(([area, guards]) => {
    const rows = guards.map(
      ({ name, file, test, title }) =>
        `| \`${name}\` | \`${file}\` | ${title.replace(/\|/g, '\\|')} | \`${test}\` |`,
    )
    return `## ${area}\n\n| guard | where | the test that is red without it | in |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
  })
  const count = Object.values(GUARDS).flat().length
  return `# Guards

<!-- Generated from test/guards/ by \`npm run docs\`. -->

A guard is a check without which something bad would get through. \`npm run guards\` switches each of these ${count} off in turn, in a copy of the project, and
runs the test named beside it, which has to be red then and green with it. \`npm test\` checks that every \`// guard:\` of the code is in this list, and
that what the list names is there.

${sections.join('\n')}`
}
