/** Directories in which everybody may write, and those where programs write down what others said to them. */
const PLACES = ['/tmp', '/var/tmp', '/dev/shm', '/var/log', '/var/mail', '/var/spool/mail']

/** Programs that print what is written elsewhere: logs, and what a server of somebody else's sends. */
const PROGRAMS = [
  'curl',
  'wget',
  'journalctl',
  'lastb',
  'docker logs',
  'podman logs',
  'crictl logs',
  'kubectl logs',
  'docker compose logs',
]

/** What of a command's text, or of a path, is about such a place. `paths`: directories of the operator's own. */
export class RiskyPlaces {
  readonly #inText: RegExp
  readonly #places: readonly string[]

  constructor(paths: readonly string[]) {
    this.#places = [...PLACES, ...paths.map((path) => path.replace(/\/+$/, ''))]
    const places = this.#places.map(escaped).join('|')
    const programs = PROGRAMS.map((program) => escaped(program).replaceAll(' ', '\\s+')).join('|')
    // A place begins a word of its own or stands behind = : < and the like, and is not where output is written to.
    this.#inText = new RegExp(
      `(?<![\\w./~-])(?<!>\\s*)(?<place>${places})(?![\\w.-])|(?<![\\w.-])(?<program>${programs})(?![\\w./-])`,
    )
  }

  /** In words, for a command as it was written; undefined where none is named. Relative paths are seen by `workingDirectory`. */
  inCommand(command: string, workingDirectory = ''): string | undefined {
    const { place, program } = this.#inText.exec(command)?.groups ?? {}
    if (program !== undefined) return `what ${program} printed`
    const where = place ?? this.#around(workingDirectory)
    return where && `what stands below ${where}, where others write`
  }

  /** The same for a file or directory. */
  ofPath(path: string): string | undefined {
    const where = this.#around(path)
    return where && `${path}, where others write`
  }

  #around(path: string): string | undefined {
    return this.#places.find((place) => path === place || path.startsWith(`${place}/`))
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
