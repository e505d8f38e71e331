import { BRUSH_SIZE } from './tools.js'

type Props = {
  readonly label: string
  /** In pixels of the picture. */
  readonly size: number
  readonly onSize: (size: number) => void
  /** The size is being changed, or no longer. */
  readonly onPreview: (isShown: boolean) => void
}

/** Positions of the slider: each step changes the size by the same factor. */
const STEPS = 200
const RANGE = Math.log(BRUSH_SIZE.max / BRUSH_SIZE.min)

/** The brush's diameter on a logarithmic scale. */
export function BrushSizeField({ label, size, onSize, onPreview }: Props) {
  const endPreview = () => onPreview(false)
  return (
    <label class="range">
      <span>{label}</span>
      <input
        type="range"
        min="0"
        max={STEPS}
        value={Math.round((Math.log(size / BRUSH_SIZE.min) / RANGE) * STEPS)}
        aria-valuetext={`${size} px`}
        onInput={event => {
          onPreview(true)
          onSize(Math.round(BRUSH_SIZE.min * Math.exp((Number(event.currentTarget.value) / STEPS) * RANGE)))
        }}
        onChange={endPreview}
        onPointerUp={endPreview}
        onBlur={endPreview}
      />
      <output>{size}</output>
    </label>
  )
}
