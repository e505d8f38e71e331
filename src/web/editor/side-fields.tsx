import { useEditorTexts } from './editor-texts.js'
import type { MaskCanvas } from './mask-canvas.js'
import { clampSide, SIDES, type Sides } from './side-handles.js'

type Props = { readonly mask: MaskCanvas; readonly sides: Sides; readonly onSides: (sides: Sides) => void }

/** The pixels to add on each side, as numbers. */
export function SideFields({ mask, sides, onSides }: Props) {
  const texts = useEditorTexts()
  return (
    <fieldset class="sides">
      <legend>{texts.pixelsToAdd}</legend>
      {SIDES.map(side => (
        <label key={side}>
          {texts.sides[side]}
          <input
            type="number"
            min="0"
            value={sides[side]}
            onInput={event => onSides({ ...sides, [side]: clampSide(mask, side, Number(event.currentTarget.value)) })}
          />
        </label>
      ))}
    </fieldset>
  )
}
