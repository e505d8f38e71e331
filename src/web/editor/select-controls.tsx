import { useEditorTexts } from './editor-texts.js'
import { OBJECT_SIZES, type ObjectSize } from './object-size.js'

type Props = {
  readonly size: ObjectSize
  readonly onSize: (size: ObjectSize) => void
  readonly takesAway: boolean
  readonly onTakesAway: (takesAway: boolean) => void
  readonly isBusy: boolean
}

/** The settings of the tool that selects objects. */
export function SelectControls({ size, onSize, takesAway, onTakesAway, isBusy }: Props) {
  const texts = useEditorTexts()
  return (
    <>
      <fieldset class="tools">
        <legend>{texts.objectSize}</legend>
        {OBJECT_SIZES.map(one => (
          <button type="button" key={one} aria-pressed={size === one} onClick={() => onSize(one)}>
            {texts.objectSizes[one]}
          </button>
        ))}
      </fieldset>
      <div class="tools">
        <button type="button" aria-pressed={takesAway} onClick={() => onTakesAway(!takesAway)}>
          − {texts.takeAway}
        </button>
      </div>
      <p class="hint" role="status">
        {isBusy ? texts.selecting : texts.selectHint}
      </p>
    </>
  )
}
