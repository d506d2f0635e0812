import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { processesWith } from '../../../test/kit/remote-processes.ts'
import { withRoom } from '../../../test/kit/room.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { PLAIN_SHELL, reading, terminalRunner, textOf } from '../../../test/kit/terminal-runner.ts'
import { hostName } from '../../domain/host.ts'

const WEB = hostName('web-server')
const keyOf = (name: string) => JSON.stringify(['none', name])
const ALICE = keyOf('alice')

let sshd: Sshd
let kit: ReturnType<typeof terminalRunner>
let folder: string
let session: string

beforeAll(async () => {
  sshd = await startSshd({ config: [PLAIN_SHELL] })
  kit = terminalRunner([sshd.target('web-server', { allowsTerminal: true })], {
    limits: { maxSessionsPerHost: 10 },
  })
  folder = mkdtempSync(join(tmpdir(), 'bridge-terminal-'))
  session = await kit.opened()
})

// What a failed test left behind is no other test's.
afterEach(async () => {
  // What is typed behind a C-c is thrown away by the host while it ends what ran.
  await kit.use(session, { type: '<C-c>', pattern: '^ready> $', waitMs: 2_000 })
  const left = await kit.use(session, { type: 'clear<Enter>', pattern: '^ready> $', waitMs: 2_000 })
  if (!('waited' in left) || left.waited !== 'pattern') session = await kit.opened()
})

afterAll(async () => {
  kit?.close()
  await sshd?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Reads on until nothing is left that was not read. */
async function readAll(): Promise<string> {
  const some = reading(await kit.use(session, { read: 'changes', quietMs: 50 }))
  return textOf(some) + (some.unreadLines > 0 ? await readAll() : '')
}

describe('what needs a terminal', () => {
  test('a command is typed and its output read', async () => {
    const used = await kit.use(session, { type: 'echo $((6*7)); tty<Enter>' })
    expect(textOf(used)).toMatch(/^ready> echo \$\(\(6\*7\)\); tty\n42\n\/dev\/pts\/\d+\nready>\n$/)
    expect(reading(used)).toMatchObject({
      waited: 'quiet',
      isAlive: true,
      isFullScreen: false,
      cursor: { column: 7, row: 3 },
    })
  })

  test('a file is edited and saved in vi', async () => {
    const path = join(folder, 'edited.txt')
    writeFileSync(path, 'first\nsecond\nthird\n')
    const shown = await kit.use(session, { type: `vi -u NONE ${path}<Enter>`, pattern: 'third' })
    expect(reading(shown)).toMatchObject({ waited: 'pattern', isFullScreen: true })
    const typed = await kit.use(session, { type: '<Down>ofresh<Escape>', pattern: '^fresh$' })
    expect(textOf(typed)).toMatch(/^first\nsecond\nfresh\nthird\n~\n/)
    const saved = await kit.use(session, { type: ':wq<Enter>', pattern: '^ready> $' })
    expect(reading(saved)).toMatchObject({ waited: 'pattern', isFullScreen: false })
    expect(readFileSync(path, 'utf8')).toBe('first\nsecond\nfresh\nthird\n')
  })

  test('a question is waited for and answered without an echo', async () => {
    const asked = await kit.use(session, {
      type: 'read -rsp "Your word: " w; echo<Enter>',
      pattern: '^Your word: $',
    })
    expect(reading(asked).waited).toBe('pattern')
    await kit.use(session, { type: 'swordfish<Enter>', pattern: '^ready> $' })
    const told = await kit.use(session, { type: 'echo "$w" | rev; clear<Enter>', read: 'changes' })
    expect(textOf(told)).not.toContain('swordfish')
    expect(textOf(await kit.use(session, { type: 'echo "$w" | rev<Enter>' }))).toContain('\nhsifdrows\n')
  })

  test('C-c ends what runs, and the shell goes on', async () => {
    const before = performance.now()
    await kit.use(session, { type: 'sleep 300; : mark-terminal<Enter>', quietMs: 100 })
    const ended = await kit.use(session, { type: '<C-c>', pattern: '^ready> $' })
    expect(reading(ended).waited).toBe('pattern')
    expect(performance.now() - before).toBeLessThan(withRoom(5_000))
    expect(textOf(await kit.use(session, { type: 'echo next<Enter>' }))).toContain('\nnext\n')
  })

  test('the arrow keys edit a line and go through the history', async () => {
    await kit.use(session, { type: 'echo one two<Enter>', pattern: '^one two$' })
    const again = await kit.use(session, {
      type: '<Up><M-b>big-<C-e>!<Home><Delete><Delete><Delete><Delete>printf<Enter>',
    })
    expect(textOf(again)).toContain('ready> printf one big-two!\n')
  })

  test.each([
    ['normal', '\\033[?1l', '^[[A^[[D^[[H'],
    ['application', '\\033[?1h', '^[OA^[OD^[OH'],
  ])('cursor keys are sent in %s mode when a program asks for it', async (_mode, sequence, seen) => {
    await kit.use(session, { type: `printf '${sequence}'; stty -icanon; cat -v<Enter>`, quietMs: 400 })
    const keys = await kit.use(session, { type: '<Up><Left><Home>' })
    await kit.use(session, { type: `<C-c>printf '\\033[?1l'; stty sane<Enter>`, pattern: '^ready> $' })
    expect(textOf(keys)).toContain(seen)
  })

  test('a text of many lines is typed as if Enter ended each', async () => {
    const type =
      'cat > $HOME/.terminal-test-$$ <<E\nfirst\r\nsecond\nE\ncat $HOME/.terminal-test-$$; rm $HOME/.terminal-test-$$\n'
    const used = await kit.use(session, { input: [{ kind: 'text', text: type }], pattern: '^second$' })
    expect(textOf(used)).toContain('rm $HOME/.terminal-test-$$\nfirst\nsecond\n')
  })

  test('a new size reaches the program', async () => {
    const used = await kit.use(session, {
      resize: { columns: 132, rows: 40 },
      type: 'stty size<Enter>',
      pattern: '^40',
    })
    expect(textOf(used)).toContain('\n40 132\n')
    const back = await kit.use(session, {
      resize: { columns: 80, rows: 24 },
      type: 'stty size<Enter>',
      pattern: '^24',
    })
    expect(reading(back)).toMatchObject({ columns: 80, rows: 24, waited: 'pattern' })
  })

  test('a list that grows is read once: what is new, and what was left for later', async () => {
    await readAll()
    const some = await kit.use(session, { type: 'seq 1 3; echo; echo end<Enter>', read: 'changes' })
    expect(textOf(some)).toBe('ready> seq 1 3; echo; echo end\n1\n2\n3\n\nend\nready>\n')
    expect(textOf(await kit.use(session, { read: 'changes', quietMs: 50 }))).toBe('')
    const screen = await kit.use(session, { type: 'seq 1 1200<Enter>', pattern: '^1200$' })
    expect(reading(screen).unreadLines).toBeGreaterThan(1_100)
    const all = await readAll()
    const numbers = all.split('\n').filter((line) => /^\d+$/.test(line))
    expect(numbers.slice(0, 1_100)).toEqual(Array.from({ length: 1_100 }, (_, index) => String(index + 1)))
    expect(all).not.toContain('\n1200\n1200\n')
  })

  test('lines that nobody can read any more are counted', async () => {
    await readAll()
    await kit.use(session, { type: 'seq 1 5000<Enter>', pattern: '^5000$' })
    const { lostLines } = reading(await kit.use(session, { read: 'changes', quietMs: 50 }))
    const before = reading(
      await kit.use(session, { type: 'seq 1 5000<Enter>', pattern: '^ready> $', read: 'changes' }),
    )
    expect(lostLines + before.lostLines).toBeGreaterThan(2_900)
    expect(lostLines + before.lostLines).toBeLessThan(6_100)
  })

  test('a line that was broken by the margin reads as one', async () => {
    await readAll()
    const used = await kit.use(session, { type: 'printf "%0200d\\n" 7<Enter>', read: 'changes' })
    expect(textOf(used)).toContain(`\n${'0'.repeat(199)}7\n`)
  })
})

describe('the wait', () => {
  test('is over when the line comes, not when it was there before, and finds one that has scrolled by', async () => {
    await kit.use(session, { type: 'echo marker<Enter>', pattern: '^marker$' })
    const late = await kit.use(session, {
      type: 'sleep 0.7; seq 1 900; echo mar""ker; seq 1 900<Enter>',
      pattern: '^marker$',
    })
    expect(reading(late).waited).toBe('pattern')
    const old = await kit.use(session, { type: ':<Enter>', pattern: '^marker$', waitMs: 300 })
    expect(reading(old).waited).toBe('time')
  })

  test('without anything typed finds what stands on the screen', async () => {
    await kit.use(session, { type: 'echo standing<Enter>', pattern: '^standing$' })
    expect(reading(await kit.use(session, { pattern: '^standing$' })).waited).toBe('pattern')
  })

  test('is over in time while a program prints without end', async () => {
    const before = performance.now()
    const used = await kit.use(session, { type: 'yes<Enter>', waitMs: 500 })
    expect(reading(used)).toMatchObject({ waited: 'time', isAlive: true })
    expect(performance.now() - before).toBeLessThan(withRoom(2_500))
  })

  test('given up ends neither the terminal nor what runs in it, and nothing counts as read', async () => {
    await readAll()
    const given = new AbortController()
    const uses = () => kit.terminals.list(ALICE).find(({ id }) => id === session)?.commands ?? 0
    const before = uses()
    const waiting = kit.use(session, {
      type: 'sleep 0.5; echo lat""er<Enter>',
      pattern: 'never',
      signal: given.signal,
      read: 'changes',
    })
    await expect.poll(uses).toBe(before + 1)
    given.abort(new Error('the client has gone'))
    expect(reading(await waiting).waited).toBe('cancelled')
    const next = await kit.use(session, { pattern: '^later$', read: 'changes' })
    expect(textOf(next)).toContain('sleep 0.5')
    expect(textOf(next)).toContain('\nlater\n')
  })

  test('calls at one terminal take turns', async () => {
    const results = await Promise.all(
      ['one', 'two', 'three'].map((word) =>
        kit.use(session, { type: `echo ${word}-$((1+1))<Enter>`, pattern: `^${word}-2$` }),
      ),
    )
    expect(results.map((result) => reading(result).waited)).toEqual(['pattern', 'pattern', 'pattern'])
    const last = await kit.use(session, { quietMs: 50 })
    expect(textOf(last)).toMatch(/one-2\n[\s\S]*two-2\n[\s\S]*three-2\n/)
  })

  test.each([
    ['a key that does not exist', { type: '<Entre>' }, /no such key: "Entre"\. There are Enter Tab/],
    [
      'a control character in a text',
      { input: [{ kind: 'text', text: 'a\x03' }] },
      /U\+0003: give it as a key/,
    ],
    ['NUL in a text', { input: [{ kind: 'text', text: '\0' }] }, /U\+0000/],
    ['C1 in a text', { input: [{ kind: 'text', text: '\x9b' }] }, /U\+009B/],
    ['a book for a text', { input: [{ kind: 'text', text: 'x'.repeat(70_000) }] }, /at most 65536 bytes/],
    ['a pattern that is none', { pattern: '(' }, /pattern: .*RE2/],
    ['a pattern with a back-reference', { pattern: '(a)\\1' }, /RE2/],
    ['a pattern as long as a page', { pattern: 'x'.repeat(300) }, /longer than 256/],
  ] as const)('%s is refused, and nothing is typed', async (_what, using, why) => {
    const refused = await kit.use(session, using)
    expect(refused).toMatchObject({
      kind: 'not_started',
      code: 'bad_request',
      message: expect.stringMatching(why),
    })
    expect(textOf(await kit.use(session, { quietMs: 100 }))).toBe('ready>\n')
  })
})

describe('what a host prints', () => {
  test('is never answered: no question of it types anything', async () => {
    const asks =
      '\\033[c\\033[>c\\033[=c\\033[5n\\033[6n\\033[?6n\\033Z\\033[18t\\033[21t\\005\\033[?1$p\\033]10;?\\007\\033P$qm\\033\\\\'
    const used = await kit.use(session, {
      type: `printf '${asks}'; IFS= read -rsn1 -t 1 x; echo "[$x]"<Enter>`,
      pattern: '^\\[',
    })
    expect(textOf(used)).toMatch(/^\[\]$/m)
  })

  test('may be a hundred megabytes while other calls are as quick as ever', async () => {
    const quick = async () => {
      const before = performance.now()
      await kit.run('true')
      return performance.now() - before
    }
    await quick()
    const before = process.memoryUsage.rss()
    const flood = kit.use(session, {
      type: 'head -c 100000000 /dev/zero | tr "\\0" "y"; echo; echo do""ne<Enter>',
      pattern: '^done$',
      waitMs: 3_000,
    })
    const took = [await quick(), await quick(), await quick()].sort((a, b) => a - b)
    expect(took[1]).toBeLessThan(withRoom(1_500))
    await flood
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024)
  })
})

describe('the end of a terminal', () => {
  test('comes with its shell: the last screen and the exit status are told once', async () => {
    const short = await kit.opened()
    const ended = await kit.use(short, { type: 'echo last; exit 7<Enter>', pattern: 'never' })
    expect(reading(ended)).toMatchObject({ waited: 'ended', isAlive: false, exitStatus: 7 })
    expect(textOf(ended)).toContain('\nlast\n')
    expect(await kit.use(short)).toMatchObject({ code: 'session_not_found' })
  })

  test('between two calls is told by the next', async () => {
    const owner = 'bob'
    const short = await kit.opened({ owner })
    await kit.use(short, { owner, type: 'kill -9 $$<Enter>', quietMs: 0, waitMs: 0 })
    await expect.poll(() => kit.terminals.count(keyOf(owner), WEB)).toBe(0)
    const ended = await kit.use(short, { owner, type: 'echo never<Enter>' })
    expect(reading(ended)).toMatchObject({ isAlive: false, ended: expect.stringContaining('KILL') })
  })

  test('by close_session hangs up what runs in it', async () => {
    const short = await kit.opened()
    const mark = 'mark-hung-up'
    await kit.use(short, { type: `sh -c 'sleep 300; : ${mark}'<Enter>` })
    expect(processesWith(mark)).not.toEqual([])
    expect(kit.terminals.close(ALICE, WEB, short)).toBe(true)
    expect(await kit.use(short)).toMatchObject({ code: 'session_not_found' })
    await expect.poll(() => processesWith(mark)).toEqual([])
  })
})
