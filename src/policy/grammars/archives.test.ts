import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { ARCHIVES } from './archives.ts'

testGrammars(ARCHIVES, {
  tar: {
    reads: ['tar tf x.tar', 'tar -tvzf x.tgz', 'tar --list --file=x.tar etc/hosts'],
    runs: [
      'tar xf x.tar',
      'tar cf x.tar y',
      'tar tf x.tar -I sh',
      'tar tf x.tar --checkpoint-action=exec=x',
      'tar tf x.tar --to-command=x',
      'tar tf x.tar --index-file=y',
      'tar -t',
      'tar tf host:x',
      'tar tf x.tar --rsh-command=x',
    ],
  },
  zcat: { reads: ['zcat x.gz', 'xzcat -q x.xz'], runs: ['zcat -o y x.gz', 'zstdcat -o y x'] },
  zgrep: {
    reads: ['zgrep -i error x.gz', 'zgrep -c x y.gz'],
    runs: ["zgrep 'a\nb' x.gz", 'zgrep x /var/log/*.gz', 'zgrep -f p x.gz', 'zgrep x'],
  },
  unzip: {
    reads: ['unzip -l x.zip', 'unzip -v x.zip'],
    runs: ['unzip x.zip', 'unzip -o -l x.zip', 'unzip -p x.zip'],
  },
  gzip: {
    reads: ['gzip -l x.gz', 'xz --list x.xz', 'zstd -t x.zst'],
    runs: ['gzip x', 'gzip -d x.gz', 'gzip -lk x', 'xz -dc x.xz'],
  },
})
