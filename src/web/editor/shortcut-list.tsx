import { useLayoutEffect, useRef } from 'preact/hooks'
import { useEditorTexts } from './editor-texts.js'
import { TOOLS } from './tools.js'

/** The page's shortcuts, in a dialog. */
export function ShortcutList({ onClose }: { readonly onClose: () => void }) {
  const texts = useEditorTexts()
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => dialog.current?.showModal(), [])
  const { ctrl, shift, space, enter, wheel, arrows } = texts.keys
  const shortcuts: readonly (readonly [keys: string, action: string])[] = [
    ...TOOLS.map(([name, key]) => [key.toUpperCase(), texts.tools[name]] as const),
    ['X', texts.swapTools],
    ['[ ]', texts.resize],
    ['{ }', texts.harden],
    [`${shift} + ${wheel}`, texts.resize],
    [`${wheel}, + −`, texts.zoom],
    ['0', texts.fit],
    [space, texts.pan],
    [`${ctrl} + Z`, texts.undo],
    [`${ctrl} + Y`, texts.redo],
    ['I', texts.invert],
    [arrows, texts.moveBrush],
    [enter, texts.drawByKeys],
    [`${ctrl} + ${enter}`, texts.paint],
    ['1 2 3 4', texts.chooseResult],
    ['C', texts.holdForBefore],
    [texts.keys.escape, texts.backToEditing],
  ]
  return (
    <dialog ref={dialog} class="shortcuts" aria-label={texts.shortcuts} onClose={onClose}>
      <h2>{texts.shortcuts}</h2>
      <dl>
        {shortcuts.map(([keys, action]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{action}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="button primary" onClick={() => dialog.current?.close()}>
        {texts.close}
      </button>
    </dialog>
  )
}
