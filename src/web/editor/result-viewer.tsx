import { useState } from 'preact/hooks'
import type { UpscaleWay } from '../../protocol/drawing-request.js'
import { fill } from '../texts.js'
import { CompareControls } from './compare-controls.js'
import { CompareStage } from './compare-stage.js'
import { useEditorTexts } from './editor-texts.js'
import { IconButton } from './icon-button.js'
import type { EditorPicture } from './pictures.js'
import { copyPicture, saveFile } from './save-file.js'
import { Thumbnail } from './thumbnail.js'
import { useHeldKey } from './use-held-key.js'
import { useKeyDown } from './use-key-down.js'

type Props = {
  /** The picture that is large on the stage. */
  readonly picture: EditorPicture
  /** All pictures of its job. */
  readonly group: readonly EditorPicture[]
  readonly onChoose: (picture: EditorPicture) => void
  /** The picture that it was painted from; undefined for the one that was opened. */
  readonly original: EditorPicture | undefined
  /** The person continues on the picture. */
  readonly onUse: (picture: EditorPicture) => void
  readonly onUpscale: (picture: EditorPicture, way: UpscaleWay) => void
  /** A job is under way. */
  readonly isBusy: boolean
  readonly onClose: () => void
}

const UPSCALE_WAYS: readonly UpscaleWay[] = ['subtle', 'creative']

/** The results of a job: one large in place of the picture, the others as thumbnails. */
export function ResultViewer(props: Props) {
  const { picture, group, onChoose, original, onClose } = props
  const texts = useEditorTexts()
  const [share, setShare] = useState(0)
  const [isPressed, setIsPressed] = useState(false)
  const isHeld = useHeldKey('c') || isPressed
  const [message, setMessage] = useState('')
  useKeyDown(event => {
    const chosen = group[Number(event.key) - 1]
    if (event.key === 'Escape') onClose()
    else if (chosen) onChoose(chosen)
  })
  const note = message || (original ? texts.done : '')
  return (
    <section class="viewer" aria-label={texts.results}>
      <CompareStage picture={picture} original={original} share={isHeld ? 1 : share} />
      <div class="thumbnails">
        {group.length > 1 &&
          group.map((one, index) => (
            <Thumbnail
              key={`${one.job} ${index}`}
              picture={one}
              label={fill(texts.showResult, { number: index + 1 })}
              isChosen={one === picture}
              onChoose={() => onChoose(one)}
            />
          ))}
      </div>
      <div class="viewer-bar">
        <p role="status">{note}</p>
        {original && <CompareControls share={share} onShare={setShare} isHeld={isHeld} onHold={setIsPressed} />}
        <ResultActions {...props} setMessage={setMessage} />
      </div>
    </section>
  )
}

type ResultActionsProps = Pick<Props, 'picture' | 'onUse' | 'onUpscale' | 'isBusy' | 'onClose'> & {
  readonly setMessage: (message: string) => void
}

/** What can be done with a picture. */
function ResultActions({ picture, onUse, onUpscale, isBusy, onClose, setMessage }: ResultActionsProps) {
  const texts = useEditorTexts()
  const copy = () =>
    copyPicture(picture.file).then(
      () => setMessage(texts.copied),
      () => setMessage(texts.copyFailed),
    )
  return (
    <>
      <IconButton
        label={texts.download}
        path="M8 2v8m-3-3 3 3 3-3M3 13h10"
        onClick={() => saveFile(picture.file, fileName(picture))}
      />
      <IconButton label={texts.copy} path="M6 5h7v9H6zM3 11V2h7" onClick={copy} />
      {UPSCALE_WAYS.map(way => (
        <button
          type="button"
          key={way}
          class="button secondary"
          title={texts.upscaleHints[way]}
          disabled={isBusy || !picture.token}
          onClick={() => onUpscale(picture, way)}
        >
          {texts.upscale[way]}
        </button>
      ))}
      <button type="button" class="button secondary" onClick={onClose}>
        {texts.backToEditing}
      </button>
      <button type="button" class="button primary" disabled={!picture.token} onClick={() => onUse(picture)}>
        {texts.useThis}
      </button>
    </>
  )
}

function fileName({ file, recipe, index }: EditorPicture): string {
  const [, extension = 'png'] = file.type.split('/')
  return `overscan-${recipe?.seed ?? index + 1}.${extension}`
}
