import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Box } from './box.js'
import type { Point } from './point.js'

/** The picture's position on the stage: pixels of the screen per pixel of the picture, and where its top left corner is. */
export type View = Point & { readonly scale: number }

/** Zoom factors, both ends included; the largest at which the whole picture is shown. */
const SCALE = { min: 0.02, max: 32, maxFit: 8 }

/** Around the whole picture, in pixels of the screen. */
const MARGIN = 48

/** Which part of the picture the stage shows. Changes only transform `paper`, so that they are fast on pictures of any size. */
export function useStageView(stage: RefObject<HTMLElement | null>, paper: RefObject<HTMLElement | null>) {
  const view = useRef<View>({ scale: 1, x: 0, y: 0 })
  const [shown, setShown] = useState(view.current)

  const apply = (next: View) => {
    view.current = next
    const { scale, x, y } = next
    if (paper.current) paper.current.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
    setShown(next)
  }
  return {
    /** The view of the last rendering. */
    shown,
    /** The view of now. */
    current: () => view.current,
    middle: (): Point => ({ x: stage.current!.clientWidth / 2, y: stage.current!.clientHeight / 2 }),
    /** A pointer's position in pixels of the stage. */
    toStage({ clientX, clientY }: { clientX: number; clientY: number }): Point {
      const { left, top } = stage.current!.getBoundingClientRect()
      return { x: clientX - left, y: clientY - top }
    },
    /** From pixels of the stage to pixels of the picture. */
    toPicture({ x, y }: Point): Point {
      const { scale, x: left, y: top } = view.current
      return { x: (x - left) / scale, y: (y - top) / scale }
    },
    /** Show all of a box, in pixels of the picture. @param share of the stage that it may take */
    fit({ x, y, width, height }: Box, share = 1): void {
      const { clientWidth, clientHeight } = stage.current!
      const [freeWidth, freeHeight] = [(clientWidth - MARGIN) * share, (clientHeight - MARGIN) * share]
      const scale = Math.min(freeWidth / width, freeHeight / height, SCALE.maxFit)
      apply({
        scale,
        x: (clientWidth - width * scale) / 2 - x * scale,
        y: (clientHeight - height * scale) / 2 - y * scale,
      })
    },
    /** @param at the point that stays where it is, in pixels of the stage */
    zoom(factor: number, at: Point): void {
      const { scale, x, y } = view.current
      const next = Math.min(SCALE.max, Math.max(SCALE.min, scale * factor))
      apply({ scale: next, x: at.x - ((at.x - x) * next) / scale, y: at.y - ((at.y - y) * next) / scale })
    },
    /** @param by in pixels of the stage */
    pan(by: Point): void {
      const { scale, x, y } = view.current
      apply({ scale, x: x + by.x, y: y + by.y })
    },
  }
}

export type StageView = ReturnType<typeof useStageView>
