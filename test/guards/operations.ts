import type { Guard } from './guard.ts'

export const OPERATION_GUARDS: readonly Guard[] = [
  {
    name: 'ready-detail-for-operators',
    file: 'src/http/public-routes.ts',
    from: 'principal !== undefined && missingScopes(principal, [OPERATE_SCOPE]).length === 0',
    to: 'true',
    test: 'src/http/app.test.ts',
    title: '/ready tells operators more, and nobody else',
  },
]
