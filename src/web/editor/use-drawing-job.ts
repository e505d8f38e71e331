import { useEffect, useRef, useState } from 'preact/hooks'
import type { DrawingJobState } from '../../protocol/drawing.js'
import type { DrawingRequest } from '../../protocol/drawing-request.js'
import { RefusedError } from '../request.js'
import { fetchJob, submitDrawing } from './editor-api.js'
import { useEditorTexts } from './editor-texts.js'
import { type EditorPicture, loadResults } from './pictures.js'

const POLL_INTERVAL_MS = 700

/** Some browsers give a page in a frame no storage. */
function storage(): Storage | undefined {
  try {
    return sessionStorage
  } catch {
    return undefined
  }
}

/** A job and the token of the picture that it paints on: the opened one, or one of its results. */
type SubmittedJob = { readonly id: string; readonly of: string }

/**
 * The job that the person submitted last. It outlives a reload of the page.
 *
 * @param token of the opened picture
 * @param onResults takes the pictures of the job
 */
export function useDrawingJob(token: string, onResults: (pictures: EditorPicture[]) => void) {
  const { reconnecting, notSent } = useEditorTexts()
  const [job, setJob] = useState<DrawingJobState>()
  const [error, setError] = useState('')
  const storageKey = `job ${token.slice(-24)}`

  const isOpen = useRef(true)
  const follow = async ({ id, of }: SubmittedJob) => {
    // Who goes to another picture and comes back follows the job again.
    while (isOpen.current) {
      try {
        const state = await fetchJob(of, id)
        const pictures = state.state === 'done' ? await loadResults(id, state.pictures, of) : undefined
        if (!isOpen.current) return
        setError('')
        if (pictures) onResults(pictures)
        setJob(state)
        if (state.state === 'done' || state.state === 'failed') {
          storage()?.removeItem(storageKey)
          return
        }
      } catch (cause) {
        if (cause instanceof RefusedError) {
          storage()?.removeItem(storageKey)
          setJob(undefined)
          return setError(cause.message)
        }
        setError(reconnecting)
      }
      await new Promise(resolve => setTimeout(resolve, POLL_INTERVAL_MS))
    }
  }
  useEffect(() => {
    // The page was reloaded while a job was running, or the person came back.
    const [id, of = token] = storage()?.getItem(storageKey)?.split(' ') ?? []
    if (id) void follow({ id, of })
    return () => {
      isOpen.current = false
    }
  }, [])

  /**
   * @param mask PNG, white on black; for edits that take one
   * @param of the token of the picture
   */
  const submit = async (request: DrawingRequest, mask?: Promise<Blob>, of = token) => {
    setJob({ state: 'waiting', position: 1 })
    try {
      const id = await submitDrawing(of, request, await mask)
      storage()?.setItem(storageKey, `${id} ${of}`)
      await follow({ id, of })
    } catch (cause) {
      setJob(undefined)
      setError(cause instanceof RefusedError ? cause.message : notSent)
    }
  }

  return { job, error, setError, submit }
}
