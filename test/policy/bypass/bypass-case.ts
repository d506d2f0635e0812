/**
 * A command that does more than read. None of them is dangerous where it is run: what it does is done to a scratch folder. In the text
 * `@DIR@` is that folder, `@MARK@` a file in it that is not there, `@PORT@` a port on loopback where somebody listens, `@PID@` a process
 * that does nothing but wait.
 */
export interface BypassCase {
  readonly family: string
  readonly command: string
  readonly note?: string
  /** Programs without which it does nothing. */
  readonly needs?: readonly string[]
  /** The login shell it is meant for; bash where absent. */
  readonly shell?: 'zsh'
  /** It needs a terminal, and these keys typed. */
  readonly keys?: string
  /** Why it does nothing at all to the test's host, even unguarded. It is refused all the same. */
  readonly inert?: string
}

type More = Omit<BypassCase, 'family' | 'command'>

/** The cases of a family; what is to be said of one beside its text stands behind it. */
export function family(name: string, ...cases: (string | readonly [string, More])[]): BypassCase[] {
  return cases.map((each) =>
    typeof each === 'string'
      ? { family: name, command: each }
      : { family: name, command: each[0], ...each[1] },
  )
}

/** The text of a case for a scratch folder; a port and a process are there only on a host. */
export function textIn(folder: string, text: string): string {
  return text.replaceAll('@MARK@', `${folder}/mark`).replaceAll('@DIR@', folder)
}
