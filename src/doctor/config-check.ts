import type { Check } from './check.ts'
import { note, ok } from './finding.ts'

/** What `validate` says of a configuration that is valid. With problems doctor ends before it looks at anything. */
export const configCheck: Check = {
  id: 'config',
  of: 'bridge',
  title: 'The configuration says what is meant',
  means:
    'It is valid, and something in it is worth a second look. What makes it invalid ends `doctor` with exit code 2 and the words of `ssh-mcp-bridge validate`.',
  mend: 'Read the line; where it is meant so, nothing is to be done.',
  run: (_, look) => {
    const { config } = look.settings
    if (config === undefined) return []
    if (config.warnings.length === 0) return ok('It is valid.')
    return config.warnings.flatMap((text) =>
      note(
        text,
        'Change it in the configuration, or leave it if it is meant so: ssh-mcp-bridge validate CONFIG.',
      ),
    )
  },
}
