import { useEditorTexts } from './editor-texts.js'
import type { MaskCanvas } from './mask-canvas.js'
import { readMaskFile } from './mask-file.js'
import { saveFile } from './save-file.js'

type Props = {
  readonly mask: MaskCanvas
  /** Change the mask, and show it. */
  readonly changeMask: (change: () => void) => void
  readonly setError: (message: string) => void
}

/** Save the mask as a PNG, and load one. */
export function MaskFiles({ mask, changeMask, setError }: Props) {
  const texts = useEditorTexts()
  const load = async (file: File) => {
    setError('')
    try {
      const shape = await readMaskFile(file, mask)
      changeMask(() => {
        mask.draw(shape, false)
        mask.commit()
      })
    } catch {
      setError(texts.maskUnreadable)
    }
  }
  return (
    <div class="tools">
      <button type="button" onClick={async () => saveFile(await mask.png(), 'mask.png')}>
        {texts.saveMask}
      </button>
      <label class="file-button">
        {texts.loadMask}
        <input
          type="file"
          accept="image/*"
          onChange={event => {
            const [file] = event.currentTarget.files ?? []
            // The same file can be chosen again.
            event.currentTarget.value = ''
            if (file) void load(file)
          }}
        />
      </label>
    </div>
  )
}
