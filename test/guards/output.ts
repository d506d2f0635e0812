import type { Guard } from './guard.ts'

export const OUTPUT_GUARDS: readonly Guard[] = [
  {
    name: 'secrets-are-taken-out',
    file: 'src/pipeline/redaction/clean.ts',
    from: 'for (const span of redactor.spans(window)) {',
    to: 'for (const span of redactor.spans(window).slice(0, 0)) {',
    test: 'src/pipeline/redaction/clean.test.ts',
    title: 'has its secrets taken out and its controls shown, both counted',
  },
  {
    name: 'clean-beside-output',
    file: 'src/pipeline/redaction/clean-answer.ts',
    from: 'return mapTexts(answer, new Set(CLEANED[answer.kind]), (text) => cleanText(text, plain).text)',
    to: 'return plain === undefined ? mapTexts(answer, new Set(CLEANED[answer.kind]), (text) => text) : answer',
    test: 'src/pipeline/redaction/clean-answer.test.ts',
    title: 'is cleaned',
  },
  {
    name: 'one-line-among-own-words',
    file: 'src/mcp/one-line.ts',
    from: "return text.replace(/\\r?\\n/g, '␊').replaceAll('\\t', '␉')",
    to: 'return text',
    test: 'src/mcp/one-line.test.ts',
    title: 'what a host chose is no line of the bridge',
  },
  {
    name: 'audit-without-secrets',
    file: 'src/store/call-record.ts',
    from: 'members = canonicalMembers(callFacts(call), redact)',
    to: 'members = canonicalMembers(callFacts(call), redact && String)',
    test: 'src/store/audit-record.test.ts',
    title: 'holds no credential, wherever a caller wrote it',
  },
  {
    name: 'log-without-secrets',
    file: 'src/telemetry/log.ts',
    from: 'redact(message), redacted(fields, redact)',
    to: 'asItIs(message), redacted(fields, asItIs)',
    test: 'src/telemetry/log.test.ts',
    title: 'a line holds no credential, neither in its words nor in its fields',
  },
]
