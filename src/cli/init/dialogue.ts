import { existsSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import process from 'node:process'
import type { Config } from '../../config/config.ts'
import { checkConfig } from '../../config/load-config.ts'
import { problemLine } from '../../config/problem.ts'
import { say, UsageError } from '../command.ts'
import { shownPath } from '../connect/places.ts'
import { personAtTerminal } from './at-terminal.ts'
import { chooseHosts, type HostOptions } from './choose-hosts.ts'
import { type Answers, configText, trialText } from './config-text.ts'
import { withHops } from './find-hosts.ts'
import { addFirstPerson } from './first-person.ts'
import type { HostEntry } from './host-entry.ts'
import { nextLines } from './next-lines.ts'
import { checkPlace, type KeyFile, keyBeside, placeOf, putConfig } from './put-config.ts'
import { Questions, readYesNo } from './question.ts'
import { tellClients } from './tell-clients.ts'
import { trustHosts } from './trust-hosts.ts'
import { keepWhich, tryHosts } from './try-hosts.ts'
import { checkGiven, chooseRules, chooseWay, type WayOptions } from './ways.ts'

export interface InitOptions extends HostOptions, WayOptions {
  readonly trust?: string
  readonly keep?: string
  readonly firstPerson?: string
  readonly connect?: string
  readonly force?: boolean
  readonly yes?: boolean
}

const CANNOT_ASK =
  '  note: with a client that cannot ask (MCP elicitation), what may change something is not run; write effect: allow there'

/** From the first question to the last hint. Nothing is written before all that goes into the file is known and valid. */
export class Dialogue {
  readonly #path: string
  readonly #options: InitOptions
  readonly #questions: Questions
  #isWritten = false

  constructor(given: string | undefined, options: InitOptions) {
    this.#path = placeOf(given ?? (process.env.SSH_MCP_CONFIG || 'config.yaml'))
    this.#options = options
    this.#questions = new Questions(personAtTerminal(), options.yes === true)
  }

  /** For whoever left in the middle. */
  whereItStands(): string {
    return this.#isWritten
      ? `Ended. ${shownPath(this.#path)} is written and valid.`
      : 'Ended. No configuration was written.'
  }

  /** @throws UsageError; Interrupted. */
  async hold(): Promise<void> {
    const [path, options, questions] = [this.#path, this.#options, this.#questions]
    checkGiven(options)
    checkPlace(path)
    if (questions.isDialogue) {
      say(
        `A few questions, then ${shownPath(path)}. Enter takes what is in [brackets]; Ctrl-C ends, and nothing is written.\n`,
      )
    }
    await this.#mayReplace()
    const { hosts, leftOut } = await this.#hosts()
    say('')
    const way = await chooseWay(questions, options, say)
    if (questions.isDialogue) say('')
    const rules = await chooseRules(questions, options, way, say)
    if (questions.isDialogue) say('')
    const config = await this.#write({ way, rules, owner: userInfo().username, hosts, leftOut })
    const link = await addFirstPerson(config, questions, options.firstPerson)
    const told = await tellClients(config, path, questions, options.connect)
    for (const line of nextLines({ path, config, way, told, link })) say(line)
  }

  async #mayReplace(): Promise<void> {
    const [path, { force, yes }] = [this.#path, this.#options]
    // guard: init-replaces-when-told
    if (!existsSync(path) || force) return
    const refused = `${shownPath(path)} is there already: --force replaces it (it is copied before), or name another file`
    if (yes) throw new UsageError(refused)
    const mayReplace = await this.#questions.ask({
      text: `${shownPath(path)} is there already. Replace it? It is copied before`,
      option: '--force',
      given: undefined,
      fallback: 'no',
      read: readYesNo,
    })
    if (!mayReplace) throw new UsageError(`nothing was changed: ${refused}`)
  }

  async #hosts(): Promise<Pick<Answers, 'hosts' | 'leftOut'>> {
    const [questions, options] = [this.#questions, this.#options]
    const chosen = await chooseHosts(questions, options)
    const configFor = (hosts: readonly HostEntry[]) => this.#configOf(trialText(hosts))
    const { checkPlaces } = await import('../start-faults.ts')
    const config = await configFor(chosen)
    checkPlaces(config)
    say('')
    await trustHosts(config, chosen, questions, options.trust)
    say('Trying to sign in and run something:')
    const tried = await tryHosts(chosen, configFor)
    const kept = await keepWhich(tried, questions, options.keep)
    const left = [...tried.failed].filter(([name]) => !kept.includes(name))
    const leftOut = new Map(left.map(([name, { what }]) => [name, what]))
    const isStaying = ({ name, isHop }: HostEntry) => !isHop && !leftOut.has(name)
    const staying = withHops(tried.hosts.filter(isStaying), tried.hosts)
    // What nobody goes over any more is no use; what was left out stands there as a comment.
    const hosts = tried.hosts.filter(
      ({ name }) => leftOut.has(name) || staying.some((one) => one.name === name),
    )
    return { hosts: hosts.map((entry) => staying.find(({ name }) => name === entry.name) ?? entry), leftOut }
  }

  /** Checked as `validate` does, then put in place in one step. */
  async #write(answers: Answers): Promise<Config> {
    const key = answers.way.by === 'api-key' ? keyBeside(this.#path) : undefined
    try {
      const text = configText(shownPath(this.#path), { ...answers, ...withKey(key) })
      const config = await this.#configOf(text)
      const backup = await putConfig(this.#path, text)
      this.#isWritten = true
      const count = config.hosts.length - answers.hosts.filter(({ isHop }) => isHop).length
      say(`✔ ${shownPath(this.#path)} is written and valid: ${count} ${count === 1 ? 'host' : 'hosts'}.`)
      if (backup !== undefined) say(`  What it held before is in ${shownPath(backup)}`)
      for (const warning of config.warnings) say(`  note: ${warning}`)
      if (answers.rules === 'ask' && answers.way.by === 'stdio') say(CANNOT_ASK)
      return config
    } catch (error) {
      if (key?.isNew) rmSync(key.path, { force: true })
      throw error
    }
  }

  async #configOf(text: string): Promise<Config> {
    const result = await checkConfig(this.#path, text, process.env)
    if (result.ok) return result.config
    throw new UsageError(
      `no configuration was written, because this would not be valid:\n${result.problems.map(problemLine).join('\n')}`,
    )
  }
}

function withKey(key: KeyFile | undefined): Pick<Answers, 'apiKey'> {
  return key === undefined
    ? {}
    : { apiKey: { name: 'assistant', sha256: key.sha256, file: shownPath(key.path) } }
}
