import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { PACKAGE_MANAGERS } from './packages.ts'

testGrammars(PACKAGE_MANAGERS, {
  apt: {
    reads: ['apt list --installed', 'apt show nginx', 'apt policy nginx'],
    runs: ['apt update', 'apt install x', 'apt -o a=b list', 'apt -c x list', 'apt list -o Dir=x'],
  },
  'apt-cache': {
    reads: ['apt-cache policy nginx', 'apt-cache search x'],
    runs: ['apt-cache gencaches', 'apt-cache -o a=b policy x', 'apt-cache -c x policy y'],
  },
  'apt-mark': { reads: ['apt-mark showhold'], runs: ['apt-mark hold x', 'apt-mark auto x'] },
  dpkg: {
    reads: [
      'dpkg -l',
      'dpkg -l "nginx*"',
      'dpkg -L nginx',
      'dpkg -S /usr/sbin/nginx',
      'dpkg --print-architecture',
    ],
    runs: [
      'dpkg -i x',
      'dpkg -r x',
      'dpkg -l --admindir=x',
      'dpkg --pre-invoke=x -l',
      'dpkg --configure -a',
      'dpkg',
    ],
  },
  'dpkg-query': {
    reads: ["dpkg-query -W -f='${Package}\\n'"],
    runs: ['dpkg-query', 'dpkg-query --admindir=x -l', 'dpkg-query --control-show x y'],
  },
  rpm: {
    reads: [
      'rpm -qa',
      'rpm -qi nginx',
      'rpm -qf /usr/sbin/nginx',
      'rpm -q --changelog nginx',
      "rpm -qa --qf '%{NAME} %{VERSION}\\n'",
    ],
    runs: [
      'rpm -e x',
      'rpm -i x',
      'rpm -V x',
      'rpm -qp http://x',
      'rpm -qa --pipe id',
      'rpm -E %x',
      "rpm -q --define 'a b' x",
      "rpm -q --qf '%{NAME:expand}' x",
      'rpm -q --eval %x',
      'rpm --dbpath x -qa',
      'rpm --root x -qa',
      'rpm --rcfile x -qa',
      'rpm -q --macros x y',
    ],
  },
  apk: {
    reads: ['apk info -v', 'apk list --installed'],
    runs: ['apk add x', 'apk info --root x', 'apk update'],
  },
  pacman: {
    reads: ['pacman -Q', 'pacman -Qi nginx'],
    runs: ['pacman -S x', 'pacman -Qp x', 'pacman -Q --hookdir x', 'pacman -R x'],
  },
  snap: { reads: ['snap list'], runs: ['snap install x', 'snap run x'] },
  flatpak: { reads: ['flatpak list'], runs: ['flatpak run x', 'flatpak install x'] },
  pip: {
    reads: ['pip list', 'pip show requests', 'pip3 --version'],
    runs: [
      'pip install x',
      'pip freeze',
      'pip list --log x',
      'pip list --outdated',
      'pip config set a b',
      'pip download x',
      'pip list -i http://x',
    ],
  },
  gem: { reads: ['gem list'], runs: ['gem install x', 'gem list -r', 'gem list --config-file x'] },
  'update-alternatives': {
    reads: ['update-alternatives --display editor'],
    runs: [
      'update-alternatives --set a b',
      'update-alternatives --display a --set b c',
      'update-alternatives --config x',
    ],
  },
  python: {
    reads: ['python3 --version', 'ruby --version'],
    runs: ['python3', 'python3 -v', 'python3 -c 1', 'python3 x.py', 'python3 -V x', 'echo x | python3'],
  },
  node: {
    reads: ['node -v', 'perl -v', 'gcc --version', 'php -v'],
    runs: ['node', 'node -e 1', 'perl -e 1', 'gcc x.c', 'php -r 1', 'make', 'node -v x'],
  },
  bash: {
    reads: ['bash --version', 'ldd --version', 'curl --version'],
    runs: ['bash', 'bash x', 'ldd /bin/ls', 'curl x', 'bash --version -c id', 'sqlite3 x'],
  },
  squid: {
    reads: ['haproxy -v', 'haproxy -vv'],
    runs: ['haproxy -f x', 'squid', 'unbound -v', 'haproxy -c -f x'],
  },
  ssh: { reads: ['ssh -V'], runs: ['ssh x', 'ssh -V x', 'ssh -o ProxyCommand=id x'] },
  java: { reads: ['java -version'], runs: ['java -jar x', 'java x', 'java -version x'] },
  go: { reads: ['go version'], runs: ['go run x', 'go version x', 'go env -w a=b'] },
})
