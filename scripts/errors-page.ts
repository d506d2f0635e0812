import { ERRORS } from '../src/domain/errors.ts'

/** docs/ERRORS.md: every code of the catalogue, with its HTTP status, what it means and whether to try again. */
export function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { http, retry, means }]) => `| \`${code}\` | ${http} | ${retry ? 'yes' : 'no'} | ${means} |`,
  )
  return `# Errors

<!-- Generated from src/domain/errors.ts by \`npm run docs\`. -->

The same codes come over MCP (\`isError: true\`, \`code\` in the structured content) and REST (\`{"error": {"code", "message"}}\`
with the status below). "Again" says whether the same request may be sent again as it is.

| code | HTTP | again | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}
