import type { Check } from './check.ts'
import { failure, ok, type Said, warning } from './finding.ts'
import type { HostSight, ReachFault } from './host-eyes.ts'
import type { Look } from './look.ts'

/** Apart by more than this, one-time codes, Kerberos and the order of logs suffer. */
const APART_S = 60

const REACH_FIX: Readonly<Record<ReachFault, (host: string) => string>> = {
  unknown_name: (host) => `Correct hosts[].host of ${host}: its name leads to no address here.`,
  refused: (host) => `Start sshd there (systemctl start ssh), or correct hosts[].port of ${host}.`,
  silent: (host) =>
    `Open the port from here to ${host} in its firewall, or correct hosts[].host and hosts[].port.`,
  no_route: (host) =>
    `There is no route from here: name a jump host for ${host} (hosts[].jump), or bring up the VPN.`,
  handshake: (host) =>
    `See what listens at that port of ${host}: ssh -v shows it. A device of old needs hosts[].algorithms: legacy; a busy sshd a higher MaxStartups.`,
}

/** Each host, by the product's own connection; its key is checked before anything is offered to it. */
export const hostChecks: readonly Check[] = [
  {
    id: 'host-denied',
    of: 'host',
    title: 'The host may be looked at',
    means:
      'A lock of an operator keeps everybody from it, or the records cannot be written: no call is made then.',
    mend: 'Lift the lock (`ssh-mcp-bridge locks list`), or look again later.',
    run: seeing(({ denied }) =>
      denied === undefined
        ? []
        : failure('It could not be looked at.', 'See ssh-mcp-bridge locks list.', denied),
    ),
  },
  {
    id: 'host-jump',
    of: 'host',
    title: 'The jump hosts on the way can be used',
    means:
      'A host on the way cannot be reached, shows a key that is not trusted, or refuses the credential: nothing behind it can be reached.',
    mend: 'Mend the jump host first: `ssh-mcp-bridge hosts test NAME` and `ssh-mcp-bridge hosts trust NAME` work for it too.',
    needs: ['host-denied'],
    run: seeing(({ hops, brokenHop }) => {
      if (hops.length === 0) return []
      if (brokenHop === undefined) return ok(`The way goes over ${hops.join(', ')}.`)
      return failure(
        `The jump host ${brokenHop.name} cannot be used.`,
        /not trusted yet/.test(brokenHop.why)
          ? `Compare its fingerprint, then: ssh-mcp-bridge hosts trust ${brokenHop.name}`
          : `Mend ${brokenHop.name} first: ssh-mcp-bridge hosts test ${brokenHop.name}`,
        brokenHop.why,
      )
    }),
  },
  {
    id: 'host-reach',
    of: 'host',
    title: 'The host can be reached',
    means:
      'Its name is unknown, the connection is refused, nobody answers, or what answers speaks no SSH that the bridge knows.',
    mend: 'Correct `host` and `port`, start sshd, or open the firewall, as the finding says.',
    needs: ['host-jump'],
    run: seeing(({ name, where, unreachable }) => {
      if (unreachable === undefined) return ok(`It answers: ${where}.`)
      return failure(`It cannot be reached: ${where}.`, REACH_FIX[unreachable.fault](name), unreachable.why)
    }),
  },
  {
    id: 'host-key',
    of: 'host',
    title: 'The host shows the key that is trusted',
    means:
      'The key is not known yet, is another one than before, or is marked as revoked. Nothing is sent to the host then, no credential either.',
    mend: 'Compare the fingerprint on the host itself (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`), then `ssh-mcp-bridge hosts trust NAME`. A changed key: take the old one out of known_hosts or `host_key` first.',
    needs: ['host-reach'],
    run: seeing(({ name, hostKey }) => {
      if (hostKey === undefined || hostKey.verdict === 'trusted') return ok('Its host key is trusted.')
      const trust = `Compare it on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then: ssh-mcp-bridge hosts trust ${name}`
      if (hostKey.verdict === 'unknown')
        return failure('Its host key is not trusted yet.', trust, hostKey.shown)
      if (hostKey.verdict === 'revoked')
        return failure(
          'It shows a host key that is marked as revoked.',
          `Give the host a new key (ssh-keygen -A after removing the old one), then: ssh-mcp-bridge hosts trust ${name}`,
          hostKey.shown,
        )
      return failure(
        'It shows another host key than the one that is trusted: it was reinstalled, or somebody stands in between.',
        hostKey.pinned
          ? `Compare it on the host; if it is right, write it into hosts[].host_key of ${name}.`
          : trust,
        hostKey.shown,
      )
    }),
  },
  {
    id: 'host-login',
    of: 'host',
    title: 'The host takes the credential',
    means:
      'Wrong user name, a key that is not in `authorized_keys`, a password that is wrong, or a method that the host does not offer.',
    mend: 'Correct `username`, or put the public key there (`ssh-copy-id -i KEY.pub USER@HOST`). On the host `~/.ssh` must be 0700 and `authorized_keys` 0600.',
    needs: ['host-key'],
    run: seeing(({ name, where, signIn }) => {
      if (signIn === undefined || signIn.kind === 'accepted') return ok('It takes the credential.')
      const { offered, methods, why } = signIn
      const isKey = /\bkey/.test(offered)
      const isOffered = methods.length === 0 || methods.includes(isKey ? 'publickey' : 'password')
      return failure(
        isOffered
          ? `It refuses ${offered} for ${where}.`
          : `It takes no ${isKey ? 'keys' : 'passwords'}, and is configured with ${offered}.`,
        isOffered
          ? `Is hosts[].username of ${name} right? ${isKey ? 'Then put the public key there: ssh-copy-id -i KEY.pub USER@HOST, and on the host: chmod 700 ~/.ssh; chmod 600 ~/.ssh/authorized_keys.' : 'Then correct hosts[].password.'}`
          : `Configure what it takes (${methods.join(', ')}): hosts[].private_key_path for publickey, hosts[].password for password, hosts[].answers for keyboard-interactive.`,
        `${why}${methods.length > 0 ? `; it offers: ${methods.join(', ')}` : ''}`,
      )
    }),
  },
  {
    id: 'host-shell',
    of: 'host',
    title: 'Commands run on the host',
    means:
      'One can sign in, but `exit 0` does not end with 0: the login shell is `nologin`, a forced command, or a shell that fails to start.',
    mend: 'Give the user a shell (`chsh -s /bin/sh USER`), or take `ForceCommand` and `command=` out for the key of the bridge.',
    needs: ['host-login'],
    run: seeing(({ shell, isPlain }) => {
      if (shell === undefined) return []
      if (shell.kind === 'fails')
        return failure(
          'No command runs there.',
          'Give the user a login shell (chsh -s /bin/sh USER), and look for ForceCommand in sshd_config and command= in authorized_keys.',
          shell.why,
        )
      if (isPlain)
        return ok('Commands run. It is no POSIX system: shell sessions and detached commands are not for it.')
      return ok(
        shell.login === undefined ? 'Commands run.' : `Commands run; the login shell is ${shell.login}.`,
      )
    }),
  },
  {
    id: 'host-noise',
    of: 'host',
    title: 'The login prints nothing by itself',
    means:
      'A start-up file (`~/.bashrc`, `/etc/profile.d`) prints something: it stands before every output, and breaks SFTP.',
    mend: 'Let it print only for people: `[ -t 1 ] && echo …`, or leave early with `case $- in *i*) ;; *) return ;; esac`.',
    needs: ['host-shell'],
    run: seeing(({ shell }) => {
      if (shell?.kind !== 'runs') return []
      if (shell.noise === '') return ok('It prints nothing.')
      return warning(
        'The login prints something before every command.',
        'In ~/.bashrc (or what the shell reads) print only to a terminal: [ -t 1 ] && echo …; or leave early: case $- in *i*) ;; *) return ;; esac',
        JSON.stringify(shell.noise.slice(0, 120)),
      )
    }),
  },
  {
    id: 'host-sftp',
    of: 'host',
    title: 'Files can be read and written',
    means: 'The file tools need the SFTP subsystem; commands work without it.',
    mend: 'Write `Subsystem sftp internal-sftp` into sshd_config of the host and reload sshd.',
    needs: ['host-login', 'host-noise'],
    run: seeing(({ sftp }) => {
      if (sftp === undefined) return []
      if (sftp.kind === 'works') return ok('SFTP works.')
      return failure(
        'It offers no SFTP: the file tools do not work there.',
        'Write into /etc/ssh/sshd_config: Subsystem sftp internal-sftp — then: systemctl reload ssh',
        sftp.why,
      )
    }),
  },
  {
    id: 'host-sudo',
    of: 'host',
    title: 'sudo works where it is configured',
    means:
      'The host is configured with `sudo`, and sudo there refuses: no right, another password, or it wants a terminal.',
    mend: 'Correct `hosts[].sudo`, or allow it on the host (`visudo -f /etc/sudoers.d/ssh-mcp-bridge`).',
    needs: ['host-shell'],
    run: seeing(({ sudo }) => {
      if (sudo === undefined || sudo.kind === 'not_configured') return []
      if (sudo.kind !== 'fails') return ok('sudo works.')
      return failure(
        'sudo refuses there.',
        'Correct hosts[].sudo (nopasswd, or {password: …}), or allow it on the host: visudo -f /etc/sudoers.d/ssh-mcp-bridge with a line: USER ALL=(ALL) NOPASSWD: ALL',
        sudo.why,
      )
    }),
  },
  {
    id: 'host-clock',
    of: 'host',
    title: 'The clock of the host is right',
    means:
      'It is more than 60 seconds off: one-time codes fail, and its logs cannot be put beside those of the bridge.',
    mend: 'Let the host keep its clock by NTP (`timedatectl set-ntp true`).',
    needs: ['host-shell'],
    run: seeing(({ shell }) => {
      if (shell?.kind !== 'runs' || shell.epochS === undefined) return []
      const apartS = Math.round(shell.epochS - shell.askedAtMs / 1000)
      if (Math.abs(apartS) <= APART_S) return ok('Its clock is the one here.')
      return warning(
        `Its clock is ${Math.abs(apartS)} seconds ${apartS > 0 ? 'ahead of' : 'behind'} the one here.`,
        'Set it on the host by NTP: timedatectl set-ntp true',
      )
    }),
  },
]

function seeing(say: (sight: HostSight) => readonly Said[]) {
  return async (name: string, look: Look): Promise<readonly Said[]> => {
    const { hosts } = look.settings
    if (hosts === undefined) return []
    return say(await look.once(`host ${name}`, () => hosts.look(name)))
  }
}
