import type { DemoParts } from './demo/parts.ts'
import { play, STEPS } from './demo/play.ts'
import { type StepReport, stepJson, stepText } from './demo/report.ts'
import { type Stage, setStage } from './demo/stage.ts'

export interface DemoOptions {
  /** One JSON object a step instead of text. */
  readonly json?: boolean
  /** Stay up after the play until `signal` aborts, for a person's own client. */
  readonly keep?: boolean
}

/**
 * The whole story on this machine, no set-up: starts an SSH host, an authorization server and the bridge on loopback, then plays the
 * client against them. Resolves with the exit code: 0 only when every step held.
 *
 * Everything is written below one temporary directory, which is removed at the end. `~/.ssh` is neither read nor written. Aborting
 * `signal` ends the play after the step at hand.
 */
export async function runDemo(
  options: DemoOptions,
  parts: DemoParts,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<0 | 1> {
  const stage = await setStage(parts)
  try {
    const show = (step: StepReport) => write(options.json ? stepJson(step) : stepText(step))
    const allHeld = await play(stage, STEPS, show, signal)
    if (!options.json) write(allHeld ? '\nEvery step held.' : '\nA step did not hold.')
    if (options.keep && !signal.aborted) {
      write(options.json ? JSON.stringify(invitation(stage)) : invitationText(stage))
      await aborted(signal)
    }
    return allHeld ? 0 : 1
  } finally {
    await stage.close()
  }
}

function invitation({ bridgeUrl, issuer, user, places }: Stage): Record<string, string> {
  const { username, password } = user
  return {
    url: `${bridgeUrl}/mcp`,
    issuer,
    username,
    password,
    audit: places.database.slice('sqlite:'.length),
    log: places.log,
  }
}

function invitationText(stage: Stage): string {
  const { url, issuer, username, password, audit, log } = invitation(stage)
  return `
The demo stays up until Ctrl-C. Commands run on this machine, as you.

  paste into a client   ${url}
  sign in as            ${username}
  password              ${password}
  authorization server  ${issuer}
  audit                 ${audit}
  log                   ${log}`
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
