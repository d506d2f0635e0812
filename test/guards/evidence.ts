import type { Guard } from './guard.ts'

const verifier = { file: 'src/evidence/log-verifier.ts', test: 'src/evidence/verify-lines.test.ts' } as const
const signed = { file: 'src/evidence/signed-records.ts', test: 'src/evidence/verify-lines.test.ts' } as const

/** What makes the audit evidence: each way to change it is found. */
export const EVIDENCE_GUARDS: readonly Guard[] = [
  {
    name: 'audit-chain-link',
    ...verifier,
    from: 'if (place.prev !== this.#last.hash && this.#records > 1)',
    to: 'if (place.prev !== this.#last.hash && this.#records < 1)',
    title: 'a command is edited',
  },
  {
    name: 'audit-order',
    ...verifier,
    from: 'if (seq === expected) return',
    to: 'if (seq >= 0 || seq === expected) return',
    title: 'a number is raised',
  },
  {
    name: 'audit-beginning',
    ...verifier,
    from: 'if (this.#first > 1 && isPart !== true &&',
    to: 'if (this.#first < 1 && isPart !== true &&',
    title: 'the first record is deleted',
  },
  {
    name: 'audit-cut-back',
    ...verifier,
    from: 'if (furthest > seq) {',
    to: 'if (furthest < 0) {',
    title: 'it is cut back to an earlier checkpoint, which an anchor knows',
  },
  {
    name: 'audit-end-is-signed',
    ...verifier,
    from: 'if (isLive !== true && signedTo !== seq - 1)',
    to: 'if (isLive !== true && signedTo < 0)',
    title: 'the end is cut off',
  },
  {
    name: 'audit-one-log',
    ...signed,
    from: "if (log !== this.log)\n      throw bad(seq, 'another_log', `record",
    to: "if (log === '')\n      throw bad(seq, 'another_log', `record",
    title: 'the end is of another log, chained on',
  },
  {
    name: 'audit-trusted-key',
    ...signed,
    from: "if (!this.#trusted.has(String(key)))\n      throw bad(seq, 'untrusted_key', `record",
    to: "if (this.#trusted.size === 0)\n      throw bad(seq, 'untrusted_key', `record",
    title: 'the chain is made anew and signed with another key',
  },
  {
    name: 'audit-signature',
    ...signed,
    from: 'if (!isSigned(statement))',
    to: "if (statement.signature === '')",
    title: 'a signature is edited',
  },
  {
    name: 'audit-made-anew',
    ...signed,
    from: 'if (this.#hashes[upTo % REMEMBERED] !== hash)',
    to: "if (hash === '')",
    title: 'a record is edited and the chain made anew',
  },
  {
    name: 'audit-key-is-private',
    file: 'src/store/audit-key-file.ts',
    from: 'if ((statSync(path).mode & 0o077) !== 0)',
    to: 'if ((statSync(path).mode & 0o077) < 0)',
    test: 'src/store/checkpoints.test.ts',
    title: 'a key that others may read signs nothing',
  },
  {
    name: 'csv-has-no-formulas',
    file: 'src/cli/audit/csv.ts',
    from: 'const text = /^\\s*[=+\\-@|%]/.test(shown) ?',
    to: "const text = shown === '=' ?",
    test: 'src/cli/audit.test.ts',
    title: 'a table for spreadsheets holds no formula',
  },
  {
    name: 'audit-for-auditors',
    file: 'src/policy/operator-scope.ts',
    from: '// guard: audit-for-auditors\n      return AUDIT_SCOPE',
    to: 'return undefined',
    test: 'src/api/mount-api.test.ts',
    title: 'is not for whoever may run commands',
  },
  ...[
    { name: 'receipt-key', from: 'if (!keys.includes(String(receipt.key)))', to: 'if (keys.length === 0)' },
    { name: 'receipt-signature', from: 'if (!isSigned(receipt))', to: "if (receipt.signature === '')" },
    {
      name: 'receipt-output',
      from: 'if (result !== undefined && sha256(',
      to: 'if (result === null && sha256(',
    },
  ].map((guard) => ({
    ...guard,
    file: 'src/cli/audit/verify-receipt.ts',
    test: 'src/cli/audit.test.ts',
    title: 'a receipt is verified without the bridge',
  })),
]
