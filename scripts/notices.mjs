// The licence texts of what is inside the bundle: their licences ask that the text goes where the code goes. Packages beside the
// bundle bring their own.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { shippedPackages } from './shipped-packages.mjs'

/** Writes the file; `node_modules` must be installed. Returns its name. */
export function writeNotices(folder) {
  const name = 'THIRD_PARTY_NOTICES.txt'
  const sections = shippedPackages()
    .filter(({ inside }) => inside)
    .map((shipped) => `${shipped.name} ${shipped.version} (${shipped.licence})\n\n${licenceText(shipped)}`)
  const intro = 'These packages are part of the program, whole or in part. Their authors say:'
  writeFileSync(`${folder}/${name}`, `${[intro, ...sections].join(`\n\n${'-'.repeat(78)}\n\n`)}\n`)
  return name
}

/** A few packages name their licence and enclose no text: what they say of it is all there is. */
function licenceText({ path, licence }) {
  // Not installed: for another platform, and then not inside.
  const files = existsSync(path) ? readdirSync(path) : []
  const texts = files.filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort()
  if (texts.length > 0)
    return texts.map((name) => readFileSync(`${path}/${name}`, 'utf8').trim()).join('\n\n')
  return `The package encloses no text. Its manifest names the licence: ${licence}.`
}
