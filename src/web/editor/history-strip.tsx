import { fill } from '../texts.js'
import { useEditorTexts } from './editor-texts.js'
import type { EditorPicture } from './pictures.js'
import { Thumbnail } from './thumbnail.js'

type Props = {
  readonly pictures: readonly EditorPicture[]
  readonly viewed: EditorPicture | undefined
  readonly onView: (picture: EditorPicture) => void
}

/** All pictures of the session, oldest first, and the recipe of the one that is shown. */
export function HistoryStrip({ pictures, viewed, onView }: Props) {
  const texts = useEditorTexts()
  return (
    <section class="history" aria-label={texts.history}>
      <h2>{texts.history}</h2>
      <div class="strip">
        {pictures.map((picture, at) => (
          <Thumbnail
            key={`${picture.job} ${picture.index}`}
            picture={picture}
            label={at === 0 ? texts.showOriginal : fill(texts.showPainted, { number: at })}
            isChosen={picture === viewed}
            onChoose={() => onView(picture)}
          />
        ))}
      </div>
      {viewed?.recipe && (
        <details>
          <summary>{texts.recipe}</summary>
          <p class="recipe">{viewed.recipe.text.trim()}</p>
        </details>
      )}
    </section>
  )
}
