import { useLayoutEffect } from 'preact/hooks'

/** Keys of the page, where the person does not type text. Keys with Ctrl, Alt or the command key are the browser's. */
export function useKeyDown(onKey: (event: KeyboardEvent) => void): void {
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!isTyping(event) && !event.ctrlKey && !event.metaKey && !event.altKey) onKey(event)
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  })
}

/** Whether a key goes into a field. */
export function isTyping({ target }: KeyboardEvent): boolean {
  return (target as Element).matches('input:not([type=range]), textarea, select')
}
