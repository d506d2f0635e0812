import type { Reply } from './ask.ts'
import type { Check } from './check.ts'
import { ARRIVED } from './door-checks.ts'
import { failure, ok, type Said, warning } from './finding.ts'

/** What tokens forgive (`oauth/check-claims.ts`), and half of it. */
const REFUSED_S = 60
const CLOSE_S = 30

const SET_CLOCK =
  'Set the clock there by NTP: timedatectl set-ntp true; then timedatectl status says “synchronized: yes”.'

/** The clocks of everybody who looks at a token. Read from the `Date` of an answer, which has whole seconds. */
export const clockChecks: readonly Check[] = [
  {
    id: 'clock',
    of: 'bridge',
    title: 'The clock of the bridge is right',
    means:
      'Tokens begin and end at times. A bridge whose clock is more than 60 seconds off refuses good ones, or takes expired ones.',
    mend: 'Let the machine of the bridge keep its clock by NTP (`timedatectl set-ntp true`).',
    needs: ARRIVED,
    run: async (_, look) => clockSaid(await look.get(`${look.baseUrl}/health`), 'the bridge'),
  },
  {
    id: 'server-clock',
    of: 'issuer',
    title: 'The clock of the authorization server is right',
    means:
      'Its tokens begin too early or too late: the bridge refuses those that begin more than 60 seconds in the future, or have ended.',
    mend: 'Let the machine of the authorization server keep its clock by NTP (`timedatectl set-ntp true`).',
    needs: ['server-document'],
    run: async (issuer, look) => {
      const { places } = await look.server(issuer)
      const [answered] = places.flatMap(({ reply }) => (reply.kind === 'answered' ? [reply] : []))
      return answered === undefined ? [] : clockSaid(answered, 'the authorization server')
    },
  },
]

function clockSaid(reply: Reply, whose: string): Said[] {
  const date = reply.kind === 'answered' ? reply.headers.get('date') : null
  const told = date === null ? Number.NaN : Date.parse(date)
  if (reply.kind !== 'answered' || Number.isNaN(told)) return []
  const apartS = (told - reply.at.getTime()) / 1000
  return apartSaid(apartS, whose, SET_CLOCK)
}

/** Which of the two clocks is wrong cannot be told from here, only that they are not the same. */
export function apartSaid(apartS: number, whose: string, fix: string): Said[] {
  const seconds = Math.round(Math.abs(apartS))
  const words = `The clock of ${whose} is ${seconds} seconds ${apartS > 0 ? 'ahead of' : 'behind'} the one here`
  if (seconds > REFUSED_S)
    return failure(`${words}: tokens are refused for that.`, fix, 'as its Date header says')
  if (seconds > CLOSE_S) return warning(`${words}.`, fix, 'as its Date header says')
  return ok(`The clock of ${whose} is the one here.`)
}
