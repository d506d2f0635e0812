import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Client } from '@modelcontextprotocol/client'
import { build } from 'esbuild'
import type { Browser, Frame, Locator, Page } from 'playwright-core'

/** A small client with MCP Apps: a page with a frame for the view, connected through `client` to a real bridge. */
export interface ViewPage {
  readonly page: Page
  /** Tools that the view has called, in order. */
  readonly called: { readonly name: string; readonly arguments?: Record<string, unknown> }[]
  readonly opened: string[]
  /** Whatever the page or the frame complained about, asked for, or opened. */
  readonly trouble: string[]
  /** Loads the view anew and shows what the tool answers. */
  show(name: string, args: Record<string, unknown>, options?: ShowOptions): Promise<Frame>
  /** Loads the view anew and shows this. */
  showResult(args: Record<string, unknown>, result: unknown, options?: ShowOptions): Promise<Frame>
  close(): Promise<void>
}

interface ShowOptions {
  readonly theme?: 'light' | 'dark'
  readonly variables?: Record<string, string>
  readonly width?: number
  readonly without?: readonly ('serverTools' | 'openLinks')[]
}

const VIEW_URI = 'ui://ssh-mcp-bridge/result'

/** What clients allow a view without declared domains: itself. The frame inherits it. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'none'; base-uri 'none'"

export async function openViewPage(browser: Browser, client: Client): Promise<ViewPage> {
  const { outputFiles } = await build({
    entryPoints: ['test/kit/view-host.mjs'],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    logLevel: 'error',
  })
  const script = (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script')
  const style = 'iframe { width: 100%; height: 80px; border: 0 } body { margin: 0 }'
  const html = `<!doctype html><html lang="en"><title>A client</title><style>${style}</style><body><script>${script}</script></body></html>`
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': POLICY }).end(html)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  const called: ViewPage['called'] = []
  const opened: string[] = []
  const trouble: string[] = []
  const page = await browser.newPage({ viewport: { width: 720, height: 900 } })
  page.on('pageerror', (error) => trouble.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(message.text())
  })
  page.on('dialog', (dialog) => {
    trouble.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (![address, `${address}favicon.ico`].includes(request.url()))
      trouble.push(`asked for ${request.url()}`)
  })
  await page.exposeFunction(
    'callTool',
    async (params: { name: string; arguments?: Record<string, unknown> }) => {
      called.push(params)
      return client.callTool(params)
    },
  )
  await page.exposeFunction('openedLink', (url: string) => void opened.push(url))
  await page.goto(address)
  const [view] = (await client.readResource({ uri: VIEW_URI })).contents
  const document = view !== undefined && 'text' in view ? view.text : ''

  const showResult: ViewPage['showResult'] = async (
    args,
    result,
    { theme = 'light', variables, width = 720, without = [] } = {},
  ) => {
    await page.setViewportSize({ width, height: 900 })
    const context = { theme, ...(variables && { styles: { variables } }) }
    await page.evaluate(([given, about, left]) => (window as never as InPage).showView(given, about, left), [
      document,
      context,
      without,
    ] as const)
    await page.evaluate(([asked, told]) => (window as never as InPage).showResult(asked, told), [
      args,
      result,
    ] as const)
    const frame = page.frames().find((one) => one.parentFrame() !== null)
    if (frame === undefined) throw new Error('there is no frame')
    return frame
  }
  return {
    page,
    called,
    opened,
    trouble,
    showResult,
    show: async (name, args, options) =>
      showResult(args, await client.callTool({ name, arguments: args }), options),
    async close() {
      await page.close()
      server.close()
    },
  }
}

interface InPage {
  showView(html: string, context: object, without: readonly string[]): Promise<void>
  showResult(args: object, result: unknown): Promise<void>
}

declare const window: unknown

/** WCAG findings of axe in the frame; each with the first element that it is about. */
export async function axeFindings(frame: Frame): Promise<string[]> {
  await frame.evaluate(readFileSync('node_modules/axe-core/axe.min.js', 'utf8'))
  const { violations } = (await frame.evaluate('axe.run(document)')) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[]
  }
  return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`)
}

/** What a person sees of it: text that is hidden is not in it. */
export function seen(place: Locator): Promise<string> {
  return place.innerText()
}
