import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * What stands in a scratch folder: things to read, and what a program would be told to start by a file: it makes the file `mark` there.
 * `evil.*` does so by itself, in the language that its name says.
 */
export function writeScratchFiles(folder: string): void {
  const mark = join(folder, 'mark')
  const evil = join(folder, 'evil.sh')
  const touch = `/usr/bin/touch ${mark}`

  const files: Record<string, string> = {
    'data.txt': 'one\ntwo two\nthree\n',
    'long.txt': 'a line\n'.repeat(300),
    'data.json': '{"a": 1}\n',
    'data.yaml': 'a: 1\n',
    'data.patch': '--- data.txt\n+++ data.txt\n@@ -1,1 +1,1 @@\n-one\n+1\n',
    'names.txt': 'data.txt\n',
    marks: `${mark}\n`,
    magic: '0 string one A FILE\n',
    secret: 'canary-5b1f0c7e\n',
    victim: 'still here\n',
    held: '',
    disk: '\0'.repeat(2 * 1024 * 1024),
    known_hosts: 'x ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE1hcmsgb2YgYSBrZXkgdGhhdCBub2JvZHkgaGFzIQ==\n',
    'two/a': '1\n1\n2\n',
    'two/b': '3\n',
    'names/w mark': 'x\n',
    'evil.awk': `BEGIN { system("${touch}") }\n`,
    'evil.sed': `w ${mark}\n`,
    'evil.vim': `call system("${touch}")\n`,
    'evil.gdb': `shell ${touch}\n`,
    'evil.mk': `$(shell ${touch})\nx:\n`,
    'evil.cjs': `require('fs').writeFileSync('${mark}', '')\n`,
    'evil.sqlite': `.shell ${touch}\n`,
    'evil.nse': `os.execute("${touch}")\naction = function() end\nportrule = function() return true end\n`,
    'evil.1': '.TH EVIL 1\n.SH NAME\nevil \\- a page\n',
    'python/evil.py': `open('${mark}', 'w')\n`,
    'perl/Evil.pm': `package Evil; system '${touch}'; 1;\n`,
    'home/.gitconfig': `[core]\n\tfsmonitor = ${evil}\n`,
    'home/.config/git/config': `[core]\n\tfsmonitor = ${evil}\n`,
    'home/.curlrc': `output = ${mark}\n`,
    curlrc: `url = file:///etc/hostname\noutput = ${mark}\n`,
    wgetrc: `output_document = ${mark}\nlogfile = ${mark}\n`,
    ssh_config: `Match exec "${touch}"\nHost *\n\tProxyCommand ${touch}\n`,
    'openssl.cnf': `openssl_conf = a\n[a]\nengines = b\n[b]\nx = c\n[c]\nengine_id = x\ndynamic_path = ${folder}/evil.so\ninit = 0\n`,
    'apt.conf': [
      `APT::Update::Pre-Invoke { "${evil}"; };`,
      'Debug::NoLocking "true";',
      'Dir::Etc::SourceList "/dev/null";',
      'Dir::Etc::SourceParts "/dev/null";',
      `Dir::State::Lists "${folder}/empty";`,
      '',
    ].join('\n'),
    macros: `%x %(${touch})\n`,
    rpmrc: `macrofiles: ${folder}/macros\n`,
    'nginx.conf': `daemon off;\nmaster_process off;\npid ${mark};\nerror_log ${mark};\nevents {}\n`,
    'sysctl.conf': 'kernel.domainname = evil\n',
    'root/etc/systemd/system/x.target': '[Unit]\nDescription=x\n',
    'root/etc/systemd/system/x.service':
      '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
    kubeconfig: [
      'apiVersion: v1',
      'kind: Config',
      'clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}]',
      'contexts: [{name: a, context: {cluster: a, user: a}}]',
      'current-context: a',
      'users:',
      '  - name: a',
      `    user: {exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: ${evil}}}`,
      '',
    ].join('\n'),
    'package/package.json': `{"name": "evil", "version": "1.0.0", "scripts": {"evil": "${touch}", "test": "${touch}"}}\n`,
    'package/DEBIAN/control':
      'Package: evil\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: x\n',
    'globs/sort/-omark': '',
    'globs/sort/data.txt': 'b\na\n',
    'globs/find/+first': '',
    'globs/find/-delete': '',
    'globs/sed/-i': '',
    'globs/sed/data.txt': 'one\ntwo\n',
    'globs/tar/--checkpoint=1': '',
    'globs/tar/--checkpoint-action=exec=sh evil.sh': '',
    'globs/tar/evil.sh': `${touch}\n`,
    'globs/tree/-o': '',
    'globs/tree/mark': 'x\n',
    'globs/less/data.txt': 'x\n',
    'globs/git/--output=mark': '',
    'globs/date/-s2020-01-01': '',
    'globs/split/--filter=touch mark': '',
    'globs/split/data.txt': 'x\n',
    'dpkg/status': '',
    'dpkg/info/format': '1\n',
    'dpkg/updates/x': '',
  }
  for (const [path, text] of Object.entries(files)) write(folder, path, text)
  for (const path of ['empty', 'own-home']) mkdirSync(join(folder, path))

  const script = `#!/bin/sh\n${touch}\n`
  for (const path of [
    'evil.sh',
    'parts/evil',
    'globs/bin/evil',
    ...['uptime', 'ls', 'git-evil', 'git-remote-evil', 'kubectl-evil'].map((name) => `bin/${name}`),
  ])
    write(folder, path, script, 0o755)
  const plugin = `{"SchemaVersion": "0.1.0", "Vendor": "x", "Version": "1", "ShortDescription": "x"}`
  write(
    folder,
    'docker/cli-plugins/docker-evil',
    `#!/bin/sh\n[ "$1" = docker-cli-plugin-metadata ] && echo '${plugin}' && exit\n${touch}\n`,
    0o755,
  )
}

function write(folder: string, path: string, text: string, mode = 0o644): void {
  const whole = join(folder, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, text, { mode })
  chmodSync(whole, mode)
}
