import { type ShippedPackage, shippedPackages } from './shipped-packages.mjs'

/** What may be shipped: licences that ask for nothing but their text. Another one is a decision, and a line here. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Unlicense',
])

/** docs/LICENSES.md: every package that reaches a person who installs the bridge. Throws where a licence is not allowed. */
export function licencesPage(packages: readonly ShippedPackage[] = shippedPackages()): string {
  for (const { name, version, licence } of packages)
    if (!ALLOWED.has(licence))
      throw new Error(
        `${name} ${version} has the licence ${licence}; allowed are ${[...ALLOWED].join(', ')} (scripts/licences-page.ts)`,
      )
  const inside = packages.filter((shipped) => shipped.inside)
  const beside = packages.filter((shipped) => shipped.beside && !shipped.optional)
  const where = packages.filter((shipped) => shipped.beside && shipped.optional)
  return `# Licences

<!-- Generated from package-lock.json and the imports of the sources by \`npm run docs\`. -->

The bridge is under the [MIT licence](../LICENSE). It is shipped with ${packages.length} packages of others, under ${spoken(packages)}; none under
another one, or \`npm run docs\` fails. The same list for programs: \`npm run sbom\` writes \`build/sbom.cdx.json\` (CycloneDX 1.5). The Docker image
holds Node.js and Debian besides, under their own.

## Inside the program

Bundled into \`dist/\`, whole or in part, what they had bundled themselves included; their texts are in \`dist/THIRD_PARTY_NOTICES.txt\`.

${table(inside)}

## Installed beside it

In \`node_modules\`, with their texts.

${table(beside)}

## Where it helps or the platform needs it

One native part of SQLite and one of password hashing for each platform, of which npm installs the one that fits; and what speeds ssh2 up where
there is a compiler.

${table(where)}
`
}

function table(packages: readonly ShippedPackage[]): string {
  const rows = new Set(
    packages.map(({ name, version, licence }) => `| \`${name}\` | ${version} | ${licence} |`),
  )
  return `| package | version | licence |\n| --- | --- | --- |\n${[...rows].join('\n')}`
}

/** The licences with how often each is there, the most frequent first. */
function spoken(packages: readonly ShippedPackage[]): string {
  const counts = new Map<string, number>()
  for (const { licence } of packages) counts.set(licence, (counts.get(licence) ?? 0) + 1)
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  return sorted.map(([licence, count]) => `${licence} (${count})`).join(', ')
}
