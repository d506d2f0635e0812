// Which packages reach a person who installs the bridge: those inside the bundle, found from what src/ and web/ import, and those that
// are installed beside it (`dependencies`). Versions and licences are what package-lock.json says; node_modules is not asked.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'

/** Packages of old whose manifest says `licenses`, which a lock file leaves out; read in their manifests. */
const IN_AN_OLD_FORM = { buildcheck: 'MIT', 'cpu-features': 'MIT', ssh2: 'MIT' }

/** What the MCP SDK has inside itself, which no lock file knows. The source maps of the program tell; the test of packages compares. */
const HOLDER = 'node_modules/@modelcontextprotocol/server'
const INSIDE_OTHERS = [
  { name: 'ajv', version: '8.18.0', licence: 'MIT' },
  { name: 'ajv-formats', version: '3.0.1', licence: 'MIT' },
  { name: 'content-type', version: '1.0.5', licence: 'MIT' },
  { name: 'fast-deep-equal', version: '3.1.3', licence: 'MIT' },
  { name: 'fast-uri', version: '3.1.8', licence: 'BSD-3-Clause' },
  { name: 'json-schema-traverse', version: '1.0.0', licence: 'MIT' },
]

/**
 * Sorted by name and version; `inside` and `beside` may both be true. A package for one platform is in the list on all of them. What a
 * bundler leaves out of a package is not looked at: a package that is listed may be inside with one line, or with none.
 * @returns {import('./shipped-packages.d.mts').ShippedPackage[]}
 */
export function shippedPackages() {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const beside = closure(packages, Object.keys(packages[''].dependencies))
  const own = new Set(Object.keys(packages[''].dependencies))
  const inside = closure(
    packages,
    importedPackages().filter((name) => !own.has(name)),
  )
  const listed = [...new Set([...beside, ...inside])].map((path) => {
    const { version, license, integrity, optional = false } = packages[path]
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const licence = license ?? IN_AN_OLD_FORM[name]
    if (licence === undefined) throw new Error(`${path}: package-lock.json names no licence`)
    const where = { inside: inside.has(path), beside: beside.has(path) }
    return { path, name, version, licence, integrity, optional, needs: needsOf(packages, path), ...where }
  })
  const held = INSIDE_OTHERS.map((one) => {
    const where = { inside: true, beside: false }
    return { path: `${HOLDER}/node_modules/${one.name}`, ...one, optional: false, needs: [], ...where }
  })
  return [...listed, ...held].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Names of packages that the sources import, by any form of import. */
export function importedPackages() {
  const names = ['src', 'web'].filter(existsSync).flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path) && !/\.(?:test|config)\.tsx?$/.test(path))
      .flatMap((path) => specifiersIn(readFileSync(`${folder}/${path}`, 'utf8'))),
  )
  return [...new Set(names)].sort()
}

function specifiersIn(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  // What is imported for its types alone leaves nothing behind.
  const values = code.replace(/\bimport\s+type\b[^'"]*['"][^'"]+['"]/g, '')
  return [...values.matchAll(/(?:^|[\s(])(?:from|import)\s*\(?\s*['"]([^'"./][^'"]*)['"]/g)]
    .map((match) => /^(@[^/]+\/)?[^/]+/.exec(match[1])?.[0] ?? '')
    .filter((name) => name !== '' && !name.startsWith('node:') && !builtinModules.includes(name))
}

/** Paths in the lock file of the packages and of all that they bring, as Node.js would find them. */
function closure(packages, names) {
  const found = new Set()
  const visit = (path) => {
    if (found.has(path)) return
    found.add(path)
    for (const next of needsOf(packages, path)) visit(next)
  }
  for (const name of names) visit(resolve(packages, '', name))
  return found
}

function needsOf(packages, path) {
  const {
    dependencies = {},
    optionalDependencies = {},
    peerDependencies = {},
    peerDependenciesMeta = {},
  } = packages[path]
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)
  const names = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers])
  return [...names]
    .sort()
    .map((name) => resolve(packages, path, name))
    .filter((needed) => needed !== undefined)
}

function resolve(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (packages[path] !== undefined) return path
    if (folder === '') return undefined
  }
}
