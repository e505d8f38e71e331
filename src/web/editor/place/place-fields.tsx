import type { OpenedDrawing } from '../../../protocol/drawing.js'
import { DRAWING_LIMITS } from '../../../protocol/drawing-limits.js'
import { fill, pageLanguage } from '../../texts.js'
import { useEditorTexts } from '../editor-texts.js'
import { RangeField, SelectField } from '../form-fields.js'
import {
  centered,
  changed,
  moveTo,
  type Placement,
  type Size,
  withAspect,
  withFrame,
  withZoomOut,
  ZOOM_OUT,
  zoomOutFactor,
} from './placement.js'

const ASPECTS = ['1:1', '16:9', '9:16', '3:2', '2:3', '4:5'] as const

const { frame: FRAME, placeScale: SCALE } = DRAWING_LIMITS

type Props = {
  readonly picture: Size
  readonly placement: Placement
  readonly onPlacement: (placement: Placement) => void
  readonly frameSizes: OpenedDrawing['frameSizes']
}

/** The new frame and the picture in it, as shapes and numbers. */
export function PlaceFields({ picture, placement, onPlacement, frameSizes }: Props) {
  const texts = useEditorTexts()
  const { width, height, x, y, scale } = placement
  const factor = zoomOutFactor(placement, picture)
  const shown = `${factor.toLocaleString(pageLanguage(), { maximumFractionDigits: 2 })}×`
  const chosen = frameSizes.find(size => size.width === width && size.height === height)?.purpose ?? ''
  const isShape = (aspect: string) => {
    const [across, down] = aspect.split(':').map(Number) as [number, number]
    return Math.abs(width - (height * across) / down) <= 0.5 || Math.abs(height - (width * down) / across) <= 0.5
  }
  const chooseShape = (aspect: string) => {
    const [across, down] = aspect.split(':').map(Number) as [number, number]
    onPlacement(withAspect(placement, picture, { width: across, height: down }))
  }
  const chooseSize = (purpose: string) => {
    const size = frameSizes.find(one => one.purpose === purpose)
    if (size) onPlacement(withFrame(picture, size))
  }
  return (
    <>
      <p class="hint">{texts.placeHint}</p>
      <fieldset class="tools">
        <legend>{texts.shape}</legend>
        {ASPECTS.map(aspect => (
          <button type="button" key={aspect} aria-pressed={isShape(aspect)} onClick={() => chooseShape(aspect)}>
            {aspect}
          </button>
        ))}
      </fieldset>
      <SelectField
        label={texts.sizeFor}
        value={chosen}
        onChange={chooseSize}
        options={[
          ['', '—'],
          ...frameSizes.map(
            size => [size.purpose, `${texts.purposes[size.purpose]} (${size.width} × ${size.height})`] as const,
          ),
        ]}
      />
      <RangeField
        label={texts.zoomOutFactor}
        value={Number(factor.toFixed(2))}
        shown={shown}
        step={0.05}
        onChange={value => onPlacement(withZoomOut(placement, picture, value))}
        {...ZOOM_OUT}
      />
      <div class="tools">
        <button type="button" onClick={() => onPlacement(centered(placement, picture))}>
          {texts.center}
        </button>
        <button
          type="button"
          disabled={scale === 1}
          onClick={() => onPlacement(changed(placement, picture, { scale: 1 }))}
        >
          {texts.keepPixels}
        </button>
      </div>
      <div class="sides">
        <NumberField
          label={texts.width}
          value={width}
          min={FRAME.min}
          max={FRAME.max}
          onChange={value => onPlacement(changed(placement, picture, { width: value }))}
        />
        <NumberField
          label={texts.height}
          value={height}
          min={FRAME.min}
          max={FRAME.max}
          onChange={value => onPlacement(changed(placement, picture, { height: value }))}
        />
        <NumberField
          label={texts.fromLeft}
          value={x}
          onChange={value => onPlacement(moveTo(placement, picture, { x: value, y }))}
        />
        <NumberField
          label={texts.fromTop}
          value={y}
          onChange={value => onPlacement(moveTo(placement, picture, { x, y: value }))}
        />
        <NumberField
          label={texts.pictureScale}
          value={Number((scale * 100).toFixed(1))}
          min={SCALE.min * 100}
          max={SCALE.max * 100}
          step="any"
          onChange={value => onPlacement(changed(placement, picture, { scale: value / 100 }))}
        />
      </div>
      <p class="new-size" role="status">
        {fill(texts.newSize, { width: String(width), height: String(height) })}
      </p>
    </>
  )
}

type NumberFieldProps = {
  readonly label: string
  readonly value: number
  readonly min?: number
  readonly max?: number
  readonly step?: number | 'any'
  readonly onChange: (value: number) => void
}

/** A number that takes effect when it is complete: while it is typed, it may be none that is allowed. */
function NumberField({ label, value, min, max, step = 1, onChange }: NumberFieldProps) {
  return (
    <label>
      {label}
      <input
        type="number"
        {...{ value, step, ...(min !== undefined && { min }), ...(max !== undefined && { max }) }}
        onChange={event => {
          const typed = event.currentTarget.valueAsNumber
          if (Number.isFinite(typed) && typed !== value) onChange(typed)
          else event.currentTarget.value = String(value)
        }}
      />
    </label>
  )
}
