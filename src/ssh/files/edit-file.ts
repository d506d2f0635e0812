import type { EditFileAction, FileOutcome } from '../../domain/file.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { applyPatch } from './apply-patch.ts'
import { applyReplacements, type Edited } from './apply-replacements.ts'
import { mustBeExpected, wholeContent } from './content.ts'
import type { FileDeps, FileWork } from './file-deps.ts'
import { fileWork } from './file-work.ts'
import { mustHaveOneName } from './keep-owner.ts'
import { shownPath } from './names.ts'
import { mustBeWritable } from './put-file.ts'
import type { Put } from './put-in-place.ts'
import { Refusal } from './refusal.ts'
import { replaceFile } from './replace-file.ts'
import { decodeText, inForm, readForm, writeForm } from './text-form.ts'
import { changed, WRITING } from './write-file.ts'
import { writeTarget } from './write-target.ts'

/**
 * Changes a text where it was told to, and nothing else of it: line ends, byte order mark and the end of the last line stay. What does
 * not fit in one place only is refused. Written as `write_file` writes, and only if the file is still the one that was edited.
 */
export function editFile(
  owner: string,
  action: EditFileAction,
  target: HostTarget,
  deps: FileDeps,
  signal: AbortSignal,
): Promise<FileOutcome | NotStarted> {
  return fileWork(owner, action, target, deps, signal, WRITING, (at) => edit(at, action))
}

async function edit(at: FileWork, action: EditFileAction): Promise<FileOutcome> {
  const target = await writeTarget(at, action)
  if (target.existing === undefined)
    throw new Refusal(
      'file_not_found',
      `There is no ${shownPath(action.path)} on ${at.host}. write_file makes one.`,
    )
  const [before] = await Promise.all([
    contentToEdit(at, action, target.path),
    mustHaveOneName(at, target),
    mustBeWritable(at, target),
  ])
  mustBeExpected(at, action.path, action.expectedSha256, before)
  const after = edited(at, action, before)
  const put: Put =
    action.dryRun || after.equals(before)
      ? { kind: 'done' }
      : await replaceFile(at, target, { content: after, createOnly: false }, before)
  return changed(at, target, action, put, before, after)
}

async function contentToEdit(at: FileWork, { path }: EditFileAction, real: Buffer): Promise<Buffer> {
  const { maxBytes } = at.deps.settings
  const content = await wholeContent(at, real, maxBytes)
  if (content === undefined)
    throw new Refusal(
      'payload_too_large',
      `${shownPath(path)} on ${at.host} is longer than ${maxBytes} bytes (files.max_bytes). Edit it by a command, e.g. sed -i.`,
    )
  return content
}

function edited(at: FileWork, { path, change }: EditFileAction, before: Buffer): Buffer {
  const { maxBytes } = at.deps.settings
  const shown = `${shownPath(path)} on ${at.host}`
  const text = decodeText(before)
  if (text === undefined)
    throw new Refusal('file_failed', `${shown} is not UTF-8 text. write_file takes whole files as base64.`)
  const { form, words } = readForm(text)
  const result: Edited =
    change.by === 'patch'
      ? applyPatch(words, inForm(form, change.patch))
      : applyReplacements(
          words,
          change.edits.map(({ oldText, newText, all }) => ({
            oldText: inForm(form, oldText),
            newText: inForm(form, newText),
            all,
          })),
          maxBytes,
        )
  if (result.kind === 'malformed') throw new Refusal('bad_request', `${result.reason}. Nothing was changed.`)
  if (result.kind === 'mismatch')
    throw new Refusal('edit_mismatch', `${shown}: ${result.reason}. Nothing was changed.`)
  const after = result.kind === 'edited' ? Buffer.from(writeForm(form, result.text)) : undefined
  if (after === undefined || after.length > maxBytes)
    throw new Refusal(
      'payload_too_large',
      `${shown} would become longer than ${maxBytes} bytes (files.max_bytes).`,
    )
  return after
}
