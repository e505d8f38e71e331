import { DRAWING_LIMITS } from '../../protocol/drawing-limits.js'
import { useEditorTexts } from './editor-texts.js'

type Props = {
  /** As it was typed; empty for a random one. */
  readonly seed: string
  readonly onSeed: (seed: string) => void
  /** Of the picture that is shown, or else of the last one. */
  readonly lastSeed: number | undefined
}

/** The seed, and a lock that keeps the last picture's. */
export function SeedField({ seed, onSeed, lastSeed }: Props) {
  const texts = useEditorTexts()
  const isLocked = seed !== ''
  return (
    <div class="seed">
      <label>
        {texts.seed}
        <input
          type="number"
          {...DRAWING_LIMITS.seed}
          step="1"
          placeholder={texts.random}
          value={seed}
          onInput={event => onSeed(event.currentTarget.value)}
        />
      </label>
      <button
        type="button"
        aria-pressed={isLocked}
        disabled={!isLocked && lastSeed === undefined}
        onClick={() => onSeed(isLocked ? '' : String(lastSeed))}
      >
        {texts.lockSeed}
      </button>
    </div>
  )
}
