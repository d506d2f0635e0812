import type { TransferEnd, TransferFileAction } from '../domain/file.ts'
import type { HostName } from '../domain/host.ts'

/** What callers write of a transfer, by its wire names. An end without a host is a link. */
export interface TransferRequest {
  readonly from_host?: HostName
  readonly from_path?: string
  readonly to_host?: HostName
  readonly to_path?: string
  readonly recursive?: boolean
  readonly overwrite?: boolean
  readonly resume?: boolean
  readonly sudo?: 'from' | 'to' | 'both'
}

/** Each end has both a host and a path, or neither; at least one end has. */
export function namesItsEnds({ from_host, from_path, to_host, to_path }: Partial<TransferRequest>): boolean {
  const isWhole =
    (from_host === undefined) === (from_path === undefined) &&
    (to_host === undefined) === (to_path === undefined)
  return isWhole && (from_host !== undefined || to_host !== undefined)
}

export function transferAction(request: TransferRequest, timeoutMs: number): TransferFileAction {
  const { recursive = false, overwrite = false, resume = false, sudo } = request
  return {
    kind: 'transfer_file',
    from: endOf(request.from_host, request.from_path, sudo === 'from' || sudo === 'both'),
    to: endOf(request.to_host, request.to_path, sudo === 'to' || sudo === 'both'),
    recursive,
    overwrite,
    resume,
    timeoutMs,
  }
}

function endOf(host: HostName | undefined, path: string | undefined, sudo: boolean): TransferEnd {
  return host === undefined || path === undefined ? { kind: 'link' } : { kind: 'host', host, path, sudo }
}
