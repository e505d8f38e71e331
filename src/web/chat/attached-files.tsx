import { fill } from '../texts.js'
import { useChatTexts } from './chat-texts.js'
import { Thumbnail } from './thumbnail.js'

/** The files that are sent with the next message. */
export function AttachedFiles({
  files,
  onEdit,
  onRemove,
}: {
  files: readonly File[]
  onEdit(file: File): void
  onRemove(file: File): void
}) {
  const texts = useChatTexts()
  return (
    <ul class="attached">
      {files.map((file, index) => (
        <li key={`${file.name}${index}`}>
          <Thumbnail file={file} />
          <span>{file.name}</span>
          <button type="button" class="plain" onClick={() => onEdit(file)}>
            {texts.openEditor}
          </button>
          <button type="button" aria-label={fill(texts.removeItem, { name: file.name })} onClick={() => onRemove(file)}>
            ✕
          </button>
        </li>
      ))}
    </ul>
  )
}
