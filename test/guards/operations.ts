import type { Guard } from './guard.ts'

export const OPERATION_GUARDS: readonly Guard[] = [
  {
    name: 'head-leaves-nothing-open',
    file: 'src/http/request-log.ts',
    from: "if (c.req.method === 'HEAD') await",
    to: "if (c.req.method === '') await",
    test: 'src/http/request-log.test.ts',
    title:
      'HEAD of a stream of events is answered like GET without its body, and leaves nothing open; GET goes on',
  },
  {
    name: 'other-pages-ask-nothing',
    file: 'src/http/guard-pages.ts',
    from: 'if (!PUBLIC_PATHS.has(c.req.path) && isOfAnotherPage(c))',
    to: "if (c.req.path === '' && isOfAnotherPage(c))",
    test: 'src/http/guard-pages.test.ts',
    title: 'what a page of another site has a browser ask for is refused, and is no call of anybody',
  },
  {
    name: 'ready-detail-for-operators',
    file: 'src/http/public-routes.ts',
    from: 'principal !== undefined && missingScopes(principal, [OPERATE_SCOPE]).length === 0',
    to: 'true',
    test: 'src/http/app.test.ts',
    title: '/ready tells operators more, and nobody else',
  },
  {
    name: 'locked-see-no-figures',
    file: 'src/http/public-routes.ts',
    from: 'return principal !== undefined && isLocked(principal)',
    to: "return principal?.subject === '' && isLocked(principal)",
    test: 'src/http/app.test.ts',
    title: 'whoever a lock names sees no detail of /ready and no figures, and others go on to',
  },
  {
    name: 'downloads-on-record-first',
    file: 'src/http/transfer-download.ts',
    from: 'await use.begin()',
    to: 'void use',
    test: 'src/http/transfer-begun.test.ts',
    title: 'no byte of a file leaves through a link before it is on record that somebody takes it',
  },
  {
    name: 'uploads-on-record-first',
    file: 'src/http/transfer-upload.ts',
    from: 'await use.begin()',
    to: 'void use',
    test: 'src/http/transfer-begun.test.ts',
    title: 'no byte is taken in through a link before it is on record that somebody sends it',
  },
]
