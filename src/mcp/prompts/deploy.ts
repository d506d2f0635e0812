import { CAREFULLY, definePrompt } from './define-prompt.ts'

export const deploy = definePrompt({
  name: 'deploy',
  title: 'Deploy an application',
  description: 'Bring a version onto servers step by step: look first, one host, check, then the others.',
  arguments: {
    hosts: { description: 'Host names or tag:NAME, separated by commas', completes: 'hosts' },
    application: { description: 'What is deployed, and where it is on the hosts' },
    version: { description: 'Version, tag or branch', isOptional: true },
  },
  toText: ({ hosts, application, version }) =>
    [
      `Deploy ${application}${version === undefined ? '' : `, version ${version},`} on: ${hosts}.`,
      'First only look: how it is deployed today (unit, container, directory, branch), which version runs, whether the disk has room, whether the service is healthy. Then show me the exact commands you would run, and how to go back, and wait for my yes.',
      'After that: one host first. Check that the service is up and its log is clean. Only then the others, with run_on_hosts and canary: 1, stop_after_failures: 1. Begin long steps with detached: true and follow them with get_command_output.',
      'At the end report per host which version runs now and how you checked it. When a step fails, stop there and tell me how things stand.',
      CAREFULLY,
    ].join('\n\n'),
})
