import { DRAWING_LIMITS } from '../../protocol/drawing-limits.js'
import { BrushFields } from './brush-fields.js'
import { useEditorTexts } from './editor-texts.js'
import { RangeField } from './form-fields.js'
import type { MaskCanvas } from './mask-canvas.js'
import { MaskFiles } from './mask-files.js'
import { SelectControls } from './select-controls.js'
import type { ChangeSettings, Settings } from './settings.js'
import { TOOLS } from './tools.js'
import type { ObjectSelector } from './use-object-selection.js'

type Props = {
  readonly mask: MaskCanvas
  readonly settings: Settings
  readonly change: ChangeSettings
  /** Whether a model is installed that selects objects. */
  readonly canSelect: boolean
  readonly objects: ObjectSelector
  /** Change the mask, and show it. */
  readonly changeMask: (change: () => void) => void
  readonly setError: (message: string) => void
  /** The brush is changed and not over the picture: show it. */
  readonly onBrushPreview: (isShown: boolean) => void
}

/** The tools that draw the mask, and what is done to the whole mask. */
export function MaskTools({ mask, settings, change, canSelect, objects, changeMask, setError, onBrushPreview }: Props) {
  const texts = useEditorTexts()
  const { tool, grow, blur } = settings
  return (
    <>
      <fieldset class="tools">
        <legend>{texts.tool}</legend>
        {TOOLS.map(([name, shortcut]) => (
          <button
            type="button"
            key={name}
            aria-pressed={tool === name}
            disabled={name === 'select' && !canSelect}
            title={`${texts.tools[name]} (${shortcut.toUpperCase()})`}
            onClick={() => change({ tool: name })}
          >
            {texts.tools[name]}
          </button>
        ))}
      </fieldset>
      {!canSelect && <p class="hint">{texts.selectMissing}</p>}
      {tool === 'select' && (
        <SelectControls
          size={objects.size}
          onSize={objects.changeSize}
          takesAway={objects.takesAway}
          onTakesAway={objects.setTakesAway}
          isBusy={objects.isBusy}
        />
      )}
      <div class="tools">
        <button type="button" disabled={!mask.canUndo} onClick={() => changeMask(() => mask.undo())}>
          {texts.undo}
        </button>
        <button type="button" disabled={!mask.canRedo} onClick={() => changeMask(() => mask.redo())}>
          {texts.redo}
        </button>
        <button type="button" onClick={() => changeMask(() => mask.invert())}>
          {texts.invert}
        </button>
        <button type="button" onClick={() => changeMask(() => mask.clear())}>
          {texts.clear}
        </button>
      </div>
      <MaskFiles mask={mask} changeMask={changeMask} setError={setError} />
      <BrushFields settings={settings} change={change} onPreview={onBrushPreview} />
      <RangeField
        label={texts.grow}
        value={grow}
        onChange={value => change({ grow: value })}
        {...DRAWING_LIMITS.grow}
      />
      <RangeField
        label={texts.blur}
        value={blur}
        onChange={value => change({ blur: value })}
        {...DRAWING_LIMITS.blur}
      />
    </>
  )
}
