import { GROUPS, type Of } from '../src/doctor/check.ts'
import { CHECKS } from '../src/doctor/check-list.ts'

/** docs/DOCTOR.md: how it is called, what it prints, and every check with what it means and what mends it. */
export function doctorPage(): string {
  const groups = (Object.entries(GROUPS) as [Of, string][]).map(([of, title]) => {
    const checks = CHECKS.filter((check) => check.of === of)
    const entries = checks.map(
      ({ id, title: claim, means, mend, needs = [] }) =>
        `### ${id}\n\n**${claim}.** ${means}\n\n- Fix: ${mend}${needs.length > 0 ? `\n- Looked at once these hold: ${needs.map((need) => `[${need}](#${need})`).join(', ')}` : ''}\n`,
    )
    return `## ${title}\n\n${entries.join('\n')}`
  })
  return `# Doctor

<!-- Generated from src/doctor/ by \`npm run docs\`. -->

\`ssh-mcp-bridge doctor\` looks at a bridge as its clients do, and at its hosts as the bridge does, and names what will fail, how that was seen
and what to type. It needs no running client and no browser; the bridge has to run.

\`\`\`sh
ssh-mcp-bridge doctor config.yaml
ssh-mcp-bridge doctor --url https://ssh-mcp.example.com
ssh-mcp-bridge doctor --client chatgpt --no-hosts
ssh-mcp-bridge doctor --host web-server
ssh-mcp-bridge doctor --token - < token.txt
\`\`\`

| option | what it does |
| --- | --- |
| \`CONFIG\` | the configuration of the bridge; default \`$SSH_MCP_CONFIG\`, then \`./config.yaml\` |
| \`--url ADDRESS\` | the address that clients type; default \`server.public_url\`, else where the bridge listens. Works without a configuration, from any machine |
| \`--token TOKEN\`, \`--token -\` | explains an access token claim by claim and makes the first calls with it. \`-\` reads it from standard input: arguments of a program can be read by everybody on its machine |
| \`--client NAME\` | replays this client only: \`chatgpt\`, \`claude\`, \`claude-code\`, \`vscode\`, \`cursor\`, \`codex\` and others of [CLIENTS](CLIENTS.md) |
| \`--hosts\`, \`--no-hosts\`, \`--host NAME\` | whether the hosts are looked at, and which |
| \`--json\` | the findings as JSON |

What it does beyond looking: at an authorization server with open registration it registers a client named
\`ssh-mcp-bridge doctor (a test, may be removed)\` and removes it again where the server offers that (RFC 7592); on hosts it runs \`exit 0\`, asks
for the shell and the time, lists the home directory and, where sudo is configured, runs \`exit 0\` as root, all of it recorded in the audit. It
sends nothing to a host whose key is not trusted, and shows no secret: of a token its claims, never its signature.

Certificates are judged as Node.js does; \`NODE_EXTRA_CA_CERTS\` names a private authority. The address is looked at from this machine: what a
firewall does to clients elsewhere, and what their DNS says, is not seen.

| exit code | |
| --- | --- |
| 0 | nothing will fail; there may be warnings |
| 1 | something will fail |
| 2 | how it was called or configured, in the words of \`ssh-mcp-bridge validate\` |

## JSON

\`\`\`json
{
  "format": 1,
  "version": "0.1.0",
  "checked_at": "2026-11-30T12:00:00.000Z",
  "address": "https://ssh-mcp.example.com",
  "result": "failed",
  "counts": { "ok": 40, "note": 1, "warning": 0, "failure": 1 },
  "findings": [
    {
      "check": "certificate-dates",
      "level": "failure",
      "subject": "https://ssh-mcp.example.com",
      "what": "The certificate has expired on 2026-11-29.",
      "fix": "Renew the certificate (certbot renew) and reload the proxy (nginx -s reload).",
      "page": "docs/DOCTOR.md#certificate-dates"
    }
  ]
}
\`\`\`

\`level\` is \`ok\`, \`note\` (worth knowing), \`warning\` (works, but not for everybody or not for long) or \`failure\` (something will fail);
\`result\` is \`failed\` when there is a failure. \`why\` says how it was seen, \`fix\` what to type, and is there for everything but \`ok\`. A check that
was not made, because another one failed, is a note with \`"skipped": true\`. Check ids and members stay; new ones may come. \`format\` counts up
if a member ever has to change.

${groups.join('\n')}`
}
