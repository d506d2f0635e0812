import type { Kind } from '../row.ts'
import type { Stage } from '../stage.ts'
import { StdioClient } from '../stdio-client.ts'

type ToolCall = readonly [tool: string, args: Record<string, unknown>]

/** An MCP server over stdio that can be started and asked to run a command. */
export interface Contender {
  readonly name: string
  readonly kind: Kind
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** The tool that runs a command, and its arguments. Absent: only its start is measured. */
  readonly execute?: (command: string) => ToolCall
  /** The tools that copy a file of this machine to the host and back. */
  readonly put?: (localPath: string, remotePath: string) => ToolCall
  readonly get?: (remotePath: string, localPath: string) => ToolCall
  /** Where it speaks HTTP with a bearer token: how it is started there. */
  readonly http?: (port: number) => {
    readonly command: readonly string[]
    readonly path: string
    readonly token: string
  }
}

/** A contender that is running. */
export interface Opened {
  readonly name: string
  readonly kind: Kind
  readonly client: StdioClient
  /** Its tools, as it lists them. */
  readonly tools: readonly unknown[]
  run(command: string): Promise<Record<string, unknown>>
}

/** Starts it and asks for its tools; it is closed with the row, if not before. */
export async function openContender(
  stage: Stage,
  { name, kind, command, env, execute }: Contender,
): Promise<Opened> {
  const client = new StdioClient(command, env)
  stage.after(() => client.close())
  const tools = await client.open()
  const run = (text: string) => {
    const [tool, args] = execute?.(text) ?? ['', {}]
    return client.callTool(tool, args)
  }
  return { name, kind, client, tools, run }
}
