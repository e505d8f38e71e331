import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** So close to its end, a scrolled element shows the newest message. In pixels. */
const END_DISTANCE = 80

/**
 * Keeps the end of a scrolled element in view while it or its content grows and shrinks: messages arrive, pictures load, a form opens
 * below. It stops when the person scrolls up, and begins again when they come back to the end.
 */
export function useStayAtEnd(): {
  readonly scrolled: RefObject<HTMLElement | null>
  readonly content: RefObject<HTMLOListElement | null>
  onScroll(): void
  /** Show the end, wherever the person has scrolled to. */
  showEnd(): void
} {
  const scrolled = useRef<HTMLElement>(null)
  const content = useRef<HTMLOListElement>(null)
  const staysAtEnd = useRef(true)
  const last = useRef({ scrollHeight: 0, scrollTop: 0, clientHeight: 0 })

  const scrollToEnd = () => {
    const element = scrolled.current
    if (element && staysAtEnd.current) element.scrollTop = element.scrollHeight
  }
  useEffect(() => {
    if (!scrolled.current || !content.current) return
    const observer = new ResizeObserver(scrollToEnd)
    observer.observe(scrolled.current)
    observer.observe(content.current)
    return () => observer.disconnect()
  }, [])

  return {
    scrolled,
    content,
    onScroll() {
      const element = scrolled.current
      if (!element) return
      const { scrollHeight, scrollTop, clientHeight } = element
      const isSameSize = scrollHeight === last.current.scrollHeight && clientHeight === last.current.clientHeight
      if (scrollHeight - scrollTop - clientHeight < END_DISTANCE) staysAtEnd.current = true
      // The browser scrolls, too, when something shrinks; a person scrolls what stays the same.
      else if (isSameSize && scrollTop < last.current.scrollTop) staysAtEnd.current = false
      last.current = { scrollHeight, scrollTop, clientHeight }
    },
    showEnd() {
      staysAtEnd.current = true
      scrollToEnd()
    },
  }
}
