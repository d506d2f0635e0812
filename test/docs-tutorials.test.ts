import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fence, fencesOf, PAGES } from './kit/markdown.ts'
import { type Reader, startReader } from './kit/reader.ts'
import { type Sshd, startSshd } from './kit/sshd.ts'

/**
 * The tutorials are followed, each from its beginning to its end: ` ```sh step ` is typed, and every line of ` ```text seen ` has to be in
 * what the step before printed, in that order, `…` standing for anything. What only a person can do is ` ```sh by hand: REASON `.
 */
const TUTORIALS = PAGES.filter((page) => page.startsWith('docs/tutorials/'))
const isStep = ({ info }: Fence) => info === 'sh step' || info === 'text seen'

let sshd: Sshd

beforeAll(async () => {
  sshd = await startSshd({ config: ['Subsystem sftp internal-sftp'], hasOwnHome: true })
})

afterAll(() => sshd?.stop())

describe.each(TUTORIALS)('%s', (page) => {
  const fences = fencesOf(page)
  let reader: Reader
  let printed = ''

  beforeAll(async () => {
    reader = await startReader(sshd)
  })

  afterAll(() => reader?.close())

  test('shows no shell that is neither followed nor says why it is not', () => {
    const others = fences.filter(({ info }) => /^(?:sh|text)\b/.test(info) && info !== 'text seen')
    expect(others.length).toBeGreaterThan(2)
    expect(others.filter(({ info }) => info !== 'sh step' && !/^(?:sh|text) by hand: \w/.test(info))).toEqual(
      [],
    )
  })

  test.each(fences.filter(isStep).map((fence) => [fence.line, fence.info, fence.text] as const))(
    'line %i, %s, is true',
    async (_, info, text) => {
      if (info === 'sh step') printed = await reader.type(text)
      else expect(printed).toMatch(inOrder(text))
    },
  )
})

test('there is a tutorial for each kind of reader', () => {
  expect(TUTORIALS.length).toBeGreaterThan(2)
})

/** The lines of a fence, in their order, with anything between them. */
function inOrder(text: string): RegExp {
  const lines = text.trimEnd().split('\n')
  const patterns = lines.map((line) =>
    line
      .split('…')
      .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  )
  return new RegExp(patterns.join('[\\s\\S]*?'))
}
