import type { Client, ClientChannel, ParsedKey } from 'ssh2'

/**
 * What of ssh2 1.17.0 lies behind its public interface and is used here, in one place: to open a channel without a request, so that it
 * can be opened ahead, to sign in with fewer round trips, and to bound its memory. The version is pinned, and ssh2-transport.test.ts fails
 * for any other.
 */
export interface Ssh2Internals {
  readonly _remoteVer: string | undefined
  readonly _chanMgr: {
    /** The number of a new channel; `waiter` is called in the tick of the host's answer. -1 when there are 2^32 open. */
    add(waiter: ChannelWaiter): number
    /** By number; of one that is being opened, only its waiter. */
    readonly _channels: Readonly<Record<string, Partial<SessionChannel>>>
  }
  readonly _protocol: Ssh2Protocol
}

export interface ChannelWaiter {
  (error: Error | undefined, channel: SessionChannel): void
  type: 'session'
}

export interface Ssh2Protocol {
  parse(chunk: Buffer, from: number, to: number): void
  session(channel: number, windowBytes: number, packetBytes: number): void
  env(channel: number, name: string, value: string, wantReply: boolean): void
  exec(channel: number, line: string, wantReply: boolean): void
  shell(channel: number, wantReply: boolean): void
  subsystem(channel: number, name: string, wantReply: boolean): void
  pty(
    channel: number,
    rows: number,
    columns: number,
    heightPixels: number,
    widthPixels: number,
    term: string,
    modes: null,
    wantReply: boolean,
  ): void
  authPK(
    username: string,
    key: ParsedKey,
    algorithm?: string,
    sign?: (data: Buffer, signed: (signature: Buffer) => void) => void,
  ): void
  readonly _handlers: Record<
    'GLOBAL_REQUEST' | 'CHANNEL_OPEN' | 'CHANNEL_REQUEST',
    (...message: unknown[]) => void
  > & {
    SERVICE_ACCEPT(protocol: unknown, name: string): void
    EXT_INFO(protocol: unknown, extensions: unknown): void
  }
}

export type SessionChannel = ClientChannel & {
  /** Answered in order, one for each request that wanted a reply; true when the host refused or closed the channel. */
  readonly _callbacks: ((failed: boolean | Error) => void)[]
  readonly incoming: { readonly state: string; readonly window: number }
  readonly outgoing: { readonly id: number; readonly state: string }
}

export function internalsOf(client: Client): Ssh2Internals {
  return client as unknown as Ssh2Internals
}
