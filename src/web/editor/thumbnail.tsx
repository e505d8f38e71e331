import type { EditorPicture } from './pictures.js'
import { useObjectUrl } from './use-object-url.js'

type Props = {
  readonly picture: EditorPicture
  readonly label: string
  readonly isChosen: boolean
  readonly onChoose: () => void
}

/** A small picture that is a button. */
export function Thumbnail({ picture, label, isChosen, onChoose }: Props) {
  const url = useObjectUrl(picture.thumbnail)
  return (
    <button type="button" class="thumbnail" aria-label={label} aria-pressed={isChosen} onClick={onChoose}>
      {url && <img src={url} alt="" draggable={false} />}
    </button>
  )
}
