import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'

/** Takes turns of the wheel over an element; the page does not scroll. */
export function useWheel(element: RefObject<HTMLElement | null>, onWheel: (event: WheelEvent) => void): void {
  const listener = (event: WheelEvent) => {
    event.preventDefault()
    onWheel(event)
  }
  useLayoutEffect(() => {
    const { current } = element
    // Preact adds passive listeners, which can't keep the page from scrolling.
    current!.addEventListener('wheel', listener, { passive: false })
    return () => current!.removeEventListener('wheel', listener)
  })
}

/** How far the wheel was turned, in pixels: with Shift some systems turn it sideways. */
export function wheelTurn({ deltaX, deltaY }: WheelEvent): number {
  return deltaY || deltaX
}
