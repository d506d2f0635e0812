/** What a command may have at most. */
export const MOST_COMMAND_BYTES = 65_536

const filled = (start: string, piece: string, end = '') =>
  start + piece.repeat(Math.floor((MOST_COMMAND_BYTES - start.length - end.length) / piece.length)) + end
export const nested = (open: string, times: number, close: string) => open.repeat(times) + close.repeat(times)

/** Commands of 64 KB that are hard to read, and their names. */
export const HOSTILE_COMMANDS: readonly (readonly [string, string])[] = [
  ['commands', filled('', 'a;')],
  ['lines', filled('', 'a\n')],
  ['stages', filled('a', '|a')],
  ['alternatives', filled('a', '||a')],
  ['words', filled('ls', ' a')],
  ['flags', filled('ls', ' -l')],
  ['letters of one flag', filled('ls -', 'l')],
  ['a long word', filled('ls ', 'a')],
  ['empty quotes', filled('ls ', "''")],
  ['backslashes', filled('ls ', '\\a')],
  ['stars', filled('ls ', '*')],
  ['words with stars', filled('ls', ' a*')],
  ['brackets', filled('ls ', '[')],
  ['brackets and an end', filled('ls ', '[a', ']')],
  ['braces', filled('ls ', '{a,b}')],
  ['words with braces', filled('ls', ' {a,b}')],
  ['variables', filled('ls ', '$x')],
  ['substitutions', filled('ls', ' $(a)')],
  ['backticks', filled('ls ', '``')],
  ['expansions with patterns', filled('ls ', '${a/b/c}')],
  ['here-documents', filled('cat', ' <<E', '\nE')],
  ['here-documents that follow', filled('', 'cat <<E\nE\n')],
  ['redirections', filled('ls', ' 2>&1')],
  ['files opened', filled('ls', ' </a')],
  ['assignments', filled('', 'a=1 ')],
  ['negations', filled('', '! ', 'ls')],
  ['sums', filled('echo $((1', '+1', '))')],
  ['wrappers', filled('', 'timeout 5 ', 'ls')],
  ['elevations', filled('', 'sudo ', 'ls')],
  ['evaluations', filled('', 'eval ', 'ls')],
  ['a text for a shell', filled("sh -c '", 'ls;', "'")],
  ['programs for files found', filled('find .', ' -exec ls \\;')],
  ['changes of directory', filled('', 'cd a;')],
  ['10,000 substitutions in each other', nested('$(a ', 10_000, ')')],
  ['10,000 quoted substitutions in each other', nested('"$(a ', 9_000, ')"')],
  ['10,000 groups in each other', nested('(', 10_000, ')')],
  ['10,000 blocks in each other', nested('{ ', 10_000, '; }')],
  ['10,000 conditions in each other', 'if '.repeat(10_000)],
  ['10,000 defaults in each other', `ls ${nested('${a:-', 10_000, '}')}`],
  ['10,000 sums in each other', `ls $((${nested('(', 10_000, ')')}))`],
  ['10,000 tests in each other', `[[ ${nested('( ', 10_000, ' )')} ]]`],
  ['10,000 extended patterns in each other', `ls ${nested('@(', 10_000, ')')}`],
  ['10,000 coprocesses in each other', 'coproc '.repeat(9_000)],
  ['long words in substitutions in each other', `ls ${nested('$(a '.padEnd(6_000, 'b'), 9, ')')}`],
]
