import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { PROCESSES } from './processes.ts'

testGrammars(PROCESSES, {
  ps: {
    reads: ['ps', 'ps aux', 'ps -ef', 'ps -eo pid,cmd --sort=-%mem', 'ps axo pid,user', 'ps -p 1', 'ps auxf'],
    runs: ['ps --delete', 'ps -eo'],
  },
  pgrep: {
    reads: ['pgrep nginx', 'pgrep -fa python', 'pgrep -u www -l'],
    runs: ['pgrep --signal KILL x', 'pgrep -F x', 'pkill x'],
  },
  pidof: { reads: ['pidof sshd', 'pidof -s nginx'], runs: ['pidof'] },
  pstree: { reads: ['pstree -p', 'pstree -ap 1'], runs: ['pstree --what'] },
  top: { reads: ['top -b -n 1', 'top -bn1 -o %MEM'], runs: ['top', 'top -n 1', 'top -b -W'] },
  uptime: { reads: ['uptime', 'uptime -p'], runs: ['uptime x'] },
  w: { reads: ['w', 'w -h root'], runs: ['w a b'] },
  free: { reads: ['free -m', 'free -h -s 1 -c 2'], runs: ['free x'] },
  vmstat: { reads: ['vmstat 1 5', 'vmstat -s'], runs: ['vmstat 1 2 3'] },
  iostat: { reads: ['iostat -x 1 3', 'mpstat -P ALL 1 1'], runs: ['iostat -f /x'] },
  pidstat: { reads: ['pidstat 1 3', 'pidstat -p 1'], runs: ['pidstat -e id'] },
  sar: { reads: ['sar -u 1 3', 'sar -n DEV'], runs: ['sar -o x 1 1'] },
  lsof: {
    reads: ['lsof -i :80', 'lsof -nP -iTCP -sTCP:LISTEN', 'lsof +D /var/log', 'lsof -p 1', 'lsof -i tcp:22'],
    runs: ['lsof -D b/x', 'lsof -k x', 'lsof -m x'],
  },
  fuser: {
    reads: ['fuser -v /var/log', 'fuser 80/tcp', 'fuser -n tcp 80'],
    runs: ['fuser -k x', 'fuser -vk x', 'fuser -TERM x', 'fuser -km x'],
  },
  pmap: { reads: ['pmap 1', 'pmap -x 1'], runs: ['pmap', 'pmap -n', 'pmap -N x 1'] },
  pwdx: { reads: ['pwdx 1'], runs: ['pwdx x'] },
  nproc: { reads: ['nproc', 'nproc --all'], runs: ['nproc x'] },
  slabtop: { reads: ['slabtop -o'], runs: ['slabtop'] },
  numactl: {
    reads: ['numactl --hardware', 'numactl -s'],
    runs: ['numactl', 'numactl -H ls', 'numactl --interleave=all ls'],
  },
  ipcs: { reads: ['ipcs', 'ipcs -m', 'lsipc'], runs: ['ipcrm -m 1', 'ipcs x'] },
  prlimit: {
    reads: ['prlimit --pid 1', 'prlimit -p 1 --nofile'],
    runs: ['prlimit --pid 1 --nofile=5', 'prlimit ls', 'prlimit --pid 1 -n5', 'prlimit --nofile ls'],
  },
  lsns: { reads: ['lsns', 'lslocks -J', 'lslogins'], runs: ['lsns x'] },
  taskset: {
    reads: ['taskset -p 1', 'taskset -cp 1'],
    runs: ['taskset 1 ls', 'taskset -p 1 2', 'taskset -c 0 ls'],
  },
  chrt: { reads: ['chrt -p 1', 'chrt -m'], runs: ['chrt -p 10 1', 'chrt 10 ls', 'chrt -b -p 0 1'] },
})
