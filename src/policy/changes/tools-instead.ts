import type { Action, RunAction } from '../../domain/call.ts'
import { outputFile, plainWords } from './command-words.ts'

type Tool = 'read_file' | 'list_directory' | 'write_file' | 'edit_file'

interface Instead {
  readonly kind: 'tool'
  readonly tool: Tool
  readonly path: string
  readonly command?: string
}

/** Programs that do with a file what a tool does, when they have one name of a file behind their options. */
const PROGRAMS: Readonly<Record<string, Tool>> = {
  cat: 'read_file',
  head: 'read_file',
  tail: 'read_file',
  less: 'read_file',
  more: 'read_file',
  ls: 'list_directory',
  tee: 'write_file',
  touch: 'write_file',
  vi: 'edit_file',
  vim: 'edit_file',
  nano: 'edit_file',
}
/** What only says what is to be written needs no running. */
const SAYS = new Set(['cat', 'echo', 'printf', ':', 'true'])

/** Tools that do what a command would do with one file, if `allows` takes them. */
export function toolsInstead(action: RunAction, allows: (action: Action) => boolean): readonly Instead[] {
  return candidates(action.command).filter(({ tool, path, command }) => {
    // Tools begin at the home of the login, a command where its session is.
    if (!/^(\/|~\/)/.test(path)) return false
    const { host, sudo = false } = action
    const runs = command === undefined || allows({ ...action, command })
    return runs && allows(fileAction(tool, { host, path, sudo }))
  })
}

function candidates(text: string): Instead[] {
  const written = outputFile(text)
  if (written !== undefined) {
    const { path, rest } = written
    const isSaid = SAYS.has(plainWords(rest)?.[0] ?? '')
    return [{ kind: 'tool', tool: 'write_file', path, ...(!isSaid && { command: rest }) }]
  }
  const [program = '', ...words] = plainWords(text) ?? []
  const operands = words.filter((word) => !/^(-|\d+$)/.test(word))
  const path = operands.at(-1)
  if (path === undefined) return []
  // `sed -i SCRIPT FILE`
  if (program === 'sed' && operands.length === 2 && words.some((word) => word.startsWith('-i')))
    return [{ kind: 'tool', tool: 'edit_file', path }]
  const tool = Object.hasOwn(PROGRAMS, program) ? PROGRAMS[program] : undefined
  return tool !== undefined && operands.length === 1 ? [{ kind: 'tool', tool, path }] : []
}

function fileAction(tool: Tool, place: { host: RunAction['host']; path: string; sudo: boolean }): Action {
  switch (tool) {
    case 'read_file':
      return { kind: 'read_file', ...place, encoding: 'auto' }
    case 'list_directory':
      return {
        kind: 'list_directory',
        ...place,
        sort: 'name',
        descending: false,
        depth: 1,
        offset: 0,
        limit: 1,
      }
    case 'write_file':
      return {
        kind: 'write_file',
        ...place,
        content: Buffer.alloc(0),
        createOnly: false,
        createDirectories: false,
        dryRun: false,
      }
    case 'edit_file':
      return { kind: 'edit_file', ...place, change: { by: 'replacements', edits: [] }, dryRun: false }
  }
}
