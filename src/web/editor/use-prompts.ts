import { useState } from 'preact/hooks'
import type { Session } from './session.js'

const MAX_PROMPTS = 20

/** The prompts that were painted, newest first. */
export function usePrompts(session: Session) {
  const [prompts, setPrompts] = useState(session.prompts)
  return {
    prompts,
    add(prompt: string): void {
      if (prompt.trim() === '') return
      const next = [prompt, ...prompts.filter(one => one !== prompt)].slice(0, MAX_PROMPTS)
      setPrompts(next)
      void session.savePrompts(next)
    },
  }
}
