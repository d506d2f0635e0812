import { draw, stateText } from './draw.ts'
import { firstText } from './follow-command.ts'
import { type HostContext, type HostLink, linkHost, type ToolResult } from './host-link.ts'
import { commandOf, fanOutOf } from './results.ts'
import { showCommand } from './show-command.ts'
import { showFanOut } from './show-fan-out.ts'

/** The view of one result of a tool. It shows what it is told, asks the bridge only through its client, and keeps nothing. */

const view = document.getElementById('view') ?? document.body
let showing = new AbortController()

function show(...elements: readonly HTMLElement[]): void {
  view.replaceChildren(...elements)
}

function showResult(result: ToolResult, host: HostLink): void {
  showing.abort()
  showing = new AbortController()
  const body = result.structuredContent ?? {}
  const fanOut = result.isError === true ? undefined : fanOutOf(body)
  const command = result.isError === true ? undefined : commandOf(body)
  if (fanOut !== undefined) show(...showFanOut(fanOut, host))
  else if (command !== undefined) show(...showCommand(command, host, showing.signal))
  else
    show(
      draw(
        'p',
        { role: 'status' },
        stateText(
          result.isError === true ? 'Refused or failed' : 'Result',
          result.isError === true ? 'bad' : 'plain',
        ),
      ),
      draw('p', {}, firstText(result.content) ?? 'There is nothing to show.'),
    )
}

function showAsked(args: Readonly<Record<string, unknown>>): void {
  const hosts = Array.isArray(args.hosts) ? args.hosts.map(String).join(', ') : String(args.host ?? '')
  show(
    draw(
      'div',
      { class: 'head' },
      draw('h1', {}, hosts),
      draw('span', { role: 'status' }, stateText('asked', 'wait')),
    ),
    draw('code', { class: 'command' }, String(args.command ?? '')),
  )
}

function useContext({ theme, styles }: HostContext): void {
  const root = document.documentElement
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
  for (const [name, value] of Object.entries(styles?.variables ?? {}))
    if (/^--[a-z0-9-]+$/.test(name) && typeof value === 'string') root.style.setProperty(name, value)
}

/** Until the client says which, and where it never does. */
if (window.matchMedia('(prefers-color-scheme: dark)').matches) document.documentElement.dataset.theme = 'dark'
show(draw('p', { role: 'status', class: 'quiet' }, 'Waiting for the result…'))

// What comes before the client has said hello is shown once it has.
let early: ToolResult | undefined
let link: HostLink | undefined
link = await linkHost({
  input: showAsked,
  result(result) {
    if (link === undefined) early = result
    else showResult(result, link)
  },
  cancelled: (reason) =>
    show(draw('p', { role: 'status' }, stateText('cancelled', 'bad')), draw('p', {}, reason)),
  context: useContext,
  ended: () => showing.abort(),
})
if (early !== undefined) showResult(early, link)
