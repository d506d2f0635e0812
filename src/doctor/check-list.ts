import { addressChecks } from './address-checks.ts'
import { browserChecks } from './browser-checks.ts'
import { callChecks } from './call-checks.ts'
import { challengeChecks } from './challenge-checks.ts'
import type { Check } from './check.ts'
import { clientChecks } from './client-checks.ts'
import { clockChecks } from './clock-checks.ts'
import { configCheck } from './config-check.ts'
import { doorChecks } from './door-checks.ts'
import { hostChecks } from './host-checks.ts'
import { keyCheck } from './key-check.ts'
import { loginChecks } from './login-checks.ts'
import { resourceChecks } from './resource-checks.ts'
import { serverChecks } from './server-checks.ts'
import { serverFeatures } from './server-features.ts'
import { tlsChecks } from './tls-checks.ts'
import { tokenChecks } from './token-checks.ts'

/** Every check, in the order in which they are made: what another one needs comes before it. */
export const CHECKS: readonly Check[] = [
  configCheck,
  ...addressChecks,
  ...tlsChecks,
  ...doorChecks,
  ...challengeChecks,
  ...resourceChecks,
  ...browserChecks,
  ...loginChecks,
  ...serverChecks,
  ...serverFeatures,
  keyCheck,
  ...clockChecks,
  ...clientChecks,
  ...tokenChecks,
  ...callChecks,
  ...hostChecks,
]
