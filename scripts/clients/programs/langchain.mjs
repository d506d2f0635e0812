// The LangChain adapters: the tools as LangChain has them, and one of them invoked.
import process from 'node:process'
import { MultiServerMCPClient } from '@langchain/mcp-adapters'

const { url, headers, command, args, tool, input } = JSON.parse(process.argv[2])
const server = url ? { transport: 'http', url, headers } : { transport: 'stdio', command, args }
const client = new MultiServerMCPClient({ mcpServers: { ssh: server } })
const tools = await client.getTools()
console.log(tools.map(({ name }) => name).join(' '))
console.log(JSON.stringify(await tools.find(({ name }) => name === tool).invoke(input)))
await client.close()
