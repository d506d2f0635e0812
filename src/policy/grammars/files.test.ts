import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { FILES } from './files.ts'

testGrammars(FILES, {
  ls: {
    reads: ['ls', 'ls -la /var/log', 'ls -ltr --time-style=long-iso /etc ~', 'ls -d /var/log/*.log'],
    runs: ['ls --hyper', 'ls -D', 'ls $(id)', 'ls > x'],
  },
  find: {
    reads: [
      'find',
      'find /var -name "*.log" -mtime -1',
      'find . -type f ! -name x -o -size +1M',
      'find /etc -type f -exec grep -l x {} +',
      'find /etc -maxdepth 1 -printf "%p\\n"',
    ],
    runs: [
      'find . -delete',
      'find . -exec rm {} \\;',
      'find . -ok ls \\;',
      'find . -fprint x',
      'find . -fls x',
      'find -files0-from x',
      'find . -name x -exec sh -c x \\;',
      'find . -exec uniq {} +',
      'find . -type q',
    ],
  },
  stat: {
    reads: ['stat /etc/passwd', 'stat -c "%a %n" /etc/shadow', 'stat -f /'],
    runs: ['stat', 'stat --unknown x'],
  },
  file: {
    reads: ['file /bin/ls', 'file -b --mime-type /etc/hosts'],
    runs: ['file -C -m x', 'file -f names', 'file -z x.gz', 'file -p x', 'file -m x y'],
  },
  readlink: {
    reads: ['readlink -f /etc/mtab', 'realpath --relative-to=/etc /etc/passwd'],
    runs: ['readlink', 'readlink --quiet=x y'],
  },
  basename: { reads: ['basename /etc/hosts .x', 'dirname /etc/hosts'], runs: ['basename'] },
  pwd: { reads: ['pwd', 'pwd -P'], runs: ['pwd x > y'] },
  du: {
    reads: ['du -sh /var/log', 'du -h --max-depth=1', 'du -X list /srv'],
    runs: ['du --files0-from=x', 'du --max-depth=many'],
  },
  tree: {
    reads: ['tree -L 2 /etc', 'tree -a -I node_modules'],
    runs: ['tree -o x', 'tree -R -L 1', 'tree --fromfile x'],
  },
  md5sum: {
    reads: ['md5sum /etc/hosts', 'sha256sum -b a b', 'cksum'],
    runs: ['md5sum -c list', 'sha256sum --check list', 'cksum --files0-from=x'],
  },
  getfacl: { reads: ['getfacl /var/www', 'getfacl -R /srv'], runs: ['getfacl', 'getfacl --restore=x'] },
  lsattr: { reads: ['lsattr', 'lsattr -d /etc'], runs: ['lsattr -x'] },
  namei: { reads: ['namei -l /etc/hosts', 'namei -om /etc'], runs: ['namei'] },
  getcap: { reads: ['getcap /bin/ping', 'getcap -r /usr/bin'], runs: ['getcap'] },
  which: { reads: ['which nginx', 'which -a ls cat'], runs: ['which -x ls'] },
  whereis: { reads: ['whereis nginx', 'whereis -b ls'], runs: ['whereis -f ls'] },
  test: {
    reads: ['test -f /etc/hosts', 'test 1 -eq 2', 'test ! -d /x -a -r /y'],
    runs: ['test -v x', 'test -R x'],
  },
  '[': { reads: ['[ -f /etc/hosts ]', '[ "a" = "b" ]'], runs: ["[ -v 'a[$(id)]' ]"] },
})
