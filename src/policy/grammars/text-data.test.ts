import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { TEXT_DATA } from './text-data.ts'

testGrammars(TEXT_DATA, {
  od: { reads: ['od -c x', 'od -A x -t x1 x'], runs: ['od --output x'] },
  hexdump: { reads: ['hexdump -C x', 'hd x'], runs: ['hexdump -f format x'] },
  xxd: { reads: ['xxd x', 'xxd -p', 'xxd -l 16 x'], runs: ['xxd a b', 'xxd -r a', 'xxd -r -p a b'] },
  strings: { reads: ['strings -n 8 x', 'strings -a x'], runs: ['strings', 'strings @x', 'strings -T x y'] },
  base64: { reads: ['base64 x', 'base64 -d', 'base32 -w 0 x'], runs: ['base64 a b'] },
  iconv: {
    reads: ['iconv -f latin1 -t utf8 x', 'iconv -l', 'iconv -t ASCII//TRANSLIT x'],
    runs: ['iconv -o y x', 'iconv --output=y x', 'iconv -f ../../x y'],
  },
  jq: {
    reads: ['jq . x', 'jq -r ".items[].name" x', "jq 'map(select(.a > 1))' x", "jq 'keys' x", 'jq --version'],
    runs: [
      'jq \'import "a" as $a; .\' x',
      'jq \' include "a"; .\' x',
      'jq -f x y',
      'jq --rawfile a b .',
      'jq -L d . x',
      'jq',
    ],
  },
  echo: {
    reads: ['echo hello', 'echo -n x', 'echo -e "a\\n"', 'echo --help', 'echo'],
    runs: ['echo $(id)', 'echo x > y', 'echo $x'],
  },
  printf: { reads: ["printf '%s\\n' a b", 'printf -v x'], runs: ['printf "$x"'] },
  seq: { reads: ['seq 10', 'seq -w 1 2 9', 'seq 5 -1 1'], runs: ['seq a'] },
  expr: { reads: ['expr 1 + 2', 'expr 5 - 3'], runs: ['expr'] },
  numfmt: { reads: ['numfmt --to=iec 123'], runs: ['numfmt --what 1'] },
  true: { reads: ['true', 'false x'], runs: ['true > x'] },
  sleep: { reads: ['sleep 1', 'sleep 0.5s'], runs: ['sleep x'] },
})
