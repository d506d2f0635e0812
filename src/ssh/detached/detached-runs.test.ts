import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { detachedBridge } from '../../../test/kit/detached-host.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'

let sshd: Sshd
let bridge: ReturnType<typeof detachedBridge>
const state = mkdtempSync(join(tmpdir(), 'bridge-detached-'))
const runs = join(state, 'ssh-mcp-bridge')

beforeAll(async () => {
  sshd = await startSshd({
    config: [`ForceCommand export XDG_STATE_HOME=${state}; exec bash -c "$SSH_ORIGINAL_COMMAND"`],
  })
  bridge = detachedBridge(sshd.target('web-server'))
})
afterAll(async () => {
  bridge.close()
  await sshd.stop()
  rmSync(state, { recursive: true, force: true })
})

const exited = (code: number) => ({ kind: 'ran', end: { how: 'exited', code } })

describe('a detached command', () => {
  test('is answered with its exit status, and its two streams apart', async () => {
    const { ended, sink } = bridge.run('echo out; echo err >&2; exit 3')
    expect(await ended).toMatchObject({ ...exited(3), hostKey: sshd.hostKeyFingerprint })
    expect(sink).toMatchObject({ stdout: 'out\n', stderr: 'err\n', begins: 1 })
  })
})
