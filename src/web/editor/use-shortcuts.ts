import { useEffect } from 'preact/hooks'
import type { MaskCanvas } from './mask-canvas.js'
import type { ChangeSettings, Settings } from './settings.js'
import { TOOLS } from './tools.js'

type Actions = {
  readonly settings: Settings
  readonly change: ChangeSettings
  readonly canSelect: boolean
  readonly mask: MaskCanvas
  readonly changeMask: (change: () => void) => void
  readonly resizeBrush: (size: number) => void
  readonly submit: () => void
}

/** The keys of the whole page. Those of the stage are in `stage.tsx`. */
export function useShortcuts({ settings, change, canSelect, mask, changeMask, resizeBrush, submit }: Actions): void {
  const { mode, tool, brushSize } = settings
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
    if (isCommand || mode !== 'draw') return
    if (key === '[') resizeBrush(brushSize / 1.2)
    else if (key === ']') resizeBrush(brushSize * 1.2)
    else if (key === 'x') change({ tool: tool === 'brush' ? 'eraser' : 'brush' })
    else if (key === 'i') changeMask(() => mask.invert())
    else {
      const [name] = TOOLS.find(([, shortcut]) => shortcut === key) ?? []
      if (name && (name !== 'select' || canSelect)) change({ tool: name })
    }
  }
  useEffect(() => {
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  })
}
