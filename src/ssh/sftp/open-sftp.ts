import type { HostName, HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { type OpenedChannel, openChannel } from '../pool/open-channel.ts'
import type { Pool } from '../pool/pool.ts'
import { type OpenSftp, SftpError, type SftpSession } from './sftp.ts'
import { SftpClient } from './sftp-client.ts'
import { SftpFiles } from './sftp-files.ts'
import { bySubsystem, bySudo } from './sftp-start.ts'

/** How long an unused session is kept for the next call. It holds one of the channels that the host allows. */
const KEEP_MS = 30_000

interface Where {
  readonly owner: string
  readonly host: HostName
}

/** A session that waits for its next caller. */
interface Kept {
  readonly target: HostTarget
  readonly lend: () => SftpSession
  readonly isAlive: () => boolean
  /** Stops the timer. */
  readonly taken: AbortController
  readonly close: () => void
}

/**
 * Makes the one function that opens SFTP sessions. One session of each owner on each host is kept after use, so that the next file call
 * costs no round trips before its own: so `environmentOf` names its owner, and no call. A new configuration brings new targets, and sessions of old ones are not used again.
 */
export function createOpenSftp(
  pool: Pool,
  clock: Clock,
  environmentOf: (owner: string, target: HostTarget) => Readonly<Record<string, string>> | undefined = () =>
    undefined,
): OpenSftp {
  const kept = new Map<string, Kept>()

  return async (where, target, { sudo }, signal) => {
    if (sudo && target.sudo === undefined) return noSudo(where.host)
    const key = `${sudo ? 'root' : 'login'}\n${where.owner}\n${where.host}`
    const known = kept.get(key)
    if (known !== undefined) {
      kept.delete(key)
      known.taken.abort('taken')
      if (known.target === target && known.isAlive()) return known.lend()
      known.close()
    }

    const started = await start(where, target, sudo, signal)
    if ('kind' in started) return started
    const { client, opened, hostKey, extensions } = started
    const close = () => {
      client.giveUp('no_connection', `the SFTP session on ${where.host} is closed`)
      opened.release()
    }
    const keep = (files: SftpFiles, isClean: boolean) => {
      if (!isClean || kept.has(key)) {
        close()
        return
      }
      const entry: Kept = {
        target,
        lend: () => files,
        isAlive: () => client.isAlive,
        taken: new AbortController(),
        close,
      }
      kept.set(key, entry)
      clock.sleep(KEEP_MS, entry.taken.signal).then(
        () => {
          if (kept.get(key) === entry) kept.delete(key)
          close()
        },
        () => undefined,
      )
    }
    try {
      const files: SftpFiles = await SftpFiles.over(client, hostKey, extensions, (isClean) =>
        keep(files, isClean),
      )
      return files
    } catch (error) {
      close()
      if (error instanceof SftpError) return notOpened(where.host, error)
      throw error
    }
  }

  async function start(where: Where, target: HostTarget, sudo: boolean, signal: AbortSignal) {
    const how = sudo && target.sudo ? bySudo(target.sudo, where.host, clock) : bySubsystem
    const environment = environmentOf(where.owner, target)
    let begun: Promise<NotStarted | undefined> | undefined
    let isGone = false
    const opened: OpenedChannel | NotStarted = await openChannel(
      pool,
      clock,
      where,
      { ...how.opening, ...(environment && { environment }) },
      signal,
      (channel) => {
        channel.on('close', () => {
          isGone = true
        })
        begun = how.begin(channel)
      },
    )
    if ('kind' in opened) return opened.code === 'not_supported' ? noSftp(where.host) : opened
    const giveUp = () => opened.channel.close()
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      if (signal.aborted) giveUp()
      const problem = await begun
      if (problem !== undefined) {
        opened.release()
        return problem
      }
      const { channel, connection } = opened
      const client = new SftpClient(where.host, { stream: channel, close: () => channel.close() }, clock)
      // A host may confirm and close in one packet, before anybody listens.
      if (isGone) client.giveUp('connection_lost', `the SFTP connection to ${where.host} was lost`)
      return { client, opened, hostKey: connection.hostKey, extensions: await client.start() }
    } catch (error) {
      opened.release()
      if (error instanceof SftpError) return notOpened(where.host, error)
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }
}

function notOpened(host: HostName, error: SftpError): NotStarted {
  const isAbsent = error.code === 'connection_lost' || error.code === 'no_connection'
  return {
    kind: 'not_started',
    code: isAbsent ? 'not_supported' : 'host_unreachable',
    message: isAbsent
      ? noSftp(host).message
      : `${host} began no SFTP session: ${error.message}. Nothing was done.`,
  }
}

function noSftp(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'not_supported',
    message: `${host} began no SFTP session: it offers none, or ended it at once. sshd needs "Subsystem sftp internal-sftp". Nothing was done.`,
  }
}

function noSudo(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'not_supported',
    message: `${host} is not configured for sudo. Set sudo for it in the configuration, or go without. Nothing was done.`,
  }
}
