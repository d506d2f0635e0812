import type { Guard } from './guard.ts'

export const DOCTOR_GUARDS: readonly Guard[] = [
  {
    name: 'doctor-token-only-where-safe',
    file: 'src/doctor/door-checks.ts',
    from: "  'encrypted',\n  ...CERTIFICATE,\n  'redirects',",
    to: "  ...CERTIFICATE,\n  'redirects',",
    test: 'test/journeys/doctor.test.ts',
    title: 'the token goes over no line that others can read',
    needsBuild: true,
  },
  {
    name: 'doctor-shows-no-token',
    file: 'src/doctor/look.ts',
    from: "text: reply.text.replaceAll(token, '[token]')",
    to: 'text: reply.text',
    test: 'test/journeys/doctor.test.ts',
    title: 'a token that a server repeats is not in the report',
    needsBuild: true,
  },
  {
    name: 'doctor-registration-token-stays',
    file: 'src/doctor/registration.ts',
    from: 'if (new URL(url).origin !== new URL(endpoint).origin) return false',
    to: 'if (new URL(url).origin === endpoint) return false',
    test: 'test/journeys/doctor.test.ts',
    title: 'the right to manage a registration is shown to nobody but the server that gave it',
    needsBuild: true,
  },
  {
    name: 'doctor-asks-trusted-hosts',
    file: 'src/ssh/transport/ssh2-offered-methods.ts',
    from: 'hostVerifier: (key: Buffer) => check(key) === undefined,',
    to: 'hostVerifier: (key: Buffer) => check(key) !== null,',
    test: 'src/ssh/transport/offered-methods.test.ts',
    title: 'a host whose key is not trusted is not asked',
  },
]
