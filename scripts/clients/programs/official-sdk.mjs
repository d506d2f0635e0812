// The official client, with a command to start as its server: for programs that are servers themselves, towards their caller.
import process from 'node:process'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

const { command, args, tool, input } = JSON.parse(process.argv[2])
const client = new Client({ name: 'trial', version: '1.0.0' })
await client.connect(new StdioClientTransport({ command, args, stderr: 'inherit' }))
const { tools } = await client.listTools()
console.log(tools.map(({ name }) => name).join(' '))
console.log(JSON.stringify(await client.callTool({ name: tool, arguments: input })))
await client.close()
