import type { ComponentType } from 'preact'
import { Link } from '../parts/link.tsx'
import { place } from '../place.ts'
import { holds, type Role } from '../who.ts'
import { CheckForm } from './rules/check-form.tsx'
import { Permissions } from './rules/permissions.tsx'
import { Replay } from './rules/replay.tsx'
import { RuleList } from './rules/rule-list.tsx'

/** The parts of the page, by the second part of its path. */
const PARTS: readonly {
  readonly path: string
  readonly title: string
  /** All of them are needed. */
  readonly roles: readonly Role[]
  readonly Part: ComponentType
}[] = [
  { path: '', title: 'In words', roles: [], Part: RuleList },
  { path: 'check', title: 'May this person?', roles: [], Part: CheckForm },
  { path: 'permissions', title: 'What somebody may do', roles: [], Part: Permissions },
  { path: 'replay', title: 'Try changes', roles: ['auditor', 'admin'], Part: Replay },
]

export default function RulesPage() {
  const [, at = ''] = place.value
  const open = PARTS.filter(({ roles }) => roles.every(holds))
  const current = open.find(({ path }) => path === at)
  return (
    <>
      <h1>Rules</h1>
      <nav aria-label="Parts of this page" class="tabs">
        <ul>
          {open.map(({ path, title }) => (
            <li key={path}>
              <Link to={path === '' ? '/rules' : `/rules/${path}`} current={path === current?.path}>
                {title}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {current === undefined ? <p>There is no such part, or you have no role for it.</p> : <current.Part />}
    </>
  )
}
