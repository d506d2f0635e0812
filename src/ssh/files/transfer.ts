import type { FileOutcome, TransferFileAction } from '../../domain/file.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Progress } from '../../domain/progress.ts'
import { SftpError } from '../sftp/sftp.ts'
import { shownPath, splitPath } from './names.ts'
import { Refusal } from './refusal.ts'
import { copyFile } from './transfer-copy.ts'
import {
  type HostEnd,
  openEnd,
  placeOf,
  sourceOf,
  type TransferDeps,
  transferRefusal,
} from './transfer-ends.ts'
import { placeKeeper } from './transfer-keeping.ts'
import type { TransferSide } from './transfer-part.ts'
import { copyTree } from './transfer-tree.ts'

/** How long a host may take to answer what was asked of it before the transfer was called off. */
const LAST_ANSWERS_MS = 3_000
/** How often whoever waits is told how far it is. */
const TELL_EVERY_MS = 250

/**
 * Copies a file or a directory from one host to another through the bridge, which holds a few MiB of it at a time. Aborting `signal` ends
 * it between two pieces; what is whole by then stays.
 */
export async function transferBetweenHosts(
  owner: string,
  action: TransferFileAction & { readonly from: HostEnd; readonly to: HostEnd },
  deps: TransferDeps,
  signal: AbortSignal,
  progress: Progress,
): Promise<FileOutcome | NotStarted> {
  const { clock } = deps
  const startedMs = clock.monotonicMs()
  const over = new AbortController()
  const settled = new AbortController()
  clock.sleep(action.timeoutMs, settled.signal).then(
    () => over.abort(),
    () => undefined,
  )
  const either = AbortSignal.any([signal, over.signal])
  const from = await openEnd(owner, 'from', action.from, deps, either)
  if ('kind' in from) return from
  const to = await openEnd(owner, 'to', action.to, deps, either)
  if ('kind' in to) {
    from.sftp.release()
    return to
  }
  // A host that has gone silent would be waited for up to the deadline of a request.
  const letGo = () => {
    clock.sleep(LAST_ANSWERS_MS, settled.signal).then(
      () => {
        from.sftp.release('discard')
        to.sftp.release('discard')
      },
      () => undefined,
    )
  }
  either.addEventListener('abort', letGo, { once: true })
  let arrived = 0
  try {
    const { transferBytes } = deps.settings()
    const source = await sourceOf(from, action.from)
    let total = source.attributes.size ?? 0
    mustFit(total, transferBytes)
    let toldMs = startedMs
    const onBytes = (bytes: number) => {
      arrived += bytes
      mustFit(arrived, transferBytes)
      if (clock.monotonicMs() - toldMs < TELL_EVERY_MS) return
      toldMs = clock.monotonicMs()
      progress(arrived, Math.max(total, arrived), `${arrived} bytes of ${total}`)
    }
    const order = {
      from,
      fromPath: source.path,
      attributes: source.attributes,
      to,
      overwrite: action.overwrite,
      resume: action.resume,
    }
    const doing = { clock, signal: either, onBytes }
    if (source.type === 'file') {
      const { name } = splitPath(source.path)
      const toPath = await placeOf(to, action.to, name)
      mustDiffer(action, source.path, toPath)
      const keep = placeKeeper(deps.keeper, deps.settings(), either)
      const copied = await copyFile({ ...order, toPath }, { ...doing, keep })
      return { kind: 'transferred', files: 1, directories: 0, ...copied, skipped: [], durationMs: took() }
    }
    if (!action.recursive)
      throw new Refusal(
        'file_failed',
        `${shownPath(action.from.path)} on ${from.host} is a directory. recursive: true transfers what is in it.`,
      )
    const toPath = await placeOf(to, action.to, undefined)
    mustDiffer(action, source.path, toPath)
    const onTotal = (bytes: number) => {
      total = bytes
      mustFit(total, transferBytes)
    }
    const copied = await copyTree({ ...order, toPath }, { ...doing, onTotal })
    return { kind: 'transferred', ...copied, durationMs: took() }
  } catch (error) {
    if (either.aborted && !(error instanceof Refusal)) return calledOff(action, arrived, over.signal.aborted)
    return refused(error, action, from, to, ({ host }) => deps.find(host)?.host.allowsSudo === true)
  } finally {
    settled.abort()
    from.sftp.release()
    to.sftp.release()
  }

  function took(): number {
    return Math.round(clock.monotonicMs() - startedMs)
  }
}

function mustFit(bytes: number, most: number): void {
  if (bytes > most)
    throw new Refusal(
      'payload_too_large',
      `That is more than files.transfer_bytes (${most} bytes) allows in one transfer.`,
    )
}

/** A file copied onto itself would be gone on with for ever; a directory into itself too. */
function mustDiffer({ from, to }: { from: HostEnd; to: HostEnd }, source: Buffer, place: Buffer): void {
  if (from.host !== to.host) return
  const inside = place.subarray(0, source.length + 1).equals(Buffer.concat([source, Buffer.from('/')]))
  if (place.equals(source) || inside)
    throw new Refusal('bad_request', `${shownPath(place)} is what is to be transferred, or lies in it.`)
}

function calledOff(
  { to, timeoutMs }: { to: HostEnd; timeoutMs: number },
  bytes: number,
  isTime: boolean,
): NotStarted {
  const why = isTime ? `took longer than ${timeoutMs / 1000} s` : 'was called off'
  return new Refusal(
    'file_failed',
    `The transfer ${why} after ${bytes} bytes. What was whole by then is at ${shownPath(to.path)} on ${to.host}; resume: true goes on with the rest.`,
  ).toOutcome()
}

function refused(
  error: unknown,
  { from, to }: { from: HostEnd; to: HostEnd },
  source: TransferSide,
  place: TransferSide,
  maySudo: (end: HostEnd) => boolean,
): NotStarted {
  return error instanceof SftpError && error.origin === source.sftp.origin
    ? transferRefusal(error, source, { path: from.path, verb: 'read', maySudo: maySudo(from) })
    : transferRefusal(error, place, { path: to.path, verb: 'write to', maySudo: maySudo(to) })
}
