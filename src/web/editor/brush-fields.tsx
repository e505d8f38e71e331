import { percent } from '../texts.js'
import { useEditorTexts } from './editor-texts.js'
import { RangeField } from './form-fields.js'
import type { ChangeSettings, Settings } from './settings.js'
import { BRUSH_SIZE } from './tools.js'

type Props = {
  readonly settings: Pick<Settings, 'brushSize' | 'brushHardness'>
  readonly change: ChangeSettings
  /** The brush is being changed, or no longer. */
  readonly onPreview: (isShown: boolean) => void
}

/** Positions of the size's slider: each step changes the size by the same factor. */
const SIZE_STEPS = 200
const SIZE_RANGE = Math.log(BRUSH_SIZE.max / BRUSH_SIZE.min)

/** The brush's diameter, on a logarithmic scale, and its hardness. */
export function BrushFields({ settings: { brushSize, brushHardness }, change, onPreview }: Props) {
  const texts = useEditorTexts()
  const sizeAt = (position: number) => BRUSH_SIZE.min * Math.exp((position / SIZE_STEPS) * SIZE_RANGE)
  return (
    <>
      <RangeField
        label={texts.brushSize}
        min={0}
        max={SIZE_STEPS}
        value={Math.round((Math.log(brushSize / BRUSH_SIZE.min) / SIZE_RANGE) * SIZE_STEPS)}
        shown={String(brushSize)}
        valueText={`${brushSize} px`}
        onChange={position => change({ brushSize: Math.round(sizeAt(position)) })}
        onPreview={onPreview}
      />
      <RangeField
        label={texts.brushHardness}
        min={0}
        max={1}
        step={0.05}
        value={brushHardness}
        shown={percent(brushHardness)}
        valueText={percent(brushHardness)}
        onChange={hardness => change({ brushHardness: hardness })}
        onPreview={onPreview}
      />
    </>
  )
}
