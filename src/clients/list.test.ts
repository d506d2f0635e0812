import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CLIENT_IDS, type McpClient } from './client.ts'
import { CLIENTS, findClient, overHttp, redirectHosts } from './list.ts'

const ALL = CLIENT_IDS.map((id) => [id, CLIENTS[id]] as const)

describe('the table of clients', () => {
  test('where clients want their answers sent is what the built-in login allows', () => {
    expect(redirectHosts()).toEqual([
      'chatgpt.com',
      'claude.ai',
      'claude.com',
      'vscode.dev',
      'insiders.vscode.dev',
      'www.cursor.com',
      'cursor://anysphere.cursor-mcp',
    ])
  })

  test.each(ALL)('%s bears its name, and its page is there', (id, client) => {
    expect(client.id).toBe(id)
    expect(existsSync(`docs/${client.page}`)).toBe(true)
  })

  test.each(ALL)('%s can be told of a bridge over each transport that it has', (_, client) => {
    const overHttpToo = overHttp(client)
    if (client.transports.includes('stdio')) expect(client.entry).toBeDefined()
    if (overHttpToo.transports.includes('http')) expect(overHttpToo.entry ?? overHttpToo.dialog).toBeDefined()
    if (client.files.length > 0) expect(client.entry).toBeDefined()
  })

  test.each(ALL)('%s runs in a cloud only without files and with a dialog', (_, client) => {
    expect(client.runs === 'cloud').toBe(client.dialog !== undefined)
    if (client.runs === 'cloud') expect(client.files).toEqual([])
  })

  test.each(ALL.filter(([, { signIn }]) => signIn !== undefined))(
    '%s has redirect addresses that are https, loopback or a scheme of its own',
    (_, { signIn }: McpClient) => {
      for (const { uri } of signIn?.redirects ?? [])
        expect(uri).toMatch(/^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1):|[a-z]+:\/\/[a-z]+\.)/)
      const knowsDocuments = signIn?.registration.includes('cimd') === true
      if (signIn?.metadataDocument !== undefined) expect(knowsDocuments).toBe(true)
    },
  )

  test('what is no client is not found, whatever an object calls its own', () => {
    expect(findClient('chatgpt')?.title).toBe('ChatGPT')
    expect(findClient('constructor')).toBeUndefined()
    expect(findClient('netscape')).toBeUndefined()
  })
})
