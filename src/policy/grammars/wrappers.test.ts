import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { WRAPPERS } from './wrappers.ts'

testGrammars(WRAPPERS, {
  timeout: {
    reads: ['timeout 5 df -h', 'timeout -s KILL 5 ls', 'timeout 5 timeout 4 ls'],
    runs: ['timeout 5', 'timeout 5 rm x', 'timeout 5 sh -c ls x'],
  },
  nice: { reads: ['nice ls', 'nice -n 19 du -sh /'], runs: ['nice', 'nice rm x'] },
  ionice: { reads: ['ionice -c 3 du -sh /', 'ionice -c3 ls'], runs: ['ionice -c 3 -p 1', 'ionice -c3 rm x'] },
  stdbuf: { reads: ['stdbuf -oL tail x'], runs: ['stdbuf -oL', 'stdbuf -oL rm x'] },
  nohup: { reads: ['nohup ls'], runs: ['nohup rm x'] },
  env: {
    reads: ['env ls', 'env -i ls'],
    runs: ['env', 'env A=b ls', 'env -S "rm x"', 'env -C / ls', 'env rm x', 'env -u X ls', 'env -S ls'],
  },
  xargs: {
    reads: [],
    runs: [
      'xargs rm',
      'xargs',
      'xargs ls',
      'xargs -a x ls',
      'xargs -I{} sort {}',
      'xargs cat --',
      'xargs -r grep x',
    ],
  },
  sudo: { reads: [], runs: ['sudo ls', 'sudo -u x ls', 'sudo -i'] },
  doas: { reads: [], runs: ['doas ls'] },
})
