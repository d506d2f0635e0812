import { button, draw, outputBox, stateText, visible } from './draw.ts'
import { firstText } from './follow-command.ts'
import type { HostLink } from './host-link.ts'
import type { FanOut, Group } from './results.ts'

/** Longer lists of names are counted. */
const MOST_NAMES = 60
const PAGE_BYTES = 65_536

/** What came out on many hosts: equal results once, differences first and open. */
export function showFanOut(result: FanOut, host: HostLink): HTMLElement[] {
  const succeeded = result.counts.find(([kind]) => kind === 'succeeded')?.[1] ?? 0
  const others = result.counts.filter(([kind]) => kind !== 'succeeded')
  const hosts = result.selected === 1 ? '1 host' : `${result.selected} hosts`
  const summary = `${succeeded} of ${hosts} succeeded`
  const rest = others.map(([kind, count]) => `${count} ${kind.replaceAll('_', ' ')}`).join(', ')
  return [
    draw(
      'div',
      { class: 'head' },
      draw('h1', {}, hosts),
      draw('span', { role: 'status' }, stateText(summary, result.success ? 'good' : 'bad')),
      rest === '' ? undefined : draw('span', { class: 'quiet' }, rest),
    ),
    draw(
      'code',
      { class: 'command', tabindex: '0', role: 'region', 'aria-label': 'Command' },
      result.command,
    ),
    ...result.groups.map((group) => showGroup(group, host)),
    ...omitted(result, host),
    ...(result.skipped.length === 0
      ? []
      : [draw('p', { class: 'quiet' }, `Nothing was run on ${names(result.skipped)}.`)]),
  ]
}

function showGroup(group: Group, host: HostLink): HTMLElement {
  const hosts = names(group.hosts)
  const [first] = group.commandIds
  const box = outputBox(`Output on ${hosts}`, group.output)
  const whole =
    group.isCut && first !== undefined && host.canCall
      ? button('Show all of it', (pressed) => void readInto(box, first, pressed, host))
      : undefined
  const details = draw(
    'details',
    {},
    draw(
      'summary',
      {},
      stateText(group.ending, group.success ? 'good' : 'bad'),
      draw('span', {}, hosts),
      group.count > 1 ? draw('span', { class: 'quiet' }, `(${group.count} hosts)`) : undefined,
    ),
    draw(
      'div',
      { class: 'group' },
      group.reason === '' ? undefined : draw('p', {}, group.reason),
      group.output === '' ? draw('p', { class: 'quiet' }, 'No output.') : box,
      whole,
    ),
  )
  details.open = !group.success
  return details
}

function omitted({ omitted: left }: FanOut, host: HostLink): HTMLElement[] {
  if (left.length === 0) return []
  const rows = left.slice(0, MOST_NAMES).map(({ host: name, commandId }) => {
    const box = outputBox(`Output on ${name}`, '')
    box.hidden = true
    const show = button(`Show ${name}`, (pressed) => {
      box.hidden = false
      void readInto(box, commandId, pressed, host)
    })
    return draw('div', { class: 'group' }, host.canCall ? show : draw('span', {}, name), box)
  })
  const summary = draw('summary', {}, `${left.length} more results`)
  return [draw('details', {}, summary, ...rows)]
}

async function readInto(
  box: HTMLPreElement,
  commandId: string,
  pressed: HTMLButtonElement,
  host: HostLink,
): Promise<void> {
  pressed.disabled = true
  try {
    const args = { command_id: commandId, max_bytes: PAGE_BYTES }
    const { isError, content, structuredContent } = await host.callTool('get_command_output', args)
    const output = structuredContent?.output
    box.textContent = visible(
      isError !== true && typeof output === 'string' ? output : (firstText(content) ?? 'It cannot be read.'),
    )
    pressed.remove()
  } catch (error) {
    pressed.disabled = false
    box.textContent = visible(String(error))
  }
}

function names(hosts: readonly string[]): string {
  const rest = hosts.length - MOST_NAMES
  return `${hosts.slice(0, MOST_NAMES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
