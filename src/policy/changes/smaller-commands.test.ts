import { expect, test } from 'vitest'
import { smallerCommands } from './smaller-commands.ts'

/** What a rule might allow: plain lists of a few programs with a few options. */
const allows = (command: string) =>
  command.split(/\s*(?:;|&&|\|\||\|)\s*/).every((part) => ALLOWED.some((pattern) => pattern.test(part)))
const ALLOWED = [
  /^ps( -?[aef]+)?$/,
  /^(grep|sort|cat|ls)( -[lnr])*( [a-z/.]+)*$/,
  /^journalctl( -n 5)?$/,
  /^systemctl status [a-z]+$/,
]

test.each([
  ['an option, or with it what may be its value', 'ls -Z /srv', ['ls /srv', 'ls']],
  ['one letter of several', 'ls -lZ /srv', ['ls -l /srv', 'ls /srv']],
  ['an option with its value', 'journalctl --output json', ['journalctl']],
  ['a redirection', 'ps aux > /tmp/x', []],
  ['a redirection of what is allowed', 'ps -ef > /tmp/x', ['ps -ef']],
  ['a variable before the program', 'LANG=C ps -ef', ['ps -ef']],
  ['sudo before the program', 'sudo -u root ls /srv', ['ls /srv']],
  ['a stage of a pipeline', 'ps -ef | tee x | grep ssh', ['ps -ef | grep ssh', 'ps -ef']],
  ['the end of a pipeline', 'cat a | tee x | sh', ['cat a']],
  ['a part of a list', 'systemctl status nginx; rm x', ['systemctl status nginx']],
  ['what is wrong in each part', 'ls -Z a && rm x; ps -ef > y', ['ls a; ps -ef']],
  ['only what has to go', 'ls -l -Z -r -X > x', ['ls -l -r']],
  ['a group as a whole', '(cd x; ls); ps', ['ps']],
])('%s is left out where that helps', (_, text, smaller) => {
  expect(smallerCommands(text, allows)).toEqual(smaller)
})

test.each([
  ['is not parsed', 'ls "'],
  ['is empty', ''],
  ['has no part that is allowed', 'rm -rf x | sh'],
  ['is allowed already', 'ps'],
])('nothing is proposed for a text that %s', (_, text) => {
  expect(smallerCommands(text, allows)).toEqual([])
})

test('every proposal was asked as it stands', () => {
  const asked = new Set<string>()
  const proposals = smallerCommands('ls -Z a && rm x; ps -ef > y', (command) => {
    asked.add(command)
    return allows(command)
  })
  expect(proposals).not.toEqual([])
  expect(proposals.filter((proposal) => !asked.has(proposal))).toEqual([])
})
