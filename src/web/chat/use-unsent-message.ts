import { useState } from 'preact/hooks'
import type { Message } from '../../protocol/discord-objects.js'
import type { CommandDraft } from './command-draft.js'
import { ATTACHMENT } from './option-types.js'

/** Discord's limit for a message. */
const MAX_FILES = 10

export type UnsentMessage = ReturnType<typeof useUnsentMessage>

/** What the person is about to send: the form of a command, or a message with files, which may be a reply. */
export function useUnsentMessage() {
  const [draft, setDraft] = useState<CommandDraft>()
  const [replyTo, setReplyTo] = useState<Message>()
  const [files, setFiles] = useState<readonly File[]>([])
  const addFiles = (added: Iterable<File>) => setFiles([...files, ...added].slice(0, MAX_FILES))
  return {
    draft,
    setDraft,
    /** The message that it replies to. */
    replyTo,
    setReplyTo,
    files,
    addFiles,
    removeFile: (file: File) => setFiles(files.filter(other => other !== file)),
    clearFiles: () => setFiles([]),
    /** Pictures that were dropped or pasted: the first one goes into the form of a command that waits for one. */
    attachPictures(added: readonly File[]): void {
      const pictures = added.filter(({ type }) => type.startsWith('image/'))
      const [picture] = pictures
      const image = draft?.command.options.find(({ type, name }) => type === ATTACHMENT && !(name in draft.values))
      if (draft && image && picture) setDraft({ ...draft, values: { ...draft.values, [image.name]: picture } })
      else addFiles(pictures)
    },
  }
}
