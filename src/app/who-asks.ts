import { readFileSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { Principal } from '../domain/principal.ts'
import { osPrincipal } from '../oauth/os-user.ts'
import { readPrincipal } from '../oauth/read-principal.ts'
import { isJsonObject } from '../oauth/strict-json.ts'
import type { RoleMatch, RuleSet } from '../policy/rule-set.ts'
import { EXECUTE_SCOPE } from '../policy/scopes.ts'
import { rolesOf } from '../policy/who/roles-of.ts'

/** Of whom it is asked what they may do. Exactly one of the first three; the others add to a person or a role. */
export interface Asker {
  /** A person of `people`, an e-mail address, the name of an API key, or a subject. */
  readonly person?: string
  readonly role?: string
  /** The path of the claims of an access token, as JSON. */
  readonly claimsFile?: string
  readonly groups: readonly string[]
  /** What a token is given when nobody says otherwise: `mcp:execute`, and what the hosts ask for. */
  readonly scopes?: readonly string[]
}

/** @throws TypeError with a sentence when there is no such person, key, role or file, or when the file is not one's claims. */
export function whoAsks(asker: Asker, config: Config): Principal {
  const { person, role, claimsFile } = asker
  const given = [person, role, claimsFile].filter((one) => one !== undefined)
  if (given.length !== 1)
    throw new TypeError('say who asks, in one way: --as PERSON, --role ROLE or --claims FILE')
  if (claimsFile !== undefined) return byClaims(claimsFile, config)
  const base = person === undefined ? byRole(role ?? '', config) : byName(person, config)
  return {
    ...base,
    groups: [...base.groups, ...asker.groups],
    ...(asker.scopes && { scopes: new Set(asker.scopes) }),
  }
}

function byName(name: string, config: Config): Principal {
  const known = config.rules?.people.find((one) => one.name === name)
  const [account] = known?.principals ?? []
  const [email = name.includes('@') ? name : undefined] = known?.emails ?? []
  if (account?.issuer === 'os' || name === osPrincipal().subject)
    return { ...osPrincipal(), subject: account?.subject ?? name, name: account?.subject ?? name }
  const key = config.server.auth.apiKeys.find(
    (one) => one.name === (account?.issuer === 'api-key' ? account.subject : name),
  )
  if (key !== undefined) return byKey(key)
  return {
    ...someone(config),
    subject: account?.subject ?? name,
    ...(account && { issuer: account.issuer }),
    ...(email !== undefined && { email }),
  }
}

function byKey({ name, roles, scopes }: Config['server']['auth']['apiKeys'][number]): Principal {
  const held = scopes === 'all' ? scopes : new Set(scopes)
  return { issuer: 'api-key', subject: name, method: 'api_key', name, groups: [], roles, scopes: held }
}

/** Somebody who holds the role by the first way there is to hold it. */
function byRole(name: string, config: Config): Principal {
  const rules: Pick<RuleSet, 'roles'> = config.rules ?? { roles: [] }
  const role = rules.roles.find((one) => one.name === name)
  const known = rules.roles.map((one) => one.name).join(', ') || 'none'
  if (role === undefined) throw new TypeError(`no role is named ${JSON.stringify(name)}; there are: ${known}`)
  const holder = role.matches
    .map((match) => holderOf(match, config))
    .find((one) => rolesOf(one, rules).has(name))
  if (holder === undefined)
    throw new TypeError(`nobody can be made up who holds the role ${name}: describe one with --claims FILE`)
  return holder
}

function holderOf(match: RoleMatch, config: Config): Principal {
  const { groups = [], roles = [], scopes = [] } = match
  const [apiKey] = match.apiKeys ?? []
  const key = config.server.auth.apiKeys.find((one) => one.name === apiKey)
  if (key !== undefined) return byKey(key)
  const base = someone(config)
  const [email, subject, issuer, client, method] = [
    match.emails,
    match.subjects,
    match.issuers,
    match.clients,
    match.methods,
  ].map((list) => list?.[0])
  const held = base.scopes === 'all' ? 'all' : new Set([...base.scopes, ...scopes])
  return {
    ...base,
    ...(method !== undefined && { method: method as Principal['method'] }),
    ...(subject !== undefined && { subject }),
    ...(issuer !== undefined && { issuer }),
    ...(email !== undefined && { email: email.replace(/^\*/, 'somebody') }),
    ...(client !== undefined && { clientId: client }),
    groups: groups.slice(0, 1),
    roles: roles.slice(0, 1),
    scopes: held,
  }
}

/** Somebody with a token of the usual scopes, about whom nothing else is known. */
function someone({ server }: Config): Principal {
  const { oauth } = server.auth
  return {
    issuer: oauth?.issuers[0]?.issuer ?? 'https://issuer.invalid/',
    subject: 'somebody',
    method: 'oauth',
    groups: [],
    roles: [],
    scopes: new Set(oauth?.scopesSupported ?? [EXECUTE_SCOPE]),
  }
}

function byClaims(file: string, { server }: Config): Principal {
  const { oauth } = server.auth
  if (oauth === undefined)
    throw new TypeError('--claims needs server.oauth in the configuration: it says where claims are read')
  const claims = readJson(file)
  if (!isJsonObject(claims)) throw new TypeError(`${file} holds no claims: write them as one JSON object`)
  const named = oauth.issuers.find(({ issuer }) => issuer === claims.iss) ?? oauth.issuers[0]
  if (named === undefined) throw new TypeError('--claims needs an issuer in server.oauth')
  const read = readPrincipal(claims, named, new Set(named.audience))
  if (read.kind === 'refused') throw new TypeError(`a token with these claims is refused: ${read.reason}`)
  return read.principal
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read'
    throw new TypeError(`${file} ${why}`, { cause: error })
  }
}
