import { whereText } from './problem.ts'
import type { Review } from './review.ts'
import type { Draft, ServerDraft } from './schema.ts'
import { findSuggestion } from './suggest.ts'

/** Each way in belongs to one human, and the keys that are named exist. */
export function checkPeople({ people }: Pick<Draft, 'people'>, server: ServerDraft, review: Review): void {
  const taken = new Map<string, readonly (string | number)[]>()
  const take = (what: string, key: string, path: readonly (string | number)[]) => {
    const before = taken.get(key)
    if (before === undefined) taken.set(key, path)
    else
      review.problem(
        path,
        `${what} belongs to somebody already at ${whereText(review.where(before))}: each has one owner`,
      )
  }
  const keys = [
    ...(server.api_key === undefined ? [] : ['api_key']),
    ...server.api_keys.flatMap(({ name }) => name ?? []),
  ]
  for (const [index, { name, emails, principals, api_keys, os_users }] of people.entries()) {
    const at = (key: string) => ['people', index, key]
    if (name !== undefined) take('this name', JSON.stringify(['name', name]), at('name'))
    for (const email of [emails ?? []].flat())
      take('this address', JSON.stringify(['email', email.toLowerCase()]), at('emails'))
    for (const { issuer, subject } of principals ?? [])
      take('this account', JSON.stringify([issuer, subject]), at('principals'))
    for (const user of [os_users ?? []].flat())
      take('this user', JSON.stringify(['os', user]), at('os_users'))
    for (const key of [api_keys ?? []].flat()) {
      take('this key', JSON.stringify(['api-key', key]), at('api_keys'))
      if (keys.includes(key)) continue
      const near = findSuggestion(key, keys)
      const hint =
        near === undefined ? 'write the name of one of server.api_keys' : `did you mean \`${near}\`?`
      review.problem(at('api_keys'), `no API key is named \`${key}\`: ${hint}`)
    }
  }
}
