import { CAREFULLY, definePrompt } from './define-prompt.ts'

export const checkStatus = definePrompt({
  name: 'check_status',
  title: 'Check the status of servers',
  description: 'How servers are: load, memory, disks, failed services, and what of it needs attention.',
  arguments: {
    hosts: {
      description: 'Host names or tag:NAME, separated by commas; all hosts without it',
      isOptional: true,
      completes: 'hosts',
    },
  },
  toText: ({ hosts }) =>
    [
      `Check the status of ${hosts === undefined ? 'all hosts that list_hosts shows' : `these hosts: ${hosts}`}.`,
      'Use describe_host for each; for more than five hosts use run_on_hosts with commands that only read (uptime, df -h, free -m, systemctl --failed).',
      'Report per host: load against the number of CPUs, memory, the fullest disk, failed services, pending updates. Begin with what needs attention and why; name hosts that could not be reached.',
      CAREFULLY,
    ].join('\n\n'),
})
