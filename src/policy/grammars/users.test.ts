import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { USERS } from './users.ts'

testGrammars(USERS, {
  id: { reads: ['id', 'id -un', 'id www-data'], runs: ['id --what'] },
  whoami: { reads: ['whoami'], runs: ['whoami x'] },
  groups: { reads: ['groups', 'groups root'], runs: ['groups --what'] },
  who: { reads: ['who', 'who -b', 'users'], runs: ['who a b c'] },
  last: { reads: ['last -n 10', 'last -x shutdown', 'last -20', 'lastb'], runs: ['last --what'] },
  lastlog: { reads: ['lastlog', 'lastlog -u root'], runs: ['lastlog -C -u root', 'lastlog -S -u root'] },
  logname: { reads: ['logname'], runs: ['logname x'] },
  finger: { reads: ['finger', 'finger ann'], runs: ['finger ann@host'] },
  chage: { reads: ['chage -l root'], runs: ['chage root', 'chage -M 1 root', 'chage -l root -E 0'] },
  passwd: {
    reads: ['passwd -S root', 'passwd -S -a'],
    runs: ['passwd', 'passwd root', 'passwd -d root', 'passwd -l root', 'passwd -S -l root'],
  },
  crontab: {
    reads: ['crontab -l', 'crontab -l -u root'],
    runs: ['crontab', 'crontab -r', 'crontab -e', 'crontab x', 'crontab -l -r', 'crontab -'],
  },
  atq: { reads: ['atq'], runs: ['atrm 1'] },
  date: {
    reads: ['date', 'date +%s', 'date -u "+%F %T"', 'date -d yesterday +%F', 'date -Iseconds'],
    runs: [
      'date -s x',
      'date -sx',
      'date --set=x',
      'date 01010000',
      'date -us x',
      'date -f x',
      'date --file=x',
      'date --se x',
    ],
  },
  cal: { reads: ['cal', 'cal -3 2024'], runs: ['cal --what'] },
  chronyc: {
    reads: ['chronyc sources -v', 'chronyc -n tracking'],
    runs: [
      'chronyc',
      'chronyc makestep',
      'chronyc -m sources makestep',
      'chronyc -h x tracking',
      'chronyc -a tracking',
    ],
  },
  ntpq: { reads: ['ntpq -p', 'ntpq -pn'], runs: ['ntpq', 'ntpq -c x', 'ntpq -p evil.example'] },
  hwclock: {
    reads: ['hwclock --show'],
    runs: ['hwclock', 'hwclock -w', 'hwclock -s', 'hwclock --show -w', 'hwclock --set --date=x'],
  },
  locale: { reads: ['locale -a'], runs: ['locale', 'locale x'] },
  tty: { reads: ['tty'], runs: ['tty x'] },
})
