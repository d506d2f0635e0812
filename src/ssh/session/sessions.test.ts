import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localChannel } from '../../../test/kit/local-channel.ts'
import { withRoom } from '../../../test/kit/room.ts'
import { ALICE, Bench, BOB, leftovers, SHELLS, shellPath } from '../../../test/kit/session-shells.ts'

describe.each(SHELLS)('a session in %s', (shell) => {
  let bench: Bench
  let fresh = 0
  const before = leftovers()

  beforeAll(() => {
    bench = new Bench((directory) => localChannel(shellPath(shell, directory)))
  })
  afterAll(() => bench.close())

  /** A session of nobody else's, so that the tests do not meet. */
  const someone = () => {
    fresh += 1
    return { owner: `someone ${fresh}` }
  }
  const isNotDash = shell === 'bash' || shell === 'zsh'

  test('keeps directory, variables, functions, aliases, options and umask from call to call', async () => {
    const me = someone()
    await bench.run('cd /usr/lib\nplain="a  b"; export shown=yes', me)
    await bench.run('greet() { echo "hello $1"; }\nalias shout="echo LOUD"', me)
    await bench.run('set -o noglob; umask 027', me)
    const { out, code, session } = await bench.run(
      'pwd; echo "$plain"; sh -c \'echo "[$shown][$plain]"\'; greet you; shout it; echo *; umask',
      me,
    )
    expect(out).toMatch(/^\/usr\/lib\na {2}b\n\[yes\]\[\]\nhello you\nLOUD it\n\*\n0?027\n$/)
    expect([code, session.state, session.workingDirectory]).toEqual([0, 'saved', '/usr/lib'])
  })

  test('forgets what was unset, also what the login environment brings with each call', async () => {
    const me = someone()
    await bench.run('x=1; f() { :; }; alias a=b; export y=1', me)
    await bench.run('unset x HOME LANG; unset -f f; unalias a; unset y', me)
    const { out } = await bench.run(
      'echo "${x-gone} ${HOME-gone} ${LANG-gone}"; type f 2>&1 | grep -c function; alias | grep -c a=; sh -c \'echo ${y-hidden}\'',
      me,
    )
    expect(out).toBe('gone gone gone\n0\n0\nhidden\n')
  })

  test('readonly variables and the integer, array and map kinds stay what they are', async () => {
    const me = someone()
    await bench.run('readonly fixed=1', me)
    expect((await bench.run('(fixed=2) 2>/dev/null; echo $fixed', me)).out).toBe('1\n')
    if (!isNotDash) return
    await bench.run('list=(a "b c" ""); declare -A map; map[k]="v w"; declare -i n=5', me)
    const { out } = await bench.run('n=n+1; echo "${#list[@]} ${list[@]} ${map[k]} $n"', me)
    expect(out).toBe('3 a b c  v w 6\n')
  })

  test('the status of the last command is there for the next one', async () => {
    const me = someone()
    await bench.run('(exit 7)', me)
    expect((await bench.run('echo $?', me)).out).toBe('7\n')
  })

  test.each([
    ['exit 3', 3],
    ['set -e; false; echo no', 1],
    ['set -u; x=$nope_; echo no', shell === 'bash' ? 127 : shell === 'zsh' ? 1 : 2],
    ['trap "exit 5" EXIT; exit 4', 5],
    ['IFS=x; set -xv; exit 6', 6],
    ['exec >&-; exec 2>&-; exit 7', 7],
    ['unset PATH HOME; exit 8', 8],
    ['f() { exit 9; }; f', 9],
  ])('`%s` ends the call with its status and the next call works', async (command, status) => {
    const me = someone()
    await bench.run('kept=1; cd /usr', me)
    expect((await bench.run(command, me)).code).toBe(status)
    expect((await bench.run('set +exuv; unset IFS; echo "$kept" "$PWD"', me)).out).toContain('1 /usr')
  })

  test('what a command changed before it left the shell is kept', async () => {
    const me = someone()
    const left = await bench.run('cd /usr; x=2; exit 3', me)
    expect([left.code, left.session.state, left.session.workingDirectory]).toEqual([3, 'saved', '/usr'])
    expect((await bench.run('echo $x', me)).out).toBe('2\n')
  })

  test.each([
    ['exec ls /etc/hostname', 0],
    ['exec sh -c "exit 130"', 130],
    [`exec ${shell === 'ash' ? 'sh' : shell}`, 0],
    ['kill -9 $$', 'KILL'],
    ['kill $$; sleep 5', 'TERM'],
    ['kill 0; sleep 5', 'TERM'],
    ['set -n; x=3', 0],
  ])('`%s` leaves no state behind, and says that it is the one from before', async (command, end) => {
    const me = someone()
    await bench.run('x=1; cd /usr', me)
    const { code, session } = await bench.run(`x=2; cd /; ${command}`, me)
    expect([code, session.state, session.workingDirectory]).toEqual([end, 'kept', '/usr'])
    expect(session.reason).toMatch(/shell/)
    expect((await bench.run('echo $x', me)).out).toBe('1\n')
  })

  test.each(["echo 'open", 'echo "open', 'if true; then', 'x=$(', 'f() {', ')', 'cat <<E', ''])(
    'what the shell cannot read (%j) fails alone',
    async (command) => {
      const me = someone()
      await bench.run('x=1', me)
      await bench.run(command, me)
      expect((await bench.run('echo $x', me)).out).toBe('1\n')
    },
  )

  test.each([
    ['a backslash at the end', 'echo a \\'],
    ['only a comment', '# nothing'],
    ['a comment at the end', 'echo a # b'],
    ['nothing but `:`', ':'],
    ['many lines', 'for i in 1 2\ndo\n  echo $i\ndone\n\n'],
    ['here-documents', "cat <<'E'\n$x EOF\nE\ncat <<-E\n\ttab\n\tE\n"],
    ['a here-document that is not closed', 'cat <<E\nline'],
    ['carriage returns', 'echo a\r\necho b\r\n'],
    ['a reader of standard input', 'cat; read x; echo end'],
    ['quotes of every kind', `echo 'it'\\''s' "\\"" $((1+1)) \`echo b\``],
    ['text that is not ASCII', 'echo "€ü✔"'],
  ])('runs %s as the shell itself would', async (_name, command) => {
    const options = { input: '', encoding: 'utf8' } as const
    const plain = spawnSync(shellPath(shell, bench.directory), ['-c', command], options)
    const { out, code } = await bench.run(command, someone())
    expect([out, code]).toEqual([plain.stdout, plain.status])
  })

  test('nothing that a command prints is taken for the end of its output', async () => {
    const me = someone()
    const forged = `printf '%s\\n' '=0 0 ran 0 bash bash' '#end' "$(cat /proc/$PPID/cmdline /proc/$$/cmdline | tr '\\0' ' ')"
cat /proc/$PPID/fd/0 /proc/$PPID/environ 2>/dev/null | tr '\\0' '\\n' | grep -c '^=' ; cat /tmp/.ssh-mcp-bridge-*/* | grep -v '\\[nothing\\]'
x=2; exit 3`
    const { code, session } = await bench.run(forged, me)
    expect([code, session.state]).toEqual([3, 'saved'])
    expect((await bench.run('echo $x', me)).out).toBe('2\n')
  })

  test('functions and aliases that bear the names of builtins do not harm, and stay', async () => {
    const me = someone()
    const special = ['eval', 'exit', 'export', 'set', 'unset', 'trap', 'return']
    const ordinary = [
      'echo',
      'cd',
      'printf',
      'command',
      'alias',
      'unalias',
      'umask',
      'pwd',
      'type',
      'read',
      'test',
    ]
    const more = ['builtin', 'declare', 'typeset', 'shopt', 'emulate', 'print', 'setopt', 'source']
    const names = [...ordinary, ...(isNotDash ? [...special, ...more] : [])]
    await bench.run(`x=1; ${names.map((name) => `${name}() { :; }`).join('\n')}`, me)
    await bench.run('x=2', me)
    const { out, session } = await bench.run('/bin/echo $x; echo nothing; pwd', me)
    expect([out, session.state, session.workingDirectory]).toEqual(['2\n', 'saved', '/tmp'])

    const other = someone()
    const aliased = [
      'echo',
      'cd',
      'printf',
      'set',
      'eval',
      'return',
      'unset',
      'exec',
      'case',
      ':',
      'export',
      'alias',
    ]
    await bench.run(aliased.map((name) => `\\alias ${name}=false`).join('\n'), other)
    await bench.run('x=5', other)
    expect((await bench.run('/bin/echo $x', other)).out).toBe('5\n')
  })

  test('a readonly PWD or IFS, a closed descriptor, a trap on every signal: nothing breaks', async () => {
    const me = someone()
    await bench.run('readonly PWD; readonly IFS; exec 1>&-', me)
    await bench.run('trap "" TERM INT; trap "x=9" EXIT; y=1', me)
    expect((await bench.run('echo $y', me)).out).toBe('1\n')
  })

  test('a directory that is removed is not silently replaced by another', async () => {
    const me = someone()
    const path = `${bench.directory}/gone`
    mkdirSync(path)
    await bench.run(`cd '${path}'`, me)
    rmdirSync(path)
    const { err, session } = await bench.run('touch here', me)
    expect(err).toContain('cannot be entered any more')
    expect(err).toContain('No such file')
    expect(session.workingDirectory).toBe(path)
    mkdirSync(path)
    expect((await bench.run('pwd', me)).out).toBe(`${path}\n`)
  })

  test('a working directory is entered first; one that cannot be entered stops the command', async () => {
    const me = someone()
    expect((await bench.run('pwd', { ...me, workingDirectory: '/usr/lib' })).out).toBe('/usr/lib\n')
    expect((await bench.run('pwd', { ...me, workingDirectory: '../bin' })).out).toBe('/usr/bin\n')
    expect((await bench.run('pwd', { ...me, workingDirectory: '~' })).out).toBe('/tmp\n')
    const { code, out, err } = await bench.run('echo ran', { ...me, workingDirectory: "/no'where" })
    expect([code, out]).toEqual([125, ''])
    expect(err).toContain("cannot change to the working directory /no'where; the command was not run")
  })

  test('20,000 fast lines, 3 MB of one character and bytes that are no text arrive whole', async () => {
    const me = someone()
    const lines = await bench.run('i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done', me)
    expect(lines.out).toBe(Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join(''))
    const euros = await bench.run('yes € | head -n 750000 | tr -d "\\n"', me)
    expect(euros.out === '€'.repeat(750_000)).toBe(true)
    const bytes = await bench.run("v=$(printf '\\377\\376'); printf '\\377\\000\\200x'", me)
    expect([...bytes.bytes]).toEqual([255, 0, 128, 120])
    expect([...(await bench.run('printf %s "$v"', me)).bytes]).toEqual([255, 254])
  })

  test('background jobs neither delay the answer nor get into the state', async () => {
    const me = someone()
    const startedMs = performance.now()
    const flood = `(while :; do echo flood; done) & (sleep 20; echo late) &
echo $! >'${bench.directory}/pid'; x=$(head -c 20000 /dev/zero | tr '\\0' z); sleep 0.1; exit 3`
    const { code, session } = await bench.run(flood, me)
    expect(performance.now() - startedMs).toBeLessThan(withRoom(1_500))
    process.kill(Number(readFileSync(`${bench.directory}/pid`, 'utf8')), 'SIGKILL')
    expect([code, session.state]).toEqual([3, 'saved'])
    expect((await bench.run('echo ${#x}', me)).out).toBe('20000\n')
  })

  test('a state that cannot be restored costs one call, which is not run', async () => {
    const me = someone()
    await bench.run('x=1', me)
    const kept = [...bench.store.kept.values()].find(({ session }) => session.owner === me.owner)
    if (kept === undefined) throw new Error('it was not kept')
    const state = JSON.parse(kept.session.state ?? '{}')
    const broken = { ...state, sections: { ...state.sections, aliases: "a='b'\n", functions: 'exit 1\n' } }
    broken.functions = { f: 'f() { exit 1; }; exit 1' }
    kept.session = { ...kept.session, state: JSON.stringify(broken) }
    bench.restart()
    const { code, err, out } = await bench.run('echo ran', me)
    expect([code, out]).toEqual([125, ''])
    expect(err).toContain('the session begins anew')
    expect((await bench.run('echo "[$x]"', me)).code).toBe(0)
  })

  test('a state above 1 MiB is not kept, one of 200 kB is', async () => {
    const me = someone()
    const grow = (bytes: number) => `x=$(head -c ${bytes} /dev/zero | tr '\\0' z)`
    expect((await bench.run(grow(200_000), me)).session.state).toBe('saved')
    const { session } = await bench.run(grow(1_100_000), me)
    expect([session.state, session.reason]).toEqual(['kept', 'the new state is larger than 1 MiB'])
    expect((await bench.run('echo ${#x}', me)).out).toBe('200000\n')
  })

  test('a call that is ended by force keeps the state from before and leaves nothing behind', async () => {
    const me = someone()
    await bench.run('x=1', me)
    const { code, out, session } = await bench.run('x=2; echo started; sleep 30', { ...me, timeoutMs: 700 })
    expect([code, out, session.state]).toEqual(['timed_out', 'started\n', 'kept'])
    expect((await bench.run('echo $x', me)).out).toBe('1\n')
  })

  test('continues after a restart of the bridge', async () => {
    const me = someone()
    await bench.run('cd /usr; x=1; f() { echo "f $x"; }', me)
    bench.restart()
    expect((await bench.run('pwd; f', me)).out).toBe('/usr\nf 1\n')
  })

  test('two people never meet', async () => {
    await Promise.all([
      bench.run('x=a; cd /usr', { owner: ALICE }),
      bench.run('x=b; cd /etc', { owner: BOB }),
    ])
    const [a, b] = await Promise.all([
      bench.run('echo $x; pwd', { owner: ALICE }),
      bench.run('echo $x; pwd', { owner: BOB }),
    ])
    expect([a.out, b.out]).toEqual(['a\n/usr\n', 'b\n/etc\n'])
  })

  test('sourced files and long commands work', async () => {
    const me = someone()
    writeFileSync(`${bench.directory}/lib.sh`, 'from_file=1\nreturn 0\n')
    const long = `: '${'x'.repeat(300_000)}'; . '${bench.directory}/lib.sh'; echo $from_file`
    expect((await bench.run(long, me)).out).toBe('1\n')
  })

  test('a command that removes our directory was run all the same', async () => {
    const me = someone()
    await bench.run('x=1', me)
    const removeOurs = `rm -rf "$(tr '\\0' '\\n' </proc/$$/cmdline | sed -n 's,/enter$,,p')"`
    for (const [end, status] of [
      ['exit 3', 3],
      ['(exit 4)', 4],
      ['true', 0],
    ] as const) {
      const { code, out, session } = await bench.run(`x=2; ${removeOurs}; echo ran; ${end}`, me)
      expect([code, out, session.state]).toEqual([status, 'ran\n', 'kept'])
    }
    expect((await bench.run('echo $x', me)).out).toBe('1\n')
  })

  test('nothing is left on the host', async () => {
    // Other tests may be running: theirs go by themselves.
    const found = leftovers().filter((name) => !before.includes(name))
    await expect.poll(() => found.filter((name) => leftovers().includes(name))).toEqual([])
  })
})
