import type { Guard } from './guard.ts'

export const CONNECT_GUARDS: readonly Guard[] = [
  {
    name: 'connect-sees-other-writers',
    file: 'src/cli/connect/write-entry.ts',
    from: 'unless: async () => !isSame(await contentOf(path), before)',
    to: 'unless: async () => false',
    test: 'src/cli/connect/write-entry.test.ts',
    title: 'what another program writes meanwhile is not lost',
  },
  {
    name: 'connect-replaces-when-told',
    file: 'src/cli/connect/edit-json.ts',
    from: "if (present !== undefined && !isSame && !replace) return { kind: 'taken' }",
    to: '',
    test: 'src/cli/connect/edit-json.test.ts',
    title: 'another entry of that name gives way only when it shall',
  },
  {
    name: 'connect-follows-no-link',
    file: 'src/cli/connect/write-entry.ts',
    from: 'if (stats?.isSymbolicLink())',
    to: 'if (false)',
    test: 'src/cli/connect/write-entry.test.ts',
    title: 'a file that is a link is not followed',
  },
  {
    name: 'connect-shows-no-old-value',
    file: 'src/cli/connect/show-change.ts',
    from: 'const veil = line.replace(',
    to: 'const veil = line || line.replace(',
    test: 'src/cli/connect/write-entry.test.ts',
    title: 'the lines that go and come, without a value of what goes',
  },
]
