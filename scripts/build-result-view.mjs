// Puts web/app/ into one HTML document that needs nothing else: MCP clients show it in a frame that can reach nobody.
import { readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const NAME = 'result-view.html'

/** Writes the document into `directory` and says how it is called there. */
export async function buildResultView(directory) {
  const { outputFiles } = await build({
    entryPoints: ['web/app/main.ts', 'web/app/style.css'],
    outdir: 'view',
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  })
  const built = (ending) => {
    const file = outputFiles.find(({ path }) => path.endsWith(ending))
    if (file === undefined) throw new Error(`web/app gave no ${ending}`)
    // Inside an element of its own the text must not end that element.
    return file.text.trim().replaceAll('</', '<\\/')
  }
  const page = readFileSync('web/app/page.html', 'utf8')
    .replace('/*style*/', () => built('.css'))
    .replace('/*script*/', () => built('.js'))
  writeFileSync(`${directory}/${NAME}`, page)
  return NAME
}
