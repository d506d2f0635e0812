import type { Guard } from './guard.ts'

export const RECORDING_GUARDS: readonly Guard[] = [
  {
    name: 'recordings-without-secrets',
    file: 'src/pipeline/recording/stream-redactor.ts',
    from: 'const spans = redactor.spans(window)',
    to: 'const spans = redactor.spans(window).slice(0, 0)',
    test: 'src/pipeline/recording/stream-redactor.test.ts',
    title: 'gives nothing away even where only words are held back',
  },
  {
    name: 'passwords-are-not-recorded',
    file: 'src/pipeline/recording/typed-echo.ts',
    from: 'if (printed.startsWith(typed)) return',
    to: 'if (printed.startsWith(typed) || printed.length >= 0) return',
    test: 'src/pipeline/recording/typed-echo.test.ts',
    title: 'is not kept when a prompt takes it without a word',
  },
  {
    name: 'not-recorded-not-run',
    file: 'src/pipeline/recording/recorder.ts',
    from: 'return rules().required ? notRecorded(host) : undefined',
    to: 'return rules().required && host === undefined ? notRecorded(host) : undefined',
    test: 'src/pipeline/recording/recorder.test.ts',
    title: 'is not begun when its recording cannot be, and is when that is not required',
  },
  {
    name: 'recording-sealed-means-whole',
    file: 'src/store/recording-seal.ts',
    from: 'Buffer.concat([packed, decipher.final()])',
    to: 'packed',
    test: 'src/store/recording-seal.test.ts',
    title: 'whose bytes were changed by somebody who knows what it shows is not read',
  },
  {
    name: 'reading-is-audited',
    file: 'src/app/kept-recordings.ts',
    from: 'await audit.append({',
    to: 'void ({',
    test: 'test/journeys/recordings.test.ts',
    title: 'is recorded where that is configured',
    needsBuild: true,
  },
  {
    name: 'reading-over-rest-is-audited',
    file: 'src/pipeline/recording/read-recordings.ts',
    from: 'await remember(bridge, {',
    to: 'void ({',
    test: 'src/api/mount-api.test.ts',
    title: 'are not shown while that cannot be put on record',
  },
  {
    name: 'recordings-for-auditors',
    file: 'src/policy/operator-scope.ts',
    from: '// guard: recordings-for-auditors\n      return AUDIT_SCOPE',
    to: 'return undefined',
    test: 'src/api/mount-api.test.ts',
    title: 'is no reading matter of whoever may run commands',
  },
  ...[
    {
      name: 'play-drops-unknown-sequences',
      from: "if (!HARMLESS.has(final)) return ''",
      to: "if (final === '') return ''",
    },
    {
      name: 'play-drops-unknown-modes',
      from: "numbers.split(';').filter((mode) => MODES.has(mode)) : []",
      to: "numbers.split(';') : []",
    },
    {
      name: 'play-drops-unknown-escapes',
      from: "return ESCAPES.test(held) ? `\\x1b${held}` : ''",
      to: 'return `\\x1b${held}`',
    },
    {
      name: 'play-drops-controls',
      from: "const stop = this.#state === 'ground' ? SPECIAL : STRING_END",
      to: "const stop = this.#state === 'ground' ? /\\x1b/g : STRING_END",
    },
  ].map((guard) => ({
    ...guard,
    file: 'src/cli/recordings/safe-output.ts',
    test: 'src/cli/recordings/safe-output.test.ts',
    title: 'does nothing to the terminal that it is played on',
  })),
]
