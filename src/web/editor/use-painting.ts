import type { OpenedDrawing } from '../../protocol/drawing.js'
import type { UpscaleWay } from '../../protocol/drawing-request.js'
import { useEditorTexts } from './editor-texts.js'
import type { EditorPicture } from './pictures.js'
import { coversFrame } from './place/placement.js'
import { engineOf, requestFor, upscaleRequest } from './settings.js'
import { SIDES } from './side-handles.js'
import { useDrawingJob } from './use-drawing-job.js'
import type { Edit } from './use-edit.js'

type Options = {
  readonly token: string
  readonly drawing: OpenedDrawing
  readonly edit: Edit
  /** Takes the prompt of a job that is submitted. */
  readonly onPrompt: (prompt: string) => void
  readonly onResults: (pictures: EditorPicture[]) => void
}

/** Submits what is to be painted, and follows its job. One job is under way at a time. */
export function usePainting({ token, drawing, edit, onPrompt, onResults }: Options) {
  const texts = useEditorTexts()
  const { job, error, setError, submit } = useDrawingJob(token, onResults)
  const { settings, sides, placement, mask } = edit
  const { mode } = settings
  const isBusy = job?.state === 'waiting' || job?.state === 'running'

  /** Why nothing would be painted. */
  const missing = (): string | undefined => {
    if (mode === 'extend') return SIDES.every(side => sides[side] === 0) ? texts.sideMissing : undefined
    if (mode === 'place') return coversFrame(placement, mask) ? texts.placeCovers : undefined
    if (mask.coverage() === 0) return texts.maskMissing
    // Only a model with prompts repaints by part what is grey.
    const keepsGreys = settings.kind === 'inpaint' && (engineOf(drawing, settings)?.supportsPrompt ?? false)
    return mask.isFull(keepsGreys) ? texts.maskFull : undefined
  }
  return {
    job,
    isBusy,
    error,
    setError,
    async paint(): Promise<void> {
      if (isBusy) return
      const problem = missing()
      setError(problem ?? '')
      if (problem) return
      onPrompt(settings.prompt)
      await submit(requestFor(settings, sides, placement), mode === 'draw' ? mask.png() : undefined)
    },
    async upscale({ token: of }: EditorPicture, way: UpscaleWay): Promise<void> {
      setError('')
      await submit(upscaleRequest(settings, way), undefined, of)
    },
  }
}

export type Painting = ReturnType<typeof usePainting>
