import type { Sshd } from '../test/kit/sshd.ts'
import { RawSsh } from './raw-ssh.ts'

export const RAW = 'raw ssh2'

/** Raw over as many connections as the bridge uses: at most five, ten commands each before another is opened. */
export async function openRaws(sshd: Sshd, inFlight: number) {
  const raws = Array.from({ length: Math.min(5, Math.ceil(inFlight / 10)) }, () => new RawSsh())
  await Promise.all(raws.map((raw) => raw.open(sshd)))
  return {
    run(worker: number, command: string): Promise<number> {
      const raw = raws[worker % raws.length]
      return raw === undefined ? Promise.reject(new Error('no connection')) : raw.run(command)
    },
    close(): void {
      for (const raw of raws) raw.close()
    },
  }
}
