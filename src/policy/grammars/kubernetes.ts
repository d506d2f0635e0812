import type { Grammar, Syntax } from '../grammar.ts'

const NAMES = [{ is: 'name', count: 'any' }] as const

/** Templates stand in the word itself, never in a file (`custom-columns-file=`). `-o=wide` is as good as `-o wide`. */
const OUTPUT =
  '/=?(json|yaml|wide|name|((jsonpath|jsonpath-as-json|go-template|template|custom-columns)=[\\s\\S]*))/'

const LISTING: Syntax = {
  inherit: true,
  flags:
    '-w --watch --watch-only --no-headers --show-labels --show-kind --ignore-not-found -R --recursive --show-managed-fields',
  options: {
    '-o --output': OUTPUT,
    '-l --selector --field-selector --sort-by -L --label-columns --subresource': 'text',
    '--chunk-size': 'number',
  },
  operands: NAMES,
}

/** What asks a cluster, as its own configuration on the host says who one is. */
export const KUBERNETES: readonly Grammar[] = [
  {
    program: 'kubectl',
    // It would keep what the cluster can do in a folder.
    environment: { KUBECACHEDIR: '/dev/null' },
    // Not --kubeconfig, whose file names a program to start, nor -s and --as, which go elsewhere and become somebody else.
    flags: '-A --all-namespaces -h --help',
    options: { '-n --namespace --context --cluster --request-timeout': 'name' },
    subcommands: {
      get: LISTING,
      'describe desc': {
        inherit: true,
        options: { '-l --selector': 'text' },
        optional: { '--show-events': ['true', 'false'] },
        operands: NAMES,
      },
      'logs log': {
        inherit: true,
        flags: '-f -p --follow --previous --ignore-errors --all-pods',
        options: {
          '-c --container --since --since-time': 'name',
          '-l --selector': 'text',
          '--tail': '/-?[0-9]+/',
          '--limit-bytes --max-log-requests': 'number',
        },
        optional: { '--all-containers --timestamps --prefix': ['true', 'false'] },
        operands: NAMES,
      },
      top: {
        inherit: true,
        subcommands: {
          'pods pod po nodes node no': {
            inherit: true,
            flags: '--containers --no-headers --sum',
            options: { '-l --selector --field-selector --sort-by': 'text' },
            operands: NAMES,
          },
        },
      },
      rollout: {
        inherit: true,
        subcommands: {
          'status history': {
            inherit: true,
            flags: '-w --watch',
            options: { '--timeout': 'name', '--revision': 'number' },
            operands: NAMES,
          },
        },
      },
      'version cluster-info': {
        inherit: true,
        flags: '--short',
        options: { '-o --output': ['json', 'yaml'] },
        optional: { '--client': ['true', 'false'] },
      },
      config: {
        inherit: true,
        subcommands: {
          // Not --raw, which shows the keys.
          view: { flags: '--minify --flatten', options: { '-o --output': OUTPUT } },
          'get-contexts get-clusters get-users current-context': {
            flags: '--no-headers',
            options: { '-o --output': ['name'] },
            operands: [{ is: 'name', count: 'optional' }],
          },
        },
      },
      'api-resources api-versions': {
        inherit: true,
        flags: '--no-headers',
        options: { '-o --output --verbs --api-group --sort-by --categories': 'name' },
        optional: { '--namespaced': ['true', 'false'] },
      },
      explain: {
        inherit: true,
        flags: '--recursive',
        options: { '--api-version --output': 'name' },
        operands: [{ is: 'name' }],
      },
      auth: {
        inherit: true,
        subcommands: {
          'can-i': { inherit: true, flags: '--list -q --quiet --no-headers', operands: NAMES },
          whoami: { inherit: true },
        },
      },
      events: { ...LISTING, options: { ...LISTING.options, '--for --types': 'text' } },
    },
  },
  {
    program: 'helm',
    // Of releases that are there. Charts would be fetched, and a post-renderer is a program.
    flags: '-A --all-namespaces',
    options: { '-n --namespace --kube-context': 'name', '-o --output': ['json', 'yaml', 'table'] },
    subcommands: {
      'list ls': {
        inherit: true,
        flags: '-a -d -q -r --all --date --reverse --short --deployed --failed --pending',
        options: { '-f --filter': 'text', '-m --max': 'number' },
      },
      'status history': {
        inherit: true,
        options: { '--revision --max': 'number' },
        operands: [{ is: 'name' }],
      },
      get: {
        inherit: true,
        subcommands: {
          'all values manifest notes': {
            inherit: true,
            flags: '-a --all',
            options: { '--revision': 'number' },
            operands: [{ is: 'name' }],
          },
        },
      },
      version: { flags: '--short' },
    },
  },
]
