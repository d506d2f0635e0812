import { userInfo } from 'node:os'
import { expect, test } from 'vitest'
import { osPrincipal } from './os-user.ts'

test('over stdio the operating-system user asks, with all scopes', () => {
  expect(osPrincipal()).toMatchObject({
    issuer: 'os',
    subject: userInfo().username,
    method: 'stdio',
    scopes: 'all',
  })
})

test('a user id without a name is its own name', () => {
  const nobody = () => {
    throw new Error('uv_os_get_passwd returned ENOENT')
  }
  expect(osPrincipal(nobody).subject).toBe(`uid:${process.getuid?.()}`)
  expect(osPrincipal(() => ({ username: '', uid: 4711 })).subject).toBe('uid:4711')
})
