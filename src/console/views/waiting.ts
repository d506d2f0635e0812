import * as z from 'zod'
import { viewsFor } from '../../pipeline/approvals/answer-approval.ts'
import { defineView } from '../view.ts'

/**
 * Which requests wait for an answer of whoever looks: to count, and to tell of a new one, on whichever page they are. What is asked, they read through
 * REST.
 */
export const waiting = defineView({
  name: 'waiting',
  roles: ['approver'],
  input: z.strictObject({}),
  async look(_, { principal }, { bridge }) {
    await bridge.approvals.loaded
    await bridge.approvals.look()
    return {
      requests: viewsFor(principal, bridge, false)
        .filter(({ isOwn }) => !isOwn)
        .map(({ id, requester, host }) => ({
          command_id: id,
          requester,
          ...(host !== undefined && { host }),
        })),
    }
  },
})
