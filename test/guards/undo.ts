import type { Guard } from './guard.ts'

const restoring = 'src/ssh/files/restore-file.test.ts'

export const UNDO_GUARDS: readonly Guard[] = [
  {
    name: 'kept-before-changed',
    file: 'src/ssh/files/change-keeper.ts',
    from: 'await store.keep(record, content).catch(unavailable)',
    to: "await store.keep(record, content).catch(() => ({ kind: 'kept' }) as const)",
    test: restoring,
    title: 'because the disk of the bridge takes nothing: the file is not changed',
  },
  {
    name: 'replaced-is-what-was-kept',
    file: 'src/ssh/files/replace-file.ts',
    from: 'if (!next.createOnly) await mustBeAsSeen(at, target, before)',
    to: 'void mustBeAsSeen',
    test: restoring,
    title: 'what is kept is what was replaced, also when others write in the middle',
  },
  {
    name: 'removed-is-what-was-kept',
    file: 'src/ssh/files/take-away.ts',
    from: 'if (taken?.equals(before) !== true)',
    to: 'if (taken === null)',
    test: restoring,
    title: 'a file that changes at the very moment of its removal is given its name back',
  },
  {
    name: 'transferred-over-what-was-kept',
    file: 'src/ssh/files/transfer-keeping.ts',
    from: 'if (overwrite) await mustBeAsSeen(at, target, before)',
    to: 'void mustBeAsSeen',
    test: 'src/ssh/files/transfer-keeping.test.ts',
    title: 'replaces what was kept, also when others write in the middle',
  },
  {
    name: 'restore-follows-no-symlink',
    file: 'src/ssh/files/restore-file.ts',
    from: 'if (real?.equals(directory) !== true)',
    to: 'if (real === null)',
    test: restoring,
    title: 'a directory on the way that became a symlink to one that holds the same',
  },
  {
    name: 'restores-only-what-the-change-left',
    file: 'src/ssh/files/restore-file.ts',
    from: 'if (how !== undefined) throw differs(how)',
    to: '',
    test: restoring,
    title: 'a file that was made and changed since is not removed',
  },
  {
    name: 'changes-expire',
    file: 'src/store/change-rows.ts',
    from: 'if (record !== undefined && record.at.getTime() <= this.#oldestMs()) return undefined',
    to: '',
    test: 'src/store/change-rows.test.ts',
    title: 'in time: what is older is not found and goes',
  },
  {
    name: 'cli-text-has-no-controls',
    file: 'src/lib/printable.ts',
    from: 'return text.replace(UNSHOWABLE, escapeOf)',
    to: 'return text',
    test: 'src/cli/rest-client.test.ts',
    title: 'no word of others moves the cursor or turns the direction',
  },
]
