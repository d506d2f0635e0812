import { expect, test } from 'vitest'
import { rememberedLog } from '../../../test/kit/ssh-runner.ts'
import { hostName } from '../../domain/host.ts'
import type { SavedSession } from '../../domain/session.ts'
import { SessionBook } from './session-book.ts'

const HOST = hostName('web-server')
const OWNER = '["https://idp.example.com","alice"]'

const saved: SavedSession = {
  id: 'ses_0123456789abcdefghijkl',
  owner: OWNER,
  host: HOST,
  shell: 'bash',
  workingDirectory: '/srv',
  state: JSON.stringify({ dialect: 'bash', sections: { cwd: '/srv' }, functions: {}, status: 0 }),
  createdAt: new Date(0),
  lastUsedAt: new Date(0),
  commands: 1,
}

test('a store that cannot be read costs its sessions, not the call, and is read as soon as it can be', async () => {
  let isBroken = true
  const log = rememberedLog()
  const store = {
    load: async () => {
      if (isBroken) throw new Error('EACCES')
      return [saved]
    },
    save: async () => undefined,
    remove: async () => undefined,
  }
  const book = new SessionBook(store, log)
  await book.load()
  expect(book.of(OWNER, HOST)).toEqual([])
  expect(log.lines.join()).toContain('saved sessions cannot be read')
  isBroken = false
  await book.load()
  expect(book.find(OWNER, HOST, saved.id)).toMatchObject({ shell: 'bash' })
})
