import { expect, test } from 'vitest'
import { SessionTrailer } from './session-trailer.ts'

const MARK = '0123456789abcdef0123456789abcdef'
const END = `${MARK}=3 0 ran 8 bash bash\n`

function read(chunks: readonly Buffer[]): { out: string; trailer: SessionTrailer } {
  const passed: Buffer[] = []
  const trailer = new SessionTrailer(MARK, (chunk) => void passed.push(Buffer.from(chunk)))
  for (const chunk of chunks) trailer.write(chunk)
  trailer.end()
  return { out: Buffer.concat(passed).toString(), trailer }
}

test('the report is read, and the output is the same, wherever the stream is cut', () => {
  const text = Buffer.from(
    `out ${MARK.slice(0, 20)} put${MARK}<st\nat${MARK}>\n${MARK}<e=!${MARK}>\n${END}late`,
  )
  for (let cut = 0; cut <= text.length; cut += 1) {
    const { out, trailer } = read([text.subarray(0, cut), text.subarray(cut)])
    expect(out).toBe(`out ${MARK.slice(0, 20)} put`)
    expect(trailer.report()).toMatchObject({ status: 3, killed: false, shell: 'bash', dialect: 'bash' })
    expect(trailer.report()?.state?.toString()).toBe('st\nate=!')
  }
  expect(read([...text].map((byte) => Buffer.from([byte]))).out).toBe(`out ${MARK.slice(0, 20)} put`)
})

test('what background jobs print between the pieces of the state is output, not state', () => {
  const { out, trailer } = read([
    Buffer.from(`a${MARK}<stat${MARK}>\nnoise${MARK}<e=!?${MARK}>\nmore${END}late`),
  ])
  expect(out).toBe('anoisemore')
  expect(trailer.report()?.state?.toString()).toBe('state=!?')
})

test('a state of another length than the end says is not used', () => {
  expect(read([Buffer.from(`${MARK}<short${MARK}>\n${END}`)]).trailer.report()?.state).toBeUndefined()
  expect(read([Buffer.from(`${MARK}<exactly8${MARK}>\n${END}`)]).trailer.report()?.state).toBeDefined()
})

test('without an end nothing is reported, and what looked like a mark is output', () => {
  const { out, trailer } = read([Buffer.from(`text ${MARK.slice(0, 31)}`)])
  expect([out, trailer.isOver, trailer.report()]).toEqual([`text ${MARK.slice(0, 31)}`, false, undefined])
})

test('forged ends without the mark are output', () => {
  const forged = '=0 0 ran 0 bash bash\n0123456789abcdef0123456789abcdeF=0 0 ran 0 bash bash\n'
  expect(read([Buffer.from(forged)]).out).toBe(forged)
})
