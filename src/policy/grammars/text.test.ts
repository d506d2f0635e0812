import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { TEXT } from './text.ts'

testGrammars(TEXT, {
  cat: { reads: ['cat', 'cat -n /etc/hosts', 'cat a b -'], runs: ['cat --what x', 'cat @x'] },
  head: {
    reads: ['head -n 20 x', 'tail -20 x', 'tail -f /var/log/syslog', 'tail -n +2 x', 'tail --follow=name x'],
    runs: ['head --who x', 'tail --follow=x y'],
  },
  grep: {
    reads: [
      'grep -i x y',
      'grep -rn x',
      'grep -e a -e b /var/log/*.log',
      'grep -A3 x y',
      'grep --include=*.c -r x .',
    ],
    runs: ['grep', 'grep --inc=x y', 'grep x [y]*$(id)'],
  },
  wc: { reads: ['wc -l x', 'cat x | wc'], runs: ['wc --files0-from=x', 'wc --files0=x'] },
  sort: {
    reads: ['sort -t: -k3,3n -u x', 'sort -rh', 'sort -S 1M x'],
    runs: [
      'sort -o x y',
      'sort -ox y',
      'sort --output=x y',
      'sort --o=x y',
      'sort -uo x y',
      'sort -T /tmp x',
      'sort --compress-program=x y',
      'sort --files0-from=x',
    ],
  },
  uniq: { reads: ['uniq -c x', 'sort x | uniq -d', 'uniq'], runs: ['uniq a b', 'uniq -c - b', 'uniq *'] },
  cut: {
    reads: ['cut -d: -f1 /etc/passwd', "cut -d' ' -f1,3-5 x", 'cut -c1-80'],
    runs: ['cut -f x y', 'cut --output=x -f1 y'],
  },
  paste: { reads: ['paste -sd, x', 'paste a b'], runs: ['paste --out x'] },
  join: { reads: ['join a b', 'comm -12 a b'], runs: ['join a', 'comm a b c'] },
  tr: { reads: ["tr -d '\\r'", 'tr a-z A-Z', 'tr -s " "'], runs: ['tr', 'tr a b c'] },
  tac: { reads: ['tac x'], runs: ['tac --output x'] },
  rev: { reads: ['rev x', 'rev'], runs: ['rev -o x'] },
  nl: { reads: ['nl x', 'nl -b a x'], runs: ['nl --output x'] },
  fold: { reads: ['fold -w 80 x', 'fmt -72 x'], runs: ['fold -o x'] },
  expand: { reads: ['expand -t 4 x', 'unexpand -a x'], runs: ['expand -o x'] },
  column: { reads: ['column -t x', 'column -s, -t'], runs: ['column --output=x y'] },
  diff: {
    reads: ['diff a b', 'diff -u a b', 'diff -rq a b'],
    runs: ['diff a', 'diff --to-file=x y', 'diff --from-file=x y', 'diff -l a b', 'diff --paginate a b'],
  },
  cmp: { reads: ['cmp a b', 'cmp -l a b'], runs: ['cmp a b c'] },
  less: {
    reads: ['less x', 'more x', 'less -N x'],
    runs: ['less -o y x', 'less --log-file=y x', 'less -k x y'],
  },
})
