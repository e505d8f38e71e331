import { useEffect, useState } from 'preact/hooks'
import type { DrawingJobState } from '../../protocol/drawing.js'
import { fill } from '../texts.js'
import { fetchPicture } from './editor-api.js'
import { useEditorTexts } from './editor-texts.js'
import { useObjectUrl } from './use-object-url.js'

/** The state of a job that is not done: its position in the queue, its progress, or why it failed. */
export function JobProgress({ job }: { readonly job: DrawingJobState }) {
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
      return <progress value={job.progress} max={1} aria-label={texts.progress} />
    case 'done':
      return null
  }
}

/** The unfinished picture, in a corner of the stage. */
export function JobPreview({ token, path }: { readonly token: string; readonly path: string }) {
  const texts = useEditorTexts()
  const [file, setFile] = useState<Blob>()
  useEffect(() => {
    let isCurrent = true
    fetchPicture(path, token).then(
      // A preview is empty after the job has ended.
      blob => isCurrent && blob.size > 0 && setFile(blob),
      () => {}, // the next preview follows
    )
    return () => {
      isCurrent = false
    }
  }, [path])
  const url = useObjectUrl(file)
  return url ? <img class="job-preview" src={url} alt={texts.preview} /> : null
}
