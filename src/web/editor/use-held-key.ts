import { useEffect, useState } from 'preact/hooks'
import { isTyping } from './use-key-down.js'

/** Whether a key is held down. @param key as in `KeyboardEvent.key`, in lower case */
export function useHeldKey(key: string): boolean {
  const [isHeld, setIsHeld] = useState(false)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === key && !isTyping(event) && !event.ctrlKey && !event.metaKey) setIsHeld(true)
    }
    const onKeyUp = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === key) setIsHeld(false)
    }
    // The key may be released in another window.
    const onBlur = () => setIsHeld(false)
    addEventListener('keydown', onKeyDown)
    addEventListener('keyup', onKeyUp)
    addEventListener('blur', onBlur)
    return () => {
      removeEventListener('keydown', onKeyDown)
      removeEventListener('keyup', onKeyUp)
      removeEventListener('blur', onBlur)
    }
  }, [key])
  return isHeld
}
