import * as z from 'zod'
import { principalName } from '../../domain/principal.ts'
import { rightsOf } from '../../pipeline/explain/rights.ts'
import { rolesOf } from '../../policy/who/roles-of.ts'
import { defineView } from '../view.ts'
import { askedWho, who } from './asked-who.ts'
import { hostPage, page, wordsAndTag } from './host-page.ts'

/** What somebody may do on every host, with the rules that say so. */
export const permissions = defineView({
  name: 'permissions',
  roles: ['viewer'],
  input: z.strictObject({ ...who, ...wordsAndTag, ...page }),
  look(asked, _viewer, { eyes, bridge }) {
    const principal = eyes.rules.whoAsks(askedWho(asked))
    const rules = bridge.rules()
    const now = bridge.clock.now()
    const rightsOn = rightsOf(principal, { rules, now })
    const found = hostPage(
      eyes.hosts.list().filter(({ isHop }) => !isHop),
      asked,
    )
    return {
      as: principalName(principal),
      has_rules: rules !== undefined,
      at: now.toISOString(),
      roles: rules === undefined ? [] : [...rolesOf(principal, rules)],
      scopes: principal.scopes === 'all' ? 'all' : [...principal.scopes],
      found: found.count,
      hosts: found.hosts.map(({ host }) => rightsOn(host)),
    }
  },
})
