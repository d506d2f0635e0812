import { CAREFULLY, definePrompt } from './define-prompt.ts'

export const troubleshootSlowness = definePrompt({
  name: 'troubleshoot_slowness',
  title: 'Find out why a server is slow',
  description: 'From load and memory to disks, network and single processes, until the cause is named.',
  arguments: {
    host: { description: 'The slow host', completes: 'host' },
    symptom: { description: 'What is slow, and since when', isOptional: true },
  },
  toText: ({ host, symptom }) =>
    [
      `${host} is slow.${symptom === undefined ? '' : ` What was noticed: ${symptom}`} Find out why.`,
      'Begin with describe_host.',
      'Then look, with commands that only read, at: CPU and run queue (uptime, top -bn1 | head -20, vmstat 1 5), memory and swap (free -m), disks (df -h, df -i, iostat -xz 1 3 where it is there), network (ss -s), the largest processes, kernel messages (dmesg -T | tail -50), what changed lately (last -x | head, the package log).',
      'Go from what is measured to the cause: name the process or resource, the figures that show it, and what else could explain them.',
      'Then propose the smallest change that would help, with its risk.',
      CAREFULLY,
    ].join('\n\n'),
})
