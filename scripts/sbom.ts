// Writes build/sbom.cdx.json: the packages that reach a person who installs the bridge, as CycloneDX 1.5. `npm sbom --omit=dev` is no
// help: it leaves out what development uses too, and cannot know what is inside the bundle.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { grouped } from '../src/lib/grouped.ts'
import { type ShippedPackage, shippedPackages } from './shipped-packages.mjs'

const { name, version, description, license, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
const packages = shippedPackages()
const references = new Map(packages.map((shipped) => [shipped.path, refOf(shipped)]))
// The same package may lie in several places; it is one component.
const same = grouped(packages, refOf)
const components = [...same.values()].map(component)
const edges = new Map<string, Set<string>>()
for (const shipped of packages) {
  const needs = edges.get(refOf(shipped)) ?? new Set()
  for (const path of shipped.needs) needs.add(references.get(path) ?? path)
  edges.set(refOf(shipped), needs)
}
const own = `${name}@${version}`
const direct = packages.filter((shipped) => shipped.inside || shipped.name in dependencies).map(refOf)

const sbom = {
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    lifecycles: [{ phase: 'build' }],
    component: {
      'bom-ref': own,
      type: 'application',
      name,
      version,
      description,
      licenses: [{ license: { id: license } }],
      purl: `pkg:npm/${name}@${version}`,
    },
  },
  components: components,
  dependencies: [
    { ref: own, dependsOn: [...new Set(direct)] },
    ...[...edges].map(([ref, needs]) => ({ ref, dependsOn: [...needs].sort() })),
  ],
}

mkdirSync('build', { recursive: true })
writeFileSync('build/sbom.cdx.json', `${JSON.stringify(sbom, null, 2)}\n`)
const inside = packages.filter((shipped) => shipped.inside).length
console.log(`build/sbom.cdx.json: ${components.length} packages, ${inside} of them inside the program`)

function refOf(shipped: ShippedPackage): string {
  return `${shipped.name}@${shipped.version}`
}

function component(copies: readonly ShippedPackage[]) {
  const [first] = copies
  if (!first) throw new Error('a package without a place')
  const integrity = copies.find((one) => one.integrity !== undefined)?.integrity
  return {
    'bom-ref': refOf(first),
    type: 'library',
    name: first.name,
    version: first.version,
    scope: first.optional ? 'optional' : 'required',
    ...(integrity !== undefined && { hashes: [digest(integrity)] }),
    licenses: [{ license: { id: first.licence } }],
    purl: `pkg:npm/${first.name.replace('@', '%40')}@${first.version}`,
    properties: [{ name: 'ssh-mcp-bridge:where', value: placesOf(copies) }],
  }
}

function digest(integrity: string) {
  const [algorithm = '', content = ''] = integrity.split('-')
  return { alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(content, 'base64').toString('hex') }
}

function placesOf(copies: readonly ShippedPackage[]): string {
  const places = [
    copies.some(({ inside }) => inside) ? ['dist'] : [],
    copies.some(({ beside }) => beside) ? ['node_modules'] : [],
  ]
  return places.flat().join(' and ')
}
