import { useEffect, useRef, useState } from 'preact/hooks'
import type { ObjectSelection } from '../../protocol/drawing.js'
import type { SelectionRequest } from '../../protocol/drawing-request.js'
import { RefusedError } from '../request.js'
import { selectObject } from './editor-api.js'
import { useEditorTexts } from './editor-texts.js'
import type { MaskCanvas } from './mask-canvas.js'
import { defaultGrow, drawObjectMask } from './object-mask.js'
import type { Point } from './point.js'

/** Which of the masks is taken; `best` is the one that the network prefers. */
export const OBJECT_SIZES = ['best', 'small', 'medium', 'large'] as const
export type ObjectSize = (typeof OBJECT_SIZES)[number]

/** Where an object is: a point on it, or a box around it. */
export type ObjectPlace = { readonly point: Point } | { readonly box: NonNullable<SelectionRequest['box']> }

/** Longer side of the preview under the pointer, in pixels. */
const PREVIEW_SIDE = 512

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
  const preview = useRef<HTMLCanvasElement>(null)
  const added = useRef<AddedObject | undefined>(undefined)
  const wanted = useRef<Point | undefined>(undefined)
  const isHovering = useRef(false)
  /** Increases with each click: an answer for an earlier one is not drawn. */
  const clicks = useRef(0)

  const maskFor = (answer: ObjectSelection, chosen = size) => (chosen === 'best' ? answer.best : chosen)
  const canReplace = (object: AddedObject) => object.step !== undefined && object.step === mask.lastStep

  const draw = async (request: SelectionRequest, answer: ObjectSelection, isTakenAway: boolean, chosen = size) => {
    const replaced = added.current
    const shape = await drawObjectMask(answer, maskFor(answer, chosen), mask, defaultGrow(mask))
    if (replaced && replaced.request === request && canReplace(replaced)) mask.undo()
    mask.draw(shape, isTakenAway)
    mask.commit()
    added.current = { request, answer, shape, isTakenAway, step: mask.lastStep }
    onDrawn()
  }

  const select = async (place: ObjectPlace, isAlternative: boolean) => {
    const click = ++clicks.current
    const isTakenAway = takesAway !== isAlternative
    const last = added.current
    setError('')
    setIsBusy(true)
    try {
      if (
        isTakenAway &&
        'point' in place &&
        last &&
        canReplace(last) &&
        !last.isTakenAway &&
        covers(last, place.point)
      ) {
        // Part of what was just added: it isn't part of the object that is meant.
        const points = [...last.request.points, { ...place.point, inside: false }]
        const request = { ...last.request, points }
        const answer = await selectObject(token, request)
        if (click !== clicks.current) return
        if (canReplace(last)) mask.undo()
        return await draw(request, answer, false)
      }
      const request = 'box' in place ? { points: [], box: place.box } : { points: [{ ...place.point, inside: true }] }
      const answer = await selectObject(token, request)
      if (click === clicks.current) await draw(request, answer, isTakenAway)
    } catch (cause) {
      if (click === clicks.current) setError(cause instanceof RefusedError ? cause.message : notSent)
    } finally {
      if (click === clicks.current) setIsBusy(false)
    }
  }

  const changeSize = (next: ObjectSize) => {
    setSize(next)
    const last = added.current
    if (last && canReplace(last)) void draw(last.request, last.answer, last.isTakenAway, next)
  }

  /** The next larger or smaller size, if there is one. */
  const stepSize = (step: 1 | -1) => {
    const next = OBJECT_SIZES[OBJECT_SIZES.indexOf(size) + step]
    if (next) changeSize(next)
  }

  const clearPreview = () => {
    const canvas = preview.current
    canvas?.getContext('2d')?.clearRect(0, 0, canvas.width, canvas.height)
  }

  /** Show the object under the pointer. One request is under way at a time; the last position wins. */
  const hover = async (point: Point | undefined) => {
    wanted.current = point
    if (!point) return clearPreview()
    if (isHovering.current) return
    isHovering.current = true
    try {
      while (wanted.current) {
        const next = wanted.current
        const answer = await selectObject(token, { points: [{ ...next, inside: true }] })
        if (wanted.current === next) {
          wanted.current = undefined
          await showPreview(answer)
        }
      }
    } catch {
      // A click says what is wrong.
      wanted.current = undefined
    } finally {
      isHovering.current = false
    }
  }
  const showPreview = async (answer: ObjectSelection) => {
    const scale = Math.min(1, PREVIEW_SIDE / Math.max(mask.width, mask.height))
    const to = {
      width: Math.max(1, Math.round(mask.width * scale)),
      height: Math.max(1, Math.round(mask.height * scale)),
    }
    const shape = await drawObjectMask(answer, maskFor(answer), to, 0)
    if (!preview.current) return
    Object.assign(preview.current, to)
    preview.current.getContext('2d')!.drawImage(shape, 0, 0)
  }
  useEffect(clearPreview, [mask])

  return { size, changeSize, stepSize, takesAway, setTakesAway, isBusy, select, hover, preview }
}

export type ObjectSelector = ReturnType<typeof useObjectSelection>

function covers({ shape }: AddedObject, { x, y }: Point): boolean {
  return shape.getContext('2d')!.getImageData(Math.floor(x), Math.floor(y), 1, 1).data[3]! > 0
}
