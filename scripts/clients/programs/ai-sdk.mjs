// The AI SDK: its tools, and one of them executed as it does for a model.
import process from 'node:process'
import { createMCPClient } from '@ai-sdk/mcp'
import { Experimental_StdioMCPTransport as StdioTransport } from '@ai-sdk/mcp/mcp-stdio'

const { url, headers, command, args, tool, input } = JSON.parse(process.argv[2])
const transport = url ? { type: 'http', url, headers } : new StdioTransport({ command, args })
const client = await createMCPClient({ transport })
const tools = await client.tools()
console.log(Object.keys(tools).join(' '))
console.log(JSON.stringify(await tools[tool].execute(input, { toolCallId: 'call_1', messages: [] })))
await client.close()
