import { useLayoutEffect } from 'preact/hooks'
import type { MaskCanvas } from './mask-canvas.js'
import type { ChangeSettings, Settings } from './settings.js'
import { TOOLS } from './tools.js'

/** By how much a key changes the brush's size, and its hardness. */
const KEY_FACTOR = 1.2
const HARDNESS_STEP = 0.25

type Actions = {
  readonly settings: Settings
  readonly change: ChangeSettings
  readonly canSelect: boolean
  readonly mask: MaskCanvas
  readonly changeMask: (change: () => void) => void
  readonly resizeBrush: (size: number) => void
  readonly stepObjectSize: (step: 1 | -1) => void
  readonly submit: () => void
  readonly showShortcuts: () => void
  /** A result is on the stage, which has its own keys. */
  readonly isViewing: boolean
}

/** The keys of the whole page. Those of the stage are in `use-stage-keys.ts`. */
export function useShortcuts(actions: Actions): void {
  const { settings, change, canSelect, mask, changeMask, resizeBrush, stepObjectSize, submit } = actions
  const { showShortcuts, isViewing } = actions
  const { mode, tool, brushSize, brushHardness } = settings
  const resize = (step: 1 | -1) =>
    tool === 'select' ? stepObjectSize(step) : resizeBrush(brushSize * KEY_FACTOR ** step)
  const harden = (step: 1 | -1) =>
    change({ brushHardness: Math.min(1, Math.max(0, brushHardness + step * HARDNESS_STEP)) })
  const onKeyDown = (event: KeyboardEvent) => {
    const isCommand = event.ctrlKey || event.metaKey
    if (event.key === 'Enter' && isCommand) {
      event.preventDefault()
      return submit()
    }
    if ((event.target as Element).matches('input, textarea, select')) return
    const key = event.key.toLowerCase()
    if (isCommand && key === 'z') return changeMask(() => (event.shiftKey ? mask.redo() : mask.undo()))
    if (isCommand && key === 'y') return changeMask(() => mask.redo())
    if (isCommand) return
    if (key === '?') return showShortcuts()
    if (mode !== 'draw' || isViewing) return
    if (key === '[') resize(-1)
    else if (key === ']') resize(1)
    else if (key === '{') harden(-1)
    else if (key === '}') harden(1)
    else if (key === 'x') change({ tool: tool === 'brush' ? 'eraser' : 'brush' })
    else if (key === 'i') changeMask(() => mask.invert())
    else {
      const [name] = TOOLS.find(([, shortcut]) => shortcut === key) ?? []
      if (name && (name !== 'select' || canSelect)) change({ tool: name })
    }
  }
  // Before the next key: it may follow at once.
  useLayoutEffect(() => {
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  })
}
