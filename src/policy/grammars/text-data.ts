import type { Grammar } from '../grammar.ts'

/** What shows bytes, turns text into other text, or says something. */
export const TEXT_DATA: readonly Grammar[] = [
  {
    program: 'od',
    flags: '-a -b -c -d -f -i -l -o -s -v -x --output-duplicates --traditional',
    options: {
      '-A --address-radix -t --format': 'name',
      '-j --skip-bytes -N --read-bytes -w --width': 'number',
    },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'hexdump hd',
    flags: '-b -c -C -d -o -v -x --canonical --no-squeezing',
    options: { '-n --length -s --skip': 'number', '-e --format': 'text' },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'xxd',
    flags: '-a -b -e -i -p -ps -plain -u -E',
    bundles: false,
    options: { '-c -cols -g -l -len -s -seek': 'number' },
    // A second one would be written to.
    operands: [{ is: 'path', count: 'optional' }],
  },
  {
    program: 'strings',
    flags: '-a -f -w --all --print-file-name --include-all-whitespace',
    options: { '-n --bytes': 'number', '-t --radix': ['o', 'd', 'x'], '-e --encoding': 'name' },
    words: ['/-[0-9]+/'],
    operands: [{ is: 'path', count: 'some' }],
  },
  {
    program: 'base64 base32',
    flags: '-d -i --decode --ignore-garbage',
    options: { '-w --wrap': 'number' },
    operands: [{ is: 'path', count: 'optional' }],
  },
  {
    program: 'iconv',
    flags: '-c -l -s --list --silent',
    options: { '-f --from-code -t --to-code': '/[A-Za-z0-9_.:-]+(\\/\\/[A-Z]*)?/' },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'jq',
    flags:
      '-a -c -C -e -j -M -n -r -R -s -S -V --ascii-output --color-output --compact-output --exit-status ' +
      '--join-output --monochrome-output --null-input --raw-input --raw-output --slurp --sort-keys --stream ' +
      '--tab --version',
    options: { '--indent': 'number' },
    // `import` and `include` read other files, and can only stand at the beginning.
    operands: [
      { is: '/\\s*([.\\[{("$0-9@-]|map\\b|[a-hj-ln-z])[\\s\\S]*/', unless: '-V --version' },
      { is: 'path', count: 'any' },
    ],
  },
  {
    program: 'echo',
    // It prints what it does not know.
    flags: '-n -e -E',
    bundles: true,
    ends: false,
    words: ['/-[\\s\\S]*/'],
    operands: [{ is: 'text', count: 'any' }],
  },
  // The program, not the builtin: it sets no variable, and evaluates nothing.
  { program: 'printf', words: ['/-[\\s\\S]+/'], operands: [{ is: 'text', count: 'some' }] },
  {
    program: 'seq',
    flags: '-w --equal-width',
    options: { '-s --separator -f --format': 'text' },
    words: ['/-[0-9.]+/'],
    operands: [{ is: 'number', count: 'some' }],
  },
  {
    program: 'expr',
    bundles: false,
    ends: false,
    words: ['/-[0-9]*/'],
    operands: [{ is: 'text', count: 'some' }],
  },
  {
    program: 'numfmt',
    flags: '--grouping --debug',
    options: {
      '--from --to': ['none', 'auto', 'si', 'iec', 'iec-i'],
      '--suffix --format --field --padding --header': 'text',
      '-d --delimiter': 'text',
    },
    operands: [{ is: 'number', count: 'any' }],
  },
  { program: 'true false', operands: [{ is: 'text', count: 'any' }], words: ['/-[\\s\\S]*/'] },
  { program: 'sleep', operands: [{ is: 'number', count: 'some' }] },
]
