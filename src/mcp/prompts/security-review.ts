import { CAREFULLY, definePrompt } from './define-prompt.ts'

export const securityReview = definePrompt({
  name: 'security_review',
  title: 'Security review of a server',
  description: 'What is open, outdated or loosely set on a host, by severity, without changing anything.',
  arguments: {
    host: { description: 'The host', completes: 'host' },
    focus: { description: 'What matters most, such as: ssh, updates, users, web server', isOptional: true },
  },
  toText: ({ host, focus }) =>
    [
      `Review the security of ${host}.${focus === undefined ? '' : ` Look at this first: ${focus}.`} Only read; change nothing at all.`,
      'Look at: pending security updates and whether a restart is due; listening ports and which program holds each (describe_host, ss -tulpn); effective sshd settings (sshd -T where allowed); users with a shell, sudo rights, keys in authorized_keys (count them, do not print them); the firewall; files anybody may write in /etc and in service directories; failed and unusual logins; timers and cron jobs; containers and what they expose.',
      'Do not print private keys, password hashes or tokens.',
      'Where you may not look, say so in place of guessing.',
      'Report findings by severity, each with what you saw, why it matters and the exact change that would mend it. Say what is in order too.',
      CAREFULLY,
    ].join('\n\n'),
})
