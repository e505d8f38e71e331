import type { OpenedDrawing } from '../../../protocol/drawing.js'
import { DRAWING_LIMITS } from '../../../protocol/drawing-limits.js'
import { fill, pageLanguage } from '../../texts.js'
import { useEditorTexts } from '../editor-texts.js'
import { RangeField, SelectField } from '../form-fields.js'
import { NumberField } from '../number-field.js'
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
/** Of a side of the frame, in pixels. */
const SIDE_LIMITS = { min: FRAME.min, max: FRAME.max }

type Props = {
  readonly picture: Size
  readonly placement: Placement
  readonly onPlacement: (placement: Placement) => void
  readonly frameSizes: OpenedDrawing['frameSizes']
}

type PlacementProps = Omit<Props, 'frameSizes'>

/** The new frame and the picture in it, as shapes and numbers. */
export function PlaceFields({ frameSizes, ...props }: Props) {
  const { picture, placement, onPlacement } = props
  const texts = useEditorTexts()
  const { width, height, scale } = placement
  const factor = zoomOutFactor(placement, picture)
  return (
    <>
      <p class="hint">{texts.placeHint}</p>
      <FrameShapes {...props} frameSizes={frameSizes} />
      <RangeField
        label={texts.zoomOutFactor}
        value={Number(factor.toFixed(2))}
        shown={`${factor.toLocaleString(pageLanguage(), { maximumFractionDigits: 2 })}×`}
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
      <PlacementNumbers {...props} />
      <p class="new-size" role="status">
        {fill(texts.newSize, { width: String(width), height: String(height) })}
      </p>
    </>
  )
}

/** Aspect ratios of the frame, and the sizes that Discord's own pictures have. */
function FrameShapes({ picture, placement, onPlacement, frameSizes }: Props) {
  const texts = useEditorTexts()
  const { width, height } = placement
  const chosen = frameSizes.find(size => size.width === width && size.height === height)?.purpose ?? ''
  const chooseSize = (purpose: string) => {
    const size = frameSizes.find(one => one.purpose === purpose)
    if (size) onPlacement(withFrame(picture, size))
  }
  const named = frameSizes.map(
    size => [size.purpose, `${texts.purposes[size.purpose]} (${size.width} × ${size.height})`] as const,
  )
  return (
    <>
      <fieldset class="tools">
        <legend>{texts.shape}</legend>
        {ASPECTS.map(name => {
          const [across, down] = name.split(':').map(Number) as [number, number]
          const aspect = { width: across, height: down }
          return (
            <button
              type="button"
              key={name}
              aria-pressed={hasAspect(placement, aspect)}
              onClick={() => onPlacement(withAspect(placement, picture, aspect))}
            >
              {name}
            </button>
          )
        })}
      </fieldset>
      <SelectField label={texts.sizeFor} value={chosen} onChange={chooseSize} options={[['', '—'], ...named]} />
    </>
  )
}

/** Whether a frame has an aspect ratio, as far as whole pixels can. */
function hasAspect({ width, height }: Size, aspect: Size): boolean {
  const [idealWidth, idealHeight] = [(height * aspect.width) / aspect.height, (width * aspect.height) / aspect.width]
  return Math.abs(width - idealWidth) <= 0.5 || Math.abs(height - idealHeight) <= 0.5
}

/** The frame's size, and the picture's position and scale in it. */
function PlacementNumbers({ picture, placement, onPlacement }: PlacementProps) {
  const texts = useEditorTexts()
  const { width, height, x, y, scale } = placement
  const change = (changes: Parameters<typeof changed>[2]) => onPlacement(changed(placement, picture, changes))
  const move = (to: { x: number; y: number }) => onPlacement(moveTo(placement, picture, to))
  return (
    <div class="sides">
      <NumberField label={texts.width} value={width} {...SIDE_LIMITS} onChange={value => change({ width: value })} />
      <NumberField label={texts.height} value={height} {...SIDE_LIMITS} onChange={value => change({ height: value })} />
      <NumberField label={texts.fromLeft} value={x} onChange={value => move({ x: value, y })} />
      <NumberField label={texts.fromTop} value={y} onChange={value => move({ x, y: value })} />
      <NumberField
        label={texts.pictureScale}
        value={Number((scale * 100).toFixed(1))}
        min={SCALE.min * 100}
        max={SCALE.max * 100}
        step="any"
        onChange={value => change({ scale: value / 100 })}
      />
    </div>
  )
}
