import { useLayoutEffect, useRef, useState } from 'preact/hooks'

import { fill } from '../texts.js'
import { BeforeLayer } from './before-layer.js'
import { useChatTexts } from './chat-texts.js'

export type ViewedImage = { readonly url: string; readonly alt: string; readonly name: string }

/** Pictures in full size. @param before the source, to compare with by a slider */
export function ImageViewer({
  pictures,
  startIndex,
  before,
  onClose,
}: {
  pictures: readonly ViewedImage[]
  startIndex: number
  before: string | undefined
  onClose(): void
}) {
  const texts = useChatTexts()
  const dialog = useRef<HTMLDialogElement>(null)
  const [index, setIndex] = useState(startIndex)
  const [isComparing, setIsComparing] = useState(false)
  /** How much of the source is shown, in percent of the width. */
  const [share, setShare] = useState(50)
  /** Of the picture that is shown, in pixels. */
  const [size, setSize] = useState<{ width: number; height: number }>()
  const picture = pictures[index]!
  useLayoutEffect(() => dialog.current?.showModal(), [])
  const step = (by: number) => setIndex(current => (current + by + pictures.length) % pictures.length)
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.target as Element).matches('input')) return
    if (event.key === 'ArrowRight') step(1)
    if (event.key === 'ArrowLeft') step(-1)
  }
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={picture.alt}
      onClose={onClose}
      onKeyDown={onKeyDown}
      onClick={event => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="stage">
        <img
          class="large"
          src={picture.url}
          alt={picture.alt}
          onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => setSize({ width, height })}
        />
        {isComparing && before && size && <BeforeLayer picture={picture.url} before={before} {...size} share={share} />}
      </div>
      {isComparing && before && (
        <label class="slider">
          <span>{texts.before}</span>
          <input
            type="range"
            min="0"
            max="100"
            value={share}
            aria-label={texts.shareBefore}
            onInput={event => setShare(Number(event.currentTarget.value))}
          />
          <span>{texts.after}</span>
        </label>
      )}
      <div class="bar">
        {pictures.length > 1 && (
          <button type="button" onClick={() => step(-1)}>
            ← {texts.previous}
          </button>
        )}
        {pictures.length > 1 && <span>{fill(texts.position, { number: index + 1, count: pictures.length })}</span>}
        {pictures.length > 1 && (
          <button type="button" onClick={() => step(1)}>
            {texts.next} →
          </button>
        )}
        {before && (
          <button type="button" aria-pressed={isComparing} onClick={() => setIsComparing(!isComparing)}>
            {texts.compare}
          </button>
        )}
        <a href={picture.url} download={picture.name}>
          {texts.save}
        </a>
        <button type="button" onClick={() => dialog.current?.close()}>
          {texts.close}
        </button>
      </div>
    </dialog>
  )
}
