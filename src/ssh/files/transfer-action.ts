import type { ChangeStore } from '../../domain/change.ts'
import type { FileOutcome, MayTouch, TransferFileAction } from '../../domain/file.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Permit } from '../../domain/permit.ts'
import { principalKey } from '../../domain/principal.ts'
import type { Progress } from '../../domain/progress.ts'
import type { LinkMaker, LinkStreams } from '../../domain/transfer.ts'
import { changeKeeper } from './change-keeper.ts'
import { Refusal } from './refusal.ts'
import { transferBetweenHosts } from './transfer.ts'
import { mustBeFile, openDownload } from './transfer-download.ts'
import { type HostEnd, openEnd, type TransferDeps, transferRefusal } from './transfer-ends.ts'
import { openUpload, uploadPlace } from './transfer-upload.ts'

export interface Transfers {
  transfer(permit: Permit, signal: AbortSignal, progress: Progress): Promise<FileOutcome | NotStarted>
  /** What the links of permitted transfers lead to. */
  readonly streams: LinkStreams
}

/** What the rules say to a permitted call at the place where something of it really is; undefined where none are configured. */
export type PlacesOf = (permit: Permit, end?: 'from' | 'to') => MayTouch | undefined

export function createTransfers(
  { changes, ...shared }: Omit<TransferDeps, 'mayTouch' | 'keeper'> & { readonly changes: ChangeStore },
  placesOf: PlacesOf,
  links: () => LinkMaker | undefined,
): Transfers {
  const depsOf = (permit: Permit): TransferDeps => ({
    ...shared,
    mayTouch: (end) => placesOf(permit, end),
    keeper: changeKeeper(permit.call, changes, shared.clock),
  })

  async function makeLink(
    permit: Permit,
    end: HostEnd,
    signal: AbortSignal,
  ): Promise<FileOutcome | NotStarted> {
    const action = actionOf(permit)
    const direction = action.to.kind === 'link' ? 'download' : 'upload'
    const deps = depsOf(permit)
    if (links() === undefined) return needsHttp()
    const side = await openEnd(
      principalKey(permit.call.principal),
      direction === 'download' ? 'from' : 'to',
      end,
      deps,
      signal,
    )
    if ('kind' in side) return side
    try {
      const bytes =
        direction === 'download' ? ((await mustBeFile(side, end, deps)).attributes.size ?? 0) : undefined
      if (direction === 'upload') await uploadPlace(side, end, action.overwrite)
      const made = await links()?.make(permit, direction)
      if (made === undefined) return needsHttp()
      return { kind: 'link_made', direction, ...made, ...(bytes !== undefined && { bytes }) }
    } catch (error) {
      const maySudo = deps.find(end.host)?.host.allowsSudo === true
      const verb = direction === 'download' ? 'read' : 'write to'
      return transferRefusal(error, side, { path: end.path, verb, maySudo })
    } finally {
      side.sftp.release()
    }
  }

  return {
    async transfer(permit, signal, progress) {
      const action = actionOf(permit)
      const { from, to } = action
      if (from.kind === 'host' && to.kind === 'host')
        return transferBetweenHosts(
          principalKey(permit.call.principal),
          { ...action, from, to },
          depsOf(permit),
          signal,
          progress,
        )
      if (from.kind === 'host') return makeLink(permit, from, signal)
      if (to.kind === 'host') return makeLink(permit, to, signal)
      return new Refusal('bad_request', 'One end of a transfer has to be a host.').toOutcome()
    },
    streams: {
      async openDownload(permit, signal) {
        const { from } = actionOf(permit)
        if (from.kind !== 'host') throw new TypeError('a download comes from a host')
        return openDownload(principalKey(permit.call.principal), from, depsOf(permit), signal)
      },
      async openUpload(permit, signal) {
        const { to, overwrite } = actionOf(permit)
        if (to.kind !== 'host') throw new TypeError('an upload goes to a host')
        const owner = principalKey(permit.call.principal)
        return openUpload({ owner, end: to, overwrite, origin: permit.call.id }, depsOf(permit), signal)
      },
    },
  }
}

function actionOf({ call }: Permit): TransferFileAction {
  if (call.action.kind !== 'transfer_file') throw new TypeError(`${call.action.kind} is no transfer`)
  return call.action
}

function needsHttp(): NotStarted {
  return new Refusal(
    'not_supported',
    'Links need the bridge to serve HTTP (server.enable_http); this one speaks over stdio alone. From host to host works.',
  ).toOutcome()
}
