import xterm from '@xterm/headless'
import { describe, expect, test } from 'vitest'
import { AS_USUAL, SafeOutput } from './safe-output.ts'

const ESC = '\x1b'
const ST = `${ESC}\\`

/** What a hostile host may have printed, and what is left of it between the words around it. */
const HOSTILE: readonly (readonly [what: string, printed: string, left?: string])[] = [
  ['a title', `${ESC}]0;pwned\x07`],
  ['a title, ended by ST', `${ESC}]2;pwned${ST}`],
  ['a title pushed and popped by a window operation', `${ESC}[22;0t${ESC}[23;0t`],
  ['a title asked for', `${ESC}[21t`],
  ['a link', `${ESC}]8;;file:///etc/passwd${ST}click${ESC}]8;;${ST}`, 'click'],
  ['the clipboard', `${ESC}]52;c;cm0gLXJmIC8=\x07`],
  ['the clipboard asked for', `${ESC}]52;c;?\x07`],
  ['a directory', `${ESC}]7;file://evil/${ST}`],
  ['a notification', `${ESC}]9;look\x07${ESC}]777;notify;a;b\x07`],
  ['a palette', `${ESC}]4;1;?\x07${ESC}]10;?\x07${ESC}]104\x07`],
  ['a file', `${ESC}]1337;File=name=a:AAAA\x07`],
  ['DCS, that asks for a setting', `${ESC}P$qm${ST}`],
  ['DCS, that is passed through tmux', `${ESC}Ptmux;${ESC}${ESC}]52;c;AAAA\x07${ST}`],
  ['sixels', `${ESC}Pq#0;2;0;0;0~~@@${ST}`],
  ['APC', `${ESC}_Gf=100;AAAA${ST}`],
  ['PM', `${ESC}^secret${ST}`],
  ['SOS', `${ESC}Xsecret${ST}`],
  ['a string that CAN ends', `${ESC}]0;pwned\x18`],
  ['a string that another sequence ends', `${ESC}]0;pwned${ESC}[31m`, `${ESC}[31m`],
  ['a status report', `${ESC}[5n${ESC}[6n${ESC}[?6n`],
  ['device attributes', `${ESC}[c${ESC}[>c${ESC}[=c${ESC}[0c${ESC}Z`],
  ['a version asked for', `${ESC}[>q`],
  ['settings asked for', `${ESC}[?2004$p${ESC}[?4m${ESC}[x${ESC}[?u`],
  ['C1: OSC', '\x9d0;pwned\x9c', '0;pwned'],
  ['C1: CSI', '\x9b5n', '5n'],
  ['C1: DCS, SOS, PM, APC', '\x90a\x98b\x9ec\x9fd', 'abcd'],
  ['bracketed paste', `${ESC}[?2004h`],
  ['mouse modes', `${ESC}[?1000h${ESC}[?1002;1003;1006h${ESC}[?9h${ESC}[?1001h`],
  ['reports of focus', `${ESC}[?1004h`],
  ['keys', `${ESC}[?1h${ESC}=${ESC}[>4;2m${ESC}[>1u${ESC}[=1u`],
  ['a printer', `${ESC}[5i${ESC}[?5i`],
  ['a soft reset', `${ESC}[!p`],
  ['a cursor of another form', `${ESC}[5 q`],
  ['what was scrolled away', `${ESC}[3J${ESC}[03J${ESC}[3;0J${ESC}[3:1J`],
  ['a window', `${ESC}[8;1;1t${ESC}[?3h${ESC}[?40h`],
  ['a locked keyboard, insertion', `${ESC}[2h${ESC}[4h`],
  ['a private mode among harmless ones', `${ESC}[?25;2004;1000l`, `${ESC}[?25l`],
  ['modes that are saved and put back', `${ESC}[?2004s${ESC}[?2004r`],
  ['other character sets', `${ESC}%G${ESC}n${ESC}o${ESC}|${ESC}N${ESC}O`],
  ['a test picture', `${ESC}#8`],
  ['a bell, an enquiry, other controls', '\x07\x05\0\x0b\x0c\x11\x13\x7f\x85'],
  ['a sequence with a control in it', `${ESC}[3\n1m`, '1m'],
  ['a sequence without end', `${ESC}[${'1;'.repeat(500)}t`],
  ['intermediates without end', `${ESC}${'('.repeat(500)}0`],
  ['escapes upon escapes', `${ESC}${ESC}${ESC}[6n`],
]

/** What programs do that people want to see. */
const LEGAL: readonly (readonly [what: string, printed: string])[] = [
  ['text in many scripts', 'grüße 日本語 👩‍💻\r\n\ttab\b'],
  ['colours', `${ESC}[31mred${ESC}[0m${ESC}[1;38;5;208m${ESC}[48;2;1;2;3m${ESC}[4:3m${ESC}[m`],
  ['moves of the cursor', `${ESC}[H${ESC}[5;10H${ESC}[2A${ESC}[B${ESC}[3C${ESC}[D${ESC}[7G${ESC}[4d`],
  ['erasing', `${ESC}[J${ESC}[0J${ESC}[1J${ESC}[2J${ESC}[K${ESC}[2K${ESC}[4X`],
  ['inserting, deleting, scrolling', `${ESC}[2L${ESC}[M${ESC}[3P${ESC}[@${ESC}[2S${ESC}[T`],
  ['a region', `${ESC}[2;10r${ESC}[r`],
  ['a saved cursor', `${ESC}7${ESC}8${ESC}[s${ESC}[u`],
  ['lines of boxes', `${ESC}(0lqk${ESC}(B\x0eqq\x0f`],
  ['the alternate screen', `${ESC}[?1049hvim${ESC}[?1049l`],
  ['a hidden cursor', `${ESC}[?25l${ESC}[?25h`],
  ['an index', `${ESC}D${ESC}M${ESC}E`],
]

/** Whole, and cut at every place, and one by one. */
function waysOf(text: string): readonly (readonly string[])[] {
  const cuts = Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)])
  return [[text], ...cuts, [...text]]
}

function shown(parts: readonly string[], keeps: 'harmless' | 'text' = 'harmless'): string {
  const safe = new SafeOutput(keeps)
  return parts.map((part) => safe.push(part)).join('')
}

describe('what a host printed', () => {
  test.each(HOSTILE)('does nothing to the terminal that it is played on: %s', (_, printed, left = '') => {
    for (const parts of waysOf(`before ${printed} after`)) expect(shown(parts)).toBe(`before ${left} after`)
  })

  test.each(LEGAL)('is played as it was: %s', (_, printed) => {
    for (const parts of waysOf(`before ${printed} after`))
      expect(shown(parts)).toBe(`before ${printed} after`)
  })

  test('never asks the terminal anything, nor sets its title, whatever stands beside what', async () => {
    const all = [...HOSTILE, ...LEGAL].map(([, printed]) => printed)
    const terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true, logLevel: 'off' })
    const told: string[] = []
    terminal.onData((data) => told.push(data))
    terminal.onTitleChange((title) => told.push(title))
    const written = (text: string) => new Promise<void>((resolve) => terminal.write(text, resolve))
    await written(all.join(''))
    expect(told).not.toEqual([])
    told.length = 0
    const safe = new SafeOutput('harmless')
    terminal.reset()
    for (const one of all) for (const other of all) await written(safe.push(`${one}${other.slice(0, -1)}`))
    expect(told).toEqual([])
    expect(terminal.modes).toMatchObject({ bracketedPasteMode: false, mouseTrackingMode: 'none' })
    terminal.dispose()
  })

  test('moves the cursor by no more than a screen has, so that no number keeps a terminal busy', () => {
    expect(shown([`${ESC}[999999999999S${ESC}[5C`])).toBe(`${ESC}[9999S${ESC}[5C`)
  })

  test('is, as text, without sequences and moves', () => {
    for (const [, printed] of [...HOSTILE, ...LEGAL])
      expect(shown([printed], 'text')).not.toMatch(/[\0-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]/)
    expect(shown([`${ESC}[1mbold${ESC}[0m N\bNA\r\n`], 'text')).toBe('bold NNA\r\n')
  })
})

describe('a terminal on which was played', () => {
  const screenAfter = async (printed: string, end: (safe: SafeOutput) => string) => {
    const terminal = new xterm.Terminal({ cols: 20, rows: 6, allowProposedApi: true })
    const safe = new SafeOutput('harmless')
    const text = `own 1\r\nown 2\r\n${safe.push(printed)}${end(safe)}\r\n$ `
    await new Promise<void>((resolve) => terminal.write(text, resolve))
    const { active } = terminal.buffer
    const rows = Array.from({ length: 6 }, (_, row) =>
      active.getLine(active.baseY + row)?.translateToString(true),
    )
    const { originMode, wraparoundMode } = terminal.modes
    const result = { rows, type: active.type, originMode, wraparoundMode, cursorY: active.cursorY }
    terminal.dispose()
    return result
  }

  const usual = { type: 'normal', originMode: false, wraparoundMode: true }

  test.each([
    ['a line', 'shown', ['own 1', 'own 2', 'shown', '$ ', '', '']],
    [
      'a screen that was not left',
      `${ESC}[?1049h${ESC}[2J${ESC}[5;1Hvim`,
      ['own 1', 'own 2', '', '$ ', '', ''],
    ],
  ])('goes on where it was after %s', async (_, printed, rows) => {
    expect(await screenAfter(printed, (safe) => safe.asBefore())).toMatchObject({ ...usual, rows })
  })

  test.each([
    ['a region', `${ESC}[2;3r`],
    ['another origin', `${ESC}[?6h`],
    ['no wrapping', `${ESC}[?7l${ESC}[2;3r`],
  ])('has its whole screen after %s, and goes on below', async (_, printed) => {
    const after = await screenAfter(printed, (safe) => safe.asBefore())
    expect(after).toMatchObject({ ...usual, cursorY: 5 })
    expect(after.rows.at(-1)).toBe('$ ')
    const raw = await screenAfter(printed, () => AS_USUAL)
    expect(raw).toMatchObject({ ...usual, cursorY: 5 })
  })
})
