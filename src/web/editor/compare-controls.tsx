import { useEditorTexts } from './editor-texts.js'

type Props = {
  /** How much of the original is shown, from 0 to 1 of the width, from the left. */
  readonly share: number
  readonly onShare: (share: number) => void
  /** All of the original is shown, by this button or by its key. */
  readonly isHeld: boolean
  readonly onHold: (isDown: boolean) => void
}

/** Compare a result with the picture that it was painted from: by a slider, or while a button is held. */
export function CompareControls({ share, onShare, isHeld, onHold }: Props) {
  const texts = useEditorTexts()
  const hold = (isDown: boolean) => () => onHold(isDown)
  return (
    <>
      <label class="compare">
        {texts.compare}
        <input
          type="range"
          min="0"
          max="100"
          value={share * 100}
          onInput={event => onShare(Number(event.currentTarget.value) / 100)}
        />
      </label>
      <button
        type="button"
        class="button secondary"
        title={texts.holdForBefore}
        aria-pressed={isHeld}
        onPointerDown={hold(true)}
        onPointerUp={hold(false)}
        onPointerLeave={hold(false)}
        onContextMenu={event => event.preventDefault()}
        onKeyDown={event => (event.key === ' ' || event.key === 'Enter') && onHold(true)}
        onKeyUp={hold(false)}
        onBlur={hold(false)}
      >
        {texts.before}
      </button>
    </>
  )
}
