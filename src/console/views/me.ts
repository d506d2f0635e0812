import * as z from 'zod'
import { principalName } from '../../domain/principal.ts'
import { VERSION } from '../../lib/version.ts'
import { defineView } from '../view.ts'

/** Who is signed in, and what they are here; the only view for whoever is nothing. */
export const me = defineView({
  name: 'me',
  roles: [],
  input: z.strictObject({}),
  look: (_, { principal, roles }, { bridge }) => ({
    name: principalName(principal),
    method: principal.method,
    issuer: principal.issuer,
    subject: principal.subject,
    roles,
    has_rules: bridge.rules() !== undefined,
    version: VERSION,
  }),
})
