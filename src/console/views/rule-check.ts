import * as z from 'zod'
import { ASKED_ACTIONS } from '../../pipeline/explain/asked-action.ts'
import { defineView } from '../view.ts'
import { askedWho, who } from './asked-who.ts'

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

/** What the rules would say to somebody who asks for something. Nobody asks, and nothing is run. */
export const ruleCheck = defineView({
  name: 'rule-check',
  roles: ['viewer'],
  input: z.strictObject({
    ...who,
    host: z.string().min(1).max(63),
    action: z.enum(ASKED_ACTIONS as [string, ...string[]]).optional(),
    command: z.string().max(4_096).optional(),
    path: z.string().max(4_096).optional(),
    sudo: flag.optional(),
    tainted: flag.optional(),
    from: z.string().max(64).optional(),
    at: z.iso.datetime({ offset: true }).optional(),
  }),
  look({ host, action, command, path, sudo, tainted, from, at, ...asked }, { roles }, { eyes, bridge }) {
    const what = {
      ...askedWho(asked),
      host,
      at: at === undefined ? bridge.clock.now() : new Date(at),
      ...(action !== undefined && { action }),
      ...(command !== undefined && { command }),
      ...(path !== undefined && { path }),
      ...(sudo !== undefined && { sudo }),
      ...(tainted !== undefined && { tainted }),
      ...(from !== undefined && { from }),
    }
    return eyes.rules.ask(what, roles.includes('admin'))
  },
})
