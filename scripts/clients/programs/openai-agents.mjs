// The OpenAI Agents SDK: its server object, without an agent and a model.
import process from 'node:process'
import { MCPServerStdio, MCPServerStreamableHttp } from '@openai/agents'

const { url, headers, command, args, tool, input } = JSON.parse(process.argv[2])
const server = url
  ? new MCPServerStreamableHttp({ url, requestInit: { headers } })
  : new MCPServerStdio({ command, args })
await server.connect()
console.log((await server.listTools()).map(({ name }) => name).join(' '))
console.log(JSON.stringify(await server.callTool(tool, input)))
await server.close()
