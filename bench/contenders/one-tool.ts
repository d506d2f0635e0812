import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { part, type Stage } from '../stage.ts'
import type { Contender } from './contender.ts'

export const BUNDLED = 'SDK, one tool, bundled'

/** The smallest honest server on the SDK, as it is and bundled: what a start costs at least. */
export function oneTool(stage: Stage): Contender[] {
  const outfile = join(stage.folder(), 'one-tool.mjs')
  const require =
    "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);"
  buildSync({
    entryPoints: [part('one-tool-server.mjs')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    banner: { js: require },
  })
  const server = (name: string, path: string): Contender => ({
    name,
    kind: 'yardstick',
    command: [process.execPath, path],
    env: {},
  })
  return [server(BUNDLED, outfile), server('SDK, one tool', part('one-tool-server.mjs'))]
}
