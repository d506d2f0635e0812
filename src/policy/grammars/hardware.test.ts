import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { HARDWARE } from './hardware.ts'

testGrammars(HARDWARE, {
  lscpu: { reads: ['lscpu', 'lscpu -e', 'lscpu --extended=CPU'], runs: ['lscpu -s x', 'lscpu --sysroot=x'] },
  lspci: {
    reads: ['lspci -nn', 'lspci -vvv -s 00:02.0'],
    runs: [
      'lspci -H1',
      'lspci -q',
      'lspci -Q',
      'lspci -p x',
      'lspci -i x',
      'lspci -O a=b',
      'lspci -F x',
      'lspci -M',
    ],
  },
  lsusb: { reads: ['lsusb -t'], runs: ['lsusb -D x'] },
  lsmem: { reads: ['lsmem'], runs: ['lsmem --sysroot x'] },
  lsmod: { reads: ['lsmod'], runs: ['lsmod x'] },
  modinfo: { reads: ['modinfo kvm', 'modinfo -F version kvm'], runs: ['modinfo', 'modinfo -b x y'] },
  lshw: { reads: ['lshw -short', 'lshw -C network'], runs: ['lshw -X', 'lshw -dump x', 'lshw -sql x'] },
  lsscsi: { reads: ['lsscsi -s'], runs: ['lsscsi -y x'] },
  dmidecode: {
    reads: ['dmidecode -t memory', 'dmidecode -s system-serial-number'],
    runs: ['dmidecode --dump-bin x', 'dmidecode --from-dump x', 'dmidecode -d x'],
  },
  sensors: { reads: ['sensors'], runs: ['sensors -s', 'sensors -c x'] },
  'nvidia-smi': {
    reads: ['nvidia-smi', 'nvidia-smi -L', 'nvidia-smi --query-gpu=name --format=csv'],
    runs: ['nvidia-smi -pm 1', 'nvidia-smi -f x', 'nvidia-smi -r', 'nvidia-smi --gpu-reset'],
  },
  uname: { reads: ['uname -a'], runs: ['uname x'] },
  arch: { reads: ['arch'], runs: ['arch x'] },
  lsb_release: { reads: ['lsb_release -a'], runs: ['lsb_release x'] },
  getconf: { reads: ['getconf LONG_BIT', 'getconf -a', 'getconf PATH_MAX /'], runs: ['getconf -v x y'] },
  ipmitool: {
    reads: ['ipmitool sensor', 'ipmitool sel list'],
    runs: [
      'ipmitool sel clear',
      'ipmitool chassis power off',
      'ipmitool -H x sensor',
      'ipmitool sensor thresh a b c',
      'ipmitool power off',
    ],
  },
  rfkill: { reads: ['rfkill list', 'rfkill'], runs: ['rfkill block all'] },
  upower: { reads: ['upower -d', 'upower -i /org/x'], runs: ['upower', 'upower --monitor'] },
})
