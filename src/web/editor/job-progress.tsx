import { useEffect, useRef, useState } from 'preact/hooks'
import type { DrawingJobState } from '../../protocol/drawing.js'
import { RefusedError, requestBlob } from '../request.js'
import { fill } from '../texts.js'
import { useEditorTexts } from './editor-texts.js'

const RETRY_INTERVAL_MS = 2000

type Props = {
  readonly token: string
  readonly job: DrawingJobState
  /** Takes the token of a result that the person wants to draw on. */
  readonly onNext: (token: string) => void
}

/** The state of a job: its position in the queue, its preview, its results. */
export function JobProgress({ token, job, onNext }: Props) {
  const texts = useEditorTexts()
  switch (job.state) {
    case 'failed':
      return (
        <p role="alert" class="error">
          {job.message}
        </p>
      )
    case 'waiting':
      return <p role="status">{job.position === 1 ? texts.next : fill(texts.position, { position: job.position })}</p>
    case 'running':
      return (
        <div role="status">
          <progress value={job.progress} max={1} aria-label={texts.progress} />
          {job.preview && <ServerPicture url={job.preview} token={token} alt={texts.preview} />}
        </div>
      )
    case 'done':
      return <Results pictures={job.pictures} token={token} onNext={onNext} />
  }
}

type ResultsProps = Pick<Props, 'token' | 'onNext'> & {
  readonly pictures: Extract<DrawingJobState, { state: 'done' }>['pictures']
}

function Results({ pictures, token, onNext }: ResultsProps) {
  const texts = useEditorTexts()
  const section = useRef<HTMLElement>(null)
  const scrollIntoView = () => section.current?.scrollIntoView({ block: 'nearest' })
  useEffect(scrollIntoView, [])
  return (
    <section aria-label={texts.results} class="results" ref={section}>
      <p role="status">{texts.done}</p>
      {pictures.map(({ url, token: next }, index) => (
        <button
          type="button"
          key={url}
          aria-label={fill(texts.editResult, { number: index + 1 })}
          disabled={!next}
          onClick={() => next && onNext(next)}
        >
          <ServerPicture url={url} token={token} alt="" onLoad={scrollIntoView} />
        </button>
      ))}
    </section>
  )
}

type PictureProps = { readonly url: string; readonly token: string; readonly alt: string; readonly onLoad?: () => void }

/** A picture of the server. It needs the bearer token, which an `<img>` can't send. */
function ServerPicture({ url, token, alt, onLoad }: PictureProps) {
  const [source, setSource] = useState<string>()
  useEffect(() => {
    let isCurrent = true
    const load = async () => {
      while (isCurrent) {
        try {
          const blob = await requestBlob(url, token)
          // A preview is empty after the job has ended.
          if (isCurrent && blob.size > 0) setSource(URL.createObjectURL(blob))
          return
        } catch (error) {
          if (error instanceof RefusedError) return
        }
        await new Promise(resolve => setTimeout(resolve, RETRY_INTERVAL_MS))
      }
    }
    void load()
    return () => {
      isCurrent = false
    }
  }, [url])
  useEffect(() => () => source && URL.revokeObjectURL(source), [source])
  return source ? <img class="result" src={source} alt={alt} onLoad={() => onLoad?.()} /> : null
}
