import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import { say } from '../command.ts'
import { Interrupted, type Person } from './question.ts'

/** Whoever sits at the terminal; undefined where there is none, or where what is told goes somewhere else. */
export function personAtTerminal(): Person | undefined {
  return process.stdin.isTTY === true && process.stdout.isTTY === true ? { answer, tell: say } : undefined
}

/**
 * Each question has the terminal to itself: between them Ctrl-C ends the program as it ends any other, and what is under way is
 * whole or not there at all.
 */
function answer(shown: string): Promise<string> {
  const line = createInterface({ input: process.stdin, output: process.stdout })
  return new Promise<string>((resolve, reject) => {
    const leave = () => {
      // The answer that was not given stays on a line of its own.
      process.stdout.write('\n')
      reject(new Interrupted())
    }
    line.once('SIGINT', () => line.close())
    line.once('close', leave)
    void line.question(shown).then((text) => {
      line.off('close', leave)
      resolve(text)
    })
  }).finally(() => line.close())
}
