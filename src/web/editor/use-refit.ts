import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'

/**
 * Show all of something in an element: when one of `inputs` changes, and when the element's size does.
 *
 * @param isPaused the view stays as it is
 */
export function useRefit(
  element: RefObject<HTMLElement | null>,
  showAll: () => void,
  inputs: readonly unknown[],
  isPaused = false,
): void {
  useLayoutEffect(() => {
    if (isPaused) return
    showAll()
    const observer = new ResizeObserver(showAll)
    observer.observe(element.current!)
    return () => observer.disconnect()
  }, [...inputs, isPaused])
}
