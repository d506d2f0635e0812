import type { Answer } from '../../domain/answer.ts'

/** How much of an answer is what hosts said or keep, in bytes of UTF-8. What is told in two forms counts once. */
export function outputBytes(answer: Answer): number {
  switch (answer.kind) {
    case 'ran':
      return bytesOf(answer.output)
    case 'command_output':
      return bytesOf(answer.text)
    case 'ran_on_hosts':
      return sum(answer.report.groups.map(({ output }) => output))
    case 'file_read':
      return bytesOf(answer.content)
    case 'directory_listed':
      return sum(answer.entries.map(({ name }) => name))
    case 'facts':
      return bytesOf(JSON.stringify(answer.facts))
    case 'terminal_opened':
    case 'terminal_used':
      return sum(answer.view.lines)
    default:
      return 0
  }
}

function sum(texts: readonly string[]): number {
  return texts.reduce((bytes, text) => bytes + bytesOf(text), 0)
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text)
}
