import type { ComponentType } from 'preact'
import type { Role } from './who.ts'

export interface Page {
  /** The first part of its path. */
  readonly path: string
  readonly title: string
  /** One of these is needed to see it. */
  readonly roles: readonly Role[]
  /** Fetched when somebody goes there. */
  readonly load: () => Promise<{ readonly default: ComponentType }>
}

/** Every page, in the order of the menu. The first one is what people land on. */
export const PAGES: readonly Page[] = [
  { path: 'now', title: 'Now', roles: ['viewer'], load: () => import('./pages/now.tsx') },
  { path: 'approvals', title: 'Approvals', roles: ['approver'], load: () => import('./pages/approvals.tsx') },
  { path: 'history', title: 'History', roles: ['auditor'], load: () => import('./pages/history.tsx') },
  {
    path: 'recordings',
    title: 'Recordings',
    roles: ['auditor'],
    load: () => import('./pages/recordings.tsx'),
  },
  { path: 'hosts', title: 'Hosts', roles: ['viewer'], load: () => import('./pages/hosts.tsx') },
  { path: 'rules', title: 'Rules', roles: ['viewer'], load: () => import('./pages/rules.tsx') },
  {
    path: 'people',
    title: 'People and clients',
    roles: ['viewer'],
    load: () => import('./pages/people.tsx'),
  },
  { path: 'system', title: 'System', roles: ['viewer'], load: () => import('./pages/system.tsx') },
]
