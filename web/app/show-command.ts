import { button, draw, type Mood, outputBox, stateText, visible } from './draw.ts'
import { firstText, followCommand, isGoingOn } from './follow-command.ts'
import type { HostLink } from './host-link.ts'
import type { CommandStanding } from './results.ts'

/** More of one command's output than this is read with `get_command_output`; the end is what one wants to see. */
const MOST_CHARACTERS = 200_000

/**
 * One command: how it stands, what it prints as it prints it, and, while it waits for people, where they say yes. A call that was handed
 * back is followed from its beginning; one whose middle was left out is read whole.
 */
export function showCommand(first: CommandStanding, host: HostLink, signal: AbortSignal): HTMLElement[] {
  const state = draw('span', { role: 'status' })
  const about = draw('p', { class: 'quiet' })
  const approval = draw('div', { class: 'actions' })
  const actions = draw('div', { class: 'actions' })
  const box = outputBox(`Output on ${first.host}`, '')
  const shown = new Shown(box)

  const standAt = (standing: CommandStanding) => {
    const [text, mood] = stateOf(standing)
    state.replaceChildren(stateText(text, mood))
    about.replaceChildren(visible(standing.notice || standing.reason))
    about.hidden = about.textContent === ''
    approval.hidden = standing.state !== 'waiting_approval'
    actions.hidden = !isGoingOn(standing.state) || !host.canCall
    box.hidden = shown.isEmpty && standing.state === 'waiting_approval'
  }
  const fail = (why: string) => {
    about.replaceChildren(visible(why))
    about.hidden = false
    actions.hidden = true
  }

  approval.append(...approvalLink(first.approvalUrl, host))
  actions.append(
    button(first.state === 'waiting_approval' ? 'Withdraw' : 'Cancel', (pressed) => {
      pressed.disabled = true
      void host.callTool('cancel_command', { command_id: first.commandId }).then(
        (result) => {
          if (result.isError === true) fail(firstText(result.content) ?? 'It could not be cancelled.')
        },
        (error: unknown) => {
          pressed.disabled = false
          fail(String(error))
        },
      )
    }),
  )
  shown.add(first.output)
  standAt(first)
  if (host.canCall && (isGoingOn(first.state) || first.isCut)) {
    let isFirstPage = true
    const news = (standing: CommandStanding) => {
      // What the result showed is a part of the same output.
      if (isFirstPage) shown.clear()
      isFirstPage = false
      shown.add(standing.output)
      standAt(standing)
    }
    void followCommand(first.commandId, host, { news, failed: fail }, signal)
  }
  return [
    draw('div', { class: 'head' }, draw('h1', {}, first.host), state),
    draw('code', { class: 'command', tabindex: '0', role: 'region', 'aria-label': 'Command' }, first.command),
    about,
    approval,
    box,
    actions,
  ]
}

/** Output as it grows; the beginning goes when there is too much. */
class Shown {
  readonly #box: HTMLPreElement
  #text = ''

  constructor(box: HTMLPreElement) {
    this.#box = box
  }

  get isEmpty(): boolean {
    return this.#text === ''
  }

  clear(): void {
    this.#text = ''
  }

  add(text: string): void {
    const isAtEnd = this.#box.scrollTop + this.#box.clientHeight >= this.#box.scrollHeight - 4
    const all = this.#text + text
    const isTooLong = all.length > MOST_CHARACTERS
    this.#text = isTooLong ? all.slice(-MOST_CHARACTERS) : all
    this.#box.textContent = `${isTooLong ? '[what came before is not shown]\n' : ''}${visible(this.#text)}`
    if (isAtEnd) this.#box.scrollTop = this.#box.scrollHeight
  }
}

const WORDS: Readonly<Record<string, readonly [string, Mood]>> = {
  waiting_approval: ['waits for approval', 'wait'],
  queued: ['queued', 'wait'],
  running: ['running', 'wait'],
  failed: ['not run', 'bad'],
  cancelled: ['cancelled', 'bad'],
  timed_out: ['timed out', 'bad'],
  denied: ['denied', 'bad'],
  expired: ['expired', 'bad'],
  unknown: ['nobody knows how it ended: it may have run', 'bad'],
}

function stateOf({ state, exitStatus, signal }: CommandStanding): readonly [string, Mood] {
  if (state !== 'completed')
    return (Object.hasOwn(WORDS, state) ? WORDS[state] : undefined) ?? [state, 'plain']
  if (signal !== '') return [`killed by SIG${signal}`, 'bad']
  return [`exit ${exitStatus ?? '?'}`, exitStatus === 0 ? 'good' : 'bad']
}

/** Only an address of the web is offered; the client shows the person where it leads. In words it stands in what is waited for. */
function approvalLink(url: string, host: HostLink): HTMLElement[] {
  if (!/^https?:\/\//.test(url)) return []
  if (!host.canOpen) return [draw('code', {}, url)]
  return [
    button('Open the request', (pressed) => {
      void host.openLink(url).catch(() => pressed.replaceWith(draw('code', {}, url)))
    }),
  ]
}
