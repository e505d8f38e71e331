import { useEffect, useState } from 'preact/hooks'
import { type Box, readRecipe } from '../png-recipe.js'
import { useChatTexts } from './chat-texts.js'

type Props = {
  /** The address of the painted picture. */
  readonly picture: string
  /** The address of the picture that it was painted from. */
  readonly before: string
  /** The size of the painted picture, in pixels. */
  readonly width: number
  readonly height: number
  /** How much of the picture before is shown, in percent of the width, from the left. */
  readonly share: number
}

/** A picture's source over its left part, at its place on the picture. */
export function BeforeLayer({ picture, before, width, height, share }: Props) {
  const texts = useChatTexts()
  const box = useSourceBox(picture) ?? { x: 0, y: 0, width, height }
  const percent = (pixels: number, whole: number) => `${(100 * pixels) / whole}%`
  return (
    <>
      <div class="over" style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}>
        <img
          src={before}
          alt={texts.before}
          style={{
            left: percent(box.x, width),
            top: percent(box.y, height),
            width: percent(box.width, width),
            height: percent(box.height, height),
          }}
        />
      </div>
      <div class="line" style={{ left: `${share}%` }} />
    </>
  )
}

/** The place of the source on a picture, by its recipe; undefined where that says nothing. */
function useSourceBox(url: string): Box | undefined {
  const [box, setBox] = useState<Box>()
  useEffect(() => {
    let isCurrent = true
    setBox(undefined)
    const load = async () => {
      const recipe = await readRecipe(await (await fetch(url)).blob())
      if (isCurrent) setBox(recipe?.source)
    }
    load().catch(() => {}) // a lost connection: the picture itself is missing too
    return () => {
      isCurrent = false
    }
  }, [url])
  return box
}
