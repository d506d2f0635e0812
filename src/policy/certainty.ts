/**
 * Whether a rule is about something. `maybe`: too little is known of it. What allows needs `yes`; what asks or denies takes `maybe` for
 * one, since what was not understood may be just what it is about.
 */
export type Certainty = 'yes' | 'maybe' | 'no'

/** All of them hold. */
export function every(certainties: Iterable<Certainty>): Certainty {
  let least: Certainty = 'yes'
  for (const one of certainties) {
    if (one === 'no') return 'no'
    if (one === 'maybe') least = 'maybe'
  }
  return least
}

/** One of them holds. */
export function some(certainties: Iterable<Certainty>): Certainty {
  let most: Certainty = 'no'
  for (const one of certainties) {
    if (one === 'yes') return 'yes'
    if (one === 'maybe') most = 'maybe'
  }
  return most
}

export function certain(holds: boolean): Certainty {
  return holds ? 'yes' : 'no'
}
