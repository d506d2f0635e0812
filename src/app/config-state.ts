import { basename } from 'node:path'
import { type Problem, problemLine } from '../config/problem.ts'
import type { Clock } from '../lib/clock.ts'

/** The last time that the file was read again. */
interface Reload {
  readonly at: Date
  readonly problems: readonly string[]
  /** Keys whose new values take effect with the next start. */
  readonly needsRestart: readonly string[]
}

/** Which configuration is in force, and what came of the last change of its file: for operators. */
export class ConfigState {
  readonly #clock: Clock
  readonly #file: string | undefined
  #loadedAt: Date
  #last: Reload | undefined

  constructor(clock: Clock, path: string | undefined) {
    this.#clock = clock
    this.#file = path === undefined ? undefined : basename(path)
    this.#loadedAt = clock.now()
  }

  applied(needsRestart: readonly string[]): void {
    this.#loadedAt = this.#clock.now()
    this.#last = { at: this.#loadedAt, problems: [], needsRestart }
  }

  /** The one before stays in force. */
  refused(problems: readonly Problem[]): void {
    const lines = problems.map(lineOf)
    this.#last = { at: this.#clock.now(), problems: lines, needsRestart: this.#last?.needsRestart ?? [] }
  }

  /** As `/ready` tells it. */
  now() {
    return {
      ...(this.#file !== undefined && { file: this.#file }),
      loaded_at: this.#loadedAt.toISOString(),
      ...(this.#last && {
        reload: {
          at: this.#last.at.toISOString(),
          problems: this.#last.problems,
          needs_restart: this.#last.needsRestart,
        },
      }),
    }
  }
}

/** Without the folder: where a file lies on the machine is nothing for a page. */
function lineOf({ where, message }: Problem): string {
  return problemLine({
    message,
    where: where.in === 'file' ? { ...where, file: basename(where.file) } : where,
  })
}
