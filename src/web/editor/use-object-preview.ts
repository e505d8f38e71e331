import { useEffect, useRef } from 'preact/hooks'
import type { ObjectSelection } from '../../protocol/drawing.js'
import { selectObject } from './editor-api.js'
import type { MaskCanvas } from './mask-canvas.js'
import { drawObjectMask } from './object-mask.js'
import { type ObjectSize, sizeOf } from './object-size.js'
import type { Point } from './point.js'

/** Longer side of the preview, in pixels. */
const PREVIEW_SIDE = 512

/** Shows on a canvas which object a click would select. */
export function useObjectPreview(token: string, mask: MaskCanvas, size: ObjectSize) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const wanted = useRef<Point | undefined>(undefined)
  const isAsking = useRef(false)

  const clear = () => {
    const { current } = canvas
    current?.getContext('2d')?.clearRect(0, 0, current.width, current.height)
  }
  useEffect(clear, [mask])

  const show = async (answer: ObjectSelection) => {
    const scale = Math.min(1, PREVIEW_SIDE / Math.max(mask.width, mask.height))
    const to = {
      width: Math.max(1, Math.round(mask.width * scale)),
      height: Math.max(1, Math.round(mask.height * scale)),
    }
    const shape = await drawObjectMask(answer, sizeOf(answer, size), to, 0)
    if (!canvas.current) return
    Object.assign(canvas.current, to)
    canvas.current.getContext('2d')!.drawImage(shape, 0, 0)
  }
  /** Show the object under the pointer. One request is under way at a time; the last position wins. */
  const hover = async (point: Point | undefined) => {
    wanted.current = point
    if (!point) return clear()
    if (isAsking.current) return
    isAsking.current = true
    try {
      while (wanted.current) {
        const next = wanted.current
        const answer = await selectObject(token, { points: [{ ...next, inside: true }] })
        if (wanted.current === next) {
          wanted.current = undefined
          await show(answer)
        }
      }
    } catch {
      // A click says what is wrong.
      wanted.current = undefined
    } finally {
      isAsking.current = false
    }
  }
  return { canvas, hover }
}
