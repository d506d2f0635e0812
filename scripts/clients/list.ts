import { MASTER } from '../../test/kit/api-keys.ts'

/** How a client is told where the bridge is. */
export type Target = { readonly model: string } & (
  | { readonly way: 'http'; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly way: 'stdio'; readonly command: string; readonly args: readonly string[] }
)

/** What a client is asked to call, and what must be in its answer: the command does not hold it, only its output does. */
export const TOOL = 'execute_command'
export const INPUT = { host: 'web-server', command: 'echo answer-$((6 * 7))' }
export const ANSWER = 'answer-42'
/** What the scripted model says when it was given that answer. */
export const SAID = `It printed ${ANSWER}`

export interface Step {
  /** `@PROGRAM` is a program of the packages, `+PROGRAM` one of scripts/clients/programs. */
  readonly words: readonly string[]
  /** What it prints when it went well. */
  readonly says: string
  readonly env?: Readonly<Record<string, string>>
}

export interface IndependentClient {
  readonly name: string
  /** The first is the client, the others what it cannot be run without. */
  readonly packages: readonly string[]
  readonly ways: readonly Target['way'][]
  steps(target: Target): readonly Step[]
  /** Files of its home, by path. */
  files?(target: Target): Readonly<Record<string, string>>
}

const BOTH = ['http', 'stdio'] as const
const input = JSON.stringify(INPUT)

/** A program of ours around a library: it lists and calls in one go. */
const around = (program: string) => (target: Target) => [
  { words: [`+${program}`, JSON.stringify({ ...target, tool: TOOL, input: INPUT })], says: ANSWER },
]

const asServer = (target: Target) =>
  target.way === 'http'
    ? { type: 'http', url: target.url, headers: target.headers }
    : { type: 'stdio', command: target.command, args: target.args }

export const INDEPENDENT_CLIENTS: readonly IndependentClient[] = [
  {
    name: 'MCP Inspector',
    packages: ['@modelcontextprotocol/inspector@2.12.0'],
    ways: BOTH,
    files: (target) => ({ 'mcp.json': JSON.stringify({ mcpServers: { ssh: asServer(target) } }) }),
    steps: () => {
      const start = ['@mcp-inspector', '--cli', '--config', 'mcp.json', '--server', 'ssh', '--method']
      const args = Object.entries(INPUT).map(([key, value]) => `${key}=${value}`)
      return [
        { words: [...start, 'tools/list'], says: TOOL },
        { words: [...start, 'tools/call', '--tool-name', TOOL, '--tool-arg', ...args], says: ANSWER },
      ]
    },
  },
  {
    name: 'mcporter',
    packages: ['mcporter@0.12.3'],
    ways: BOTH,
    steps: (target) => {
      const server =
        target.way === 'http'
          ? [
              '--http-url',
              target.url,
              '--allow-http',
              ...Object.entries(target.headers).flatMap(([key, value]) => ['--header', `${key}=${value}`]),
            ]
          : ['--stdio', target.command, ...target.args.flatMap((word) => ['--stdio-arg', word])]
      return [
        { words: ['@mcporter', 'list', ...server, '--name', 'ssh', '--json'], says: TOOL },
        {
          words: [
            '@mcporter',
            'call',
            ...server,
            '--name',
            'ssh',
            '--tool',
            TOOL,
            '--args',
            input,
            '--output',
            'json',
          ],
          says: ANSWER,
        },
      ]
    },
  },
  {
    name: 'mcp-remote',
    packages: ['mcp-remote@0.15.1', '@modelcontextprotocol/client@2.4.0'],
    ways: ['http'],
    steps: (target) => {
      const url = target.way === 'http' ? target.url : ''
      const args = [
        'node_modules/.bin/mcp-remote',
        url,
        '--allow-http',
        '--header',
        `Authorization:Bearer ${MASTER}`,
      ]
      const through = { command: process.execPath, args, tool: TOOL, input: INPUT }
      return [{ words: ['+official-sdk', JSON.stringify(through)], says: ANSWER }]
    },
  },
  {
    name: 'AI SDK',
    packages: ['@ai-sdk/mcp@2.0.99'],
    ways: BOTH,
    steps: around('ai-sdk'),
  },
  {
    name: 'OpenAI Agents SDK',
    packages: ['@openai/agents@0.20.0', 'zod@4.6.7'],
    ways: BOTH,
    steps: around('openai-agents'),
  },
  {
    name: 'LangChain adapters',
    packages: ['@langchain/mcp-adapters@1.1.4'],
    ways: BOTH,
    steps: around('langchain'),
  },
  {
    name: 'Claude Code',
    packages: ['@anthropic-ai/claude-code@2.1.332'],
    ways: BOTH,
    files: (target) => {
      const servers = JSON.stringify({ mcpServers: { ssh: asServer(target) } })
      return { '.claude.json': servers, 'mcp.json': servers }
    },
    steps: ({ model }) => {
      const claude = 'node_modules/@anthropic-ai/claude-code/cli-wrapper.cjs'
      const only = ['--mcp-config', 'mcp.json', '--strict-mcp-config', '--allowedTools', `mcp__ssh__${TOOL}`]
      // Otherwise the model would have to search for the tool first.
      const upFront = { ENABLE_TOOL_SEARCH: 'false', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' }
      const env = { ANTHROPIC_BASE_URL: model, ANTHROPIC_API_KEY: 'none', ...upFront }
      return [
        { words: [claude, 'mcp', 'list'], says: 'Connected', env },
        { words: [claude, '-p', 'Run it.', ...only], says: SAID, env },
      ]
    },
  },
  {
    name: 'Gemini CLI',
    packages: ['@google/gemini-cli@0.61.0'],
    ways: BOTH,
    files: (target) => {
      const server =
        target.way === 'http' ? { httpUrl: target.url, headers: target.headers } : asServer(target)
      const settings = {
        mcpServers: { ssh: { ...server, trust: true } },
        // It lists no server in a folder that nobody has said to trust.
        security: { folderTrust: { enabled: false }, auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
      }
      return { '.gemini/settings.json': JSON.stringify(settings) }
    },
    steps: ({ model }) => {
      const env = { GEMINI_API_KEY: 'none', GOOGLE_GEMINI_BASE_URL: model }
      return [
        { words: ['@gemini', 'mcp', 'list'], says: 'Connected', env },
        { words: ['@gemini', '-m', 'gemini-2.5-flash', '-p', 'Run it.'], says: SAID, env },
      ]
    },
  },
]
