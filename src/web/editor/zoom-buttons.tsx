import { percent } from '../texts.js'
import { useEditorTexts } from './editor-texts.js'

type Props = {
  readonly scale: number
  readonly onZoom: (factor: number) => void
  readonly onFit: () => void
}

export function ZoomButtons({ scale, onZoom, onFit }: Props) {
  const texts = useEditorTexts()
  return (
    <div class="zooming">
      <button type="button" aria-label={texts.zoomIn} onClick={() => onZoom(1.25)}>
        +
      </button>
      <span>{percent(scale)}</span>
      <button type="button" aria-label={texts.zoomOut} onClick={() => onZoom(0.8)}>
        −
      </button>
      <button type="button" onClick={onFit}>
        {texts.fit}
      </button>
    </div>
  )
}
