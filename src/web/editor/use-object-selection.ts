import { useRef, useState } from 'preact/hooks'
import type { ObjectSelection } from '../../protocol/drawing.js'
import type { SelectionRequest } from '../../protocol/drawing-request.js'
import { RefusedError } from '../request.js'
import { selectObject } from './editor-api.js'
import { useEditorTexts } from './editor-texts.js'
import type { MaskCanvas } from './mask-canvas.js'
import { defaultGrow, drawObjectMask } from './object-mask.js'
import { OBJECT_SIZES, type ObjectSize, sizeOf } from './object-size.js'
import type { Point } from './point.js'
import { useObjectPreview } from './use-object-preview.js'

/** Where an object is: a point on it, or a box around it. */
export type ObjectPlace = { readonly point: Point } | { readonly box: NonNullable<SelectionRequest['box']> }

/** The object that was added last. As long as `step` is the mask's last one, it can be replaced. */
type AddedObject = {
  readonly request: SelectionRequest
  readonly answer: ObjectSelection
  readonly shape: HTMLCanvasElement
  readonly isTakenAway: boolean
  readonly step: object | undefined
}

/** Selects objects by points and boxes, and adds them to the mask or takes them away. */
export function useObjectSelection(
  token: string,
  mask: MaskCanvas,
  onDrawn: () => void,
  setError: (message: string) => void,
) {
  const { notSent } = useEditorTexts()
  const [size, setSize] = useState<ObjectSize>('best')
  const [takesAway, setTakesAway] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const preview = useObjectPreview(token, mask, size)
  const added = useRef<AddedObject | undefined>(undefined)
  /** Increases with each click: an answer for an earlier one is not drawn. */
  const clicks = useRef(0)

  /** The object that was added last, if nothing was drawn since. */
  const replaceable = () => {
    const { current: last } = added
    return last?.step !== undefined && last.step === mask.lastStep ? last : undefined
  }
  const draw = async (request: SelectionRequest, answer: ObjectSelection, isTakenAway: boolean, chosen = size) => {
    const shape = await drawObjectMask(answer, sizeOf(answer, chosen), mask, defaultGrow(mask))
    if (replaceable()?.request === request) mask.undo()
    mask.draw(shape, isTakenAway)
    mask.commit()
    added.current = { request, answer, shape, isTakenAway, step: mask.lastStep }
    onDrawn()
  }
  /** Answers are drawn in the order of clicks: one for an earlier click than the last one is not. */
  const ask = async (request: SelectionRequest, onAnswer: (answer: ObjectSelection) => Promise<void>) => {
    const click = ++clicks.current
    setError('')
    setIsBusy(true)
    try {
      const answer = await selectObject(token, request)
      if (click === clicks.current) await onAnswer(answer)
    } catch (cause) {
      if (click === clicks.current) setError(cause instanceof RefusedError ? cause.message : notSent)
    } finally {
      if (click === clicks.current) setIsBusy(false)
    }
  }
  const select = async (place: ObjectPlace, isAlternative: boolean) => {
    const isTakenAway = takesAway !== isAlternative
    const last = replaceable()
    if (isTakenAway && 'point' in place && last && !last.isTakenAway && covers(last, place.point)) {
      // Part of what was just added: it isn't part of the object that is meant.
      const request = { ...last.request, points: [...last.request.points, { ...place.point, inside: false }] }
      return ask(request, answer => {
        if (replaceable() === last) mask.undo()
        return draw(request, answer, false)
      })
    }
    const request = 'box' in place ? { points: [], box: place.box } : { points: [{ ...place.point, inside: true }] }
    return ask(request, answer => draw(request, answer, isTakenAway))
  }

  const changeSize = (next: ObjectSize) => {
    setSize(next)
    const last = replaceable()
    if (last) void draw(last.request, last.answer, last.isTakenAway, next)
  }
  /** The next larger or smaller size, if there is one. */
  const stepSize = (step: 1 | -1) => {
    const next = OBJECT_SIZES[OBJECT_SIZES.indexOf(size) + step]
    if (next) changeSize(next)
  }

  return { size, changeSize, stepSize, takesAway, setTakesAway, isBusy, select, preview }
}

export type ObjectSelector = ReturnType<typeof useObjectSelection>

function covers({ shape }: AddedObject, { x, y }: Point): boolean {
  return shape.getContext('2d')!.getImageData(Math.floor(x), Math.floor(y), 1, 1).data[3]! > 0
}
