import { CAREFULLY, definePrompt } from './define-prompt.ts'

export const runInOrder = definePrompt({
  name: 'run_in_order',
  title: 'Work on several servers in order',
  description: 'The same task on one server after the other, each checked before the next begins.',
  arguments: {
    hosts: { description: 'Host names in the order to go, separated by commas', completes: 'hosts' },
    task: { description: 'What is to be done on each, such as: restart nginx' },
    check: { description: 'How to tell that it went well', isOptional: true },
  },
  toText: ({ hosts, task, check }) =>
    [
      `Do this on one host after the other, in exactly this order: ${hosts}.`,
      `Task: ${task}`,
      `After each host ${check === undefined ? 'check in a way that fits the task that it went well' : `check: ${check}`}. Go on to the next host only then. If a host fails or its outcome is unknown, stop, leave the remaining hosts alone and tell me how every host stands.`,
      'Use execute_command on each host by itself, or run_on_hosts with batch_size: 1 and stop_after_failures: 1 where one command does all of it.',
      CAREFULLY,
    ].join('\n\n'),
})
