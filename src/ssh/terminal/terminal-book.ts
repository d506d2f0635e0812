import type { Call } from '../../domain/call.ts'
import type { HostName } from '../../domain/host.ts'
import type { SessionSummary } from '../../domain/outcome.ts'
import { Turns } from '../session/session-turns.ts'
import type { LiveTerminal } from './live-terminal.ts'

/** A terminal and whose it is. */
export interface OwnedTerminal {
  readonly id: string
  /** `principalKey` of its owner. */
  readonly owner: string
  readonly host: HostName
  /** The call that opened it: asked again whether it may, when the rules change. */
  readonly call: Call
  /** How the host was reached then. */
  readonly route: string
  readonly live: LiveTerminal
  readonly turns: Turns
  readonly createdAt: Date
  lastUsedAt: Date
  uses: number
}

/** All terminals. Knows who owns what; knows nothing of hosts. */
export class TerminalBook {
  readonly #terminals = new Map<string, OwnedTerminal>()
  /** Those that are being opened, by owner and host. */
  readonly #opening: { readonly owner: string; readonly host: HostName }[] = []

  add(terminal: Omit<OwnedTerminal, 'id' | 'turns' | 'lastUsedAt' | 'uses'>): OwnedTerminal {
    // By the call that opened it, other instances find out where it lives.
    const id = `term_${terminal.call.id.replace(/^call_/, '')}`
    const added = { ...terminal, id, turns: new Turns(), lastUsedAt: terminal.createdAt, uses: 0 }
    this.#terminals.set(id, added)
    return added
  }

  /** Another's, and another host's, is not there. */
  find(owner: string, host: HostName, id: string): OwnedTerminal | undefined {
    const terminal = this.#terminals.get(id)
    // guard: own-terminals
    return terminal?.owner === owner && terminal.host === host ? terminal : undefined
  }

  /** Whether the owner has one of this handle, on whichever host. */
  holds(owner: string, id: string): boolean {
    return this.#terminals.get(id)?.owner === owner
  }

  has({ id }: OwnedTerminal): boolean {
    return this.#terminals.has(id)
  }

  remove({ id }: OwnedTerminal): void {
    this.#terminals.delete(id)
  }

  all(): OwnedTerminal[] {
    return [...this.#terminals.values()]
  }

  /** Keeps a place until the returned function gives it back. */
  reserve(owner: string, host: HostName): () => void {
    const place = { owner, host }
    this.#opening.push(place)
    return () => {
      const index = this.#opening.indexOf(place)
      if (index >= 0) this.#opening.splice(index, 1)
    }
  }

  /** Live ones of the owner on the host, and those that are being opened. */
  countLive(owner: string, host: HostName): number {
    const live = this.all().filter((terminal) => terminal.live.end === undefined)
    return [...live, ...this.#opening].filter((one) => one.owner === owner && one.host === host).length
  }

  /** All that take memory: those too that ended and were not read to the end. */
  count(owner?: string): number {
    return [...this.all(), ...this.#opening].filter((one) => owner === undefined || one.owner === owner)
      .length
  }

  /** One that has ended and of which nobody saw the end yet; the oldest of the owner. */
  oldestEnded(owner: string): OwnedTerminal | undefined {
    return this.all().find((terminal) => terminal.owner === owner && terminal.live.end !== undefined)
  }
}

export function terminalSummary({ id, host, createdAt, lastUsedAt, uses }: OwnedTerminal): SessionSummary {
  const life = { createdAt, lastUsedAt, commands: uses }
  return { id, kind: 'terminal', host, shell: '', workingDirectory: '', ...life }
}
