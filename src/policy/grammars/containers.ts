import type { Grammar, Syntax } from '../grammar.ts'

const NAMES = [{ is: 'name', count: 'some' }] as const
const LIST: Syntax = {
  flags: '-a -q -s -l --all --quiet --size --latest --no-trunc --digests',
  options: { '-f --filter --format': 'text', '-n --last': 'number' },
  operands: [{ is: 'name', count: 'optional' }],
}
const LOGS: Syntax = {
  flags: '-f -t --follow --timestamps --details --no-trunc --no-resolve --no-task-ids --raw',
  options: { '-n --tail': '/[0-9]+|all/', '--since --until': 'text' },
  operands: [{ is: 'name' }],
}
const INSPECT: Syntax = {
  flags: '-s --size --pretty',
  options: { '-f --format': 'text', '--type': 'name' },
  operands: NAMES,
}
const STATS: Syntax = {
  flags: '-a --all --no-stream --no-trunc',
  options: { '--format': 'text' },
  operands: [{ is: 'name', count: 'any' }],
}
const NAMED: Syntax = { operands: [{ is: 'name' }] }
const PORTS: Syntax = { operands: [{ is: 'name' }, { is: 'name', count: 'optional' }] }
const HISTORY: Syntax = {
  flags: '-H -q --human --no-trunc --quiet',
  options: { '--format': 'text' },
  operands: [{ is: 'name' }],
}

/** What asks container engines. Not podman: without a daemon, it starts a process of its own and makes its folders, even to list. */
export const CONTAINERS: readonly Grammar[] = [
  {
    program: 'docker',
    // Not -H, --context and --config: they name other machines, and folders of plug-ins. Hints are given by plug-ins.
    environment: { DOCKER_CLI_HINTS: 'false' },
    flags: '-v --version',
    bare: true,
    subcommands: {
      'ps images': LIST,
      logs: LOGS,
      inspect: INSPECT,
      stats: STATS,
      // Further words would be options of ps.
      'top diff': NAMED,
      port: PORTS,
      history: HISTORY,
      'info version': { options: { '-f --format': 'text' } },
      events: { options: { '-f --filter --format --since --until': 'text' } },
      container: {
        subcommands: {
          'ls ps list': LIST,
          logs: LOGS,
          inspect: INSPECT,
          stats: STATS,
          'top diff': NAMED,
          port: PORTS,
        },
      },
      image: { subcommands: { 'ls list': LIST, inspect: INSPECT, history: HISTORY } },
      'network volume config secret plugin': { subcommands: { 'ls list': LIST, inspect: INSPECT } },
      system: {
        subcommands: {
          df: { flags: '-v --verbose', options: { '--format': 'text' } },
          info: { options: { '-f --format': 'text' } },
          events: { options: { '-f --filter --format --since --until': 'text' } },
        },
      },
      service: { subcommands: { 'ls list': LIST, ps: LIST, inspect: INSPECT, logs: LOGS } },
      node: { subcommands: { 'ls list': LIST, ps: LIST, inspect: INSPECT } },
      stack: { subcommands: { 'ls list': LIST, 'ps services': LIST } },
      context: { subcommands: { 'ls list': LIST, show: {} } },
    },
  },
  {
    program: 'crictl',
    flags: '-v --version',
    bare: true,
    subcommands: {
      'ps pods images img statsp': {
        ...LIST,
        options: {
          '-o --output --name --state --label --image --pod --namespace': 'text',
          '-n --last': 'number',
        },
      },
      logs: LOGS,
      'inspect inspectp inspecti': { options: { '-o --output': 'name' }, operands: NAMES },
      'info version': { options: { '-o --output': 'name' } },
    },
  },
]
