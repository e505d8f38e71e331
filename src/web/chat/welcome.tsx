import { fill } from '../texts.js'
import { useChatTexts } from './chat-texts.js'
import { sampleLabel } from './option-field.js'

/** The first steps, with pictures to start from. */
export function Welcome({ samples, onPick }: { samples: readonly string[]; onPick(name: string): void }) {
  const texts = useChatTexts()
  return (
    <section class="welcome" aria-label={texts.gettingStarted}>
      <h2>{texts.welcomeTitle}</h2>
      <p>
        <TextWithCode text={texts.welcome} />
      </p>
      <div class="samples large">
        {samples.map(name => (
          <button type="button" key={name} onClick={() => onPick(name)}>
            <img src={`/samples/${name}`} alt="" />
            <span>{fill(texts.zoomOutOf, { sample: sampleLabel(name, texts) })}</span>
          </button>
        ))}
      </div>
    </section>
  )
}

/** Text in which `…` is code. */
function TextWithCode({ text }: { text: string }) {
  return <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>
}
