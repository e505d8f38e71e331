import { useEffect, useState } from 'preact/hooks'
import type { OpenedDrawing } from '../../protocol/drawing.js'
import { DRAWING_LIMITS } from '../../protocol/drawing-limits.js'
import type { DrawingRequest } from '../../protocol/drawing-request.js'
import { fill } from '../texts.js'
import { useEditorTexts } from './editor-texts.js'
import { RangeField, SelectField } from './form-fields.js'
import { JobProgress } from './job-progress.js'
import type { MaskCanvas } from './mask-canvas.js'
import { SelectControls } from './select-controls.js'
import { clampSide, SIDES, type Sides } from './side-handles.js'
import { Stage, type Tool } from './stage.js'
import { useDrawingJob } from './use-drawing-job.js'
import { OBJECT_SIZES, useObjectSelection } from './use-object-selection.js'

/** The tools and their shortcuts. */
const TOOLS = [
  ['select', 's'],
  ['brush', 'b'],
  ['eraser', 'e'],
  ['lasso', 'l'],
  ['rectangle', 'r'],
  ['hand', 'h'],
] as const satisfies readonly (readonly [Tool, string])[]

/** The brush's diameter in pixels of the picture, both ends included. */
const BRUSH_SIZE = { min: 2, max: 1000 }

const NO_SIDES: Sides = { left: 0, right: 0, top: 0, bottom: 0 }

/** The form's fields, as they are typed. */
type Fields = {
  readonly kind: 'inpaint' | 'remove'
  readonly prompt: string
  readonly negative: string
  readonly engine: string
  readonly strength: string
  readonly area: 'whole' | 'masked'
  readonly variations: string
}

type WorkspaceProps = {
  token: string
  onNext(token: string): void
  drawing: OpenedDrawing
  url: string
  mask: MaskCanvas
}

/** The stage and the form next to it. */
export function Workspace({ token, onNext, drawing, url, mask }: WorkspaceProps) {
  const { engines } = drawing
  const texts = useEditorTexts()
  const [mode, setMode] = useState<'draw' | 'extend'>('draw')
  const [tool, setTool] = useState<Tool>('brush')
  const [brushSize, setBrushSize] = useState(() => Math.round(Math.max(mask.width, mask.height) / 12))
  const [grow, setGrow] = useState(0)
  const [blur, setBlur] = useState(0)
  const [sides, setSides] = useState<Sides>(NO_SIDES)
  const [maskVersion, setMaskVersion] = useState(0)
  const { job, error, setError, submit } = useDrawingJob(token)
  const [fields, setFields] = useState<Fields>({
    kind: 'inpaint',
    prompt: drawing.prompt,
    negative: drawing.negative,
    engine: drawing.engine && engines.some(({ name }) => name === drawing.engine) ? drawing.engine : '',
    strength: '',
    area: 'whole',
    variations: '4',
  })
  const onDrawn = () => setMaskVersion(version => version + 1)
  const objects = useObjectSelection(token, mask, onDrawn, setError)
  const stepObjectSize = (step: 1 | -1) => {
    const next = OBJECT_SIZES[OBJECT_SIZES.indexOf(objects.size) + step]
    if (next) objects.changeSize(next)
  }
  const resizeBrush = (value: number) =>
    setBrushSize(Math.round(Math.min(BRUSH_SIZE.max, Math.max(BRUSH_SIZE.min, value))))
  const change = (changes: Partial<Fields>) => setFields({ ...fields, ...changes })

  const editOf = (): DrawingRequest['edit'] => {
    if (mode === 'extend') {
      const { left, right, top, bottom } = sides
      const pixels = (value: number) => ({ pixels: value })
      return { kind: 'extend', left: pixels(left), right: pixels(right), top: pixels(top), bottom: pixels(bottom) }
    }
    if (fields.kind === 'remove') return { kind: 'remove' }
    const { area, strength } = fields
    return { kind: 'inpaint', area, grow, blur, ...(strength && { strength: Number(strength) }) }
  }

  const onSubmit = async () => {
    setError('')
    const isExtend = mode === 'extend'
    if (isExtend && SIDES.every(side => sides[side] === 0)) return setError(texts.sideMissing)
    if (!isExtend && mask.coverage() === 0) return setError(texts.maskMissing)
    const { prompt, negative, engine, variations } = fields
    const request = {
      edit: editOf(),
      prompt,
      variations: Number(variations),
      ...(engine && { engine }),
      ...(negative && { options: { negative } }),
    }
    await submit(request, isExtend ? undefined : mask.png())
  }

  const isBusy = job?.state === 'waiting' || job?.state === 'running'
  const withUpdate = (change: () => void) => () => {
    change()
    onDrawn()
  }
  const undo = withUpdate(() => mask.undo())
  const redo = withUpdate(() => mask.redo())
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        if (!isBusy) void onSubmit()
        return
      }
      if ((event.target as Element).matches('input, textarea, select')) return
      const isCommand = event.ctrlKey || event.metaKey
      const key = event.key.toLowerCase()
      if (isCommand && key === 'z') return event.shiftKey ? redo() : undo()
      if (isCommand && key === 'y') return redo()
      if (isCommand || mode === 'extend') return
      if (event.key === '[') resizeBrush(brushSize / 1.2)
      else if (event.key === ']') resizeBrush(brushSize * 1.2)
      else if (key === 'x') setTool(tool === 'brush' ? 'eraser' : 'brush')
      else if (key === 'i') withUpdate(() => mask.invert())()
      else {
        const found = TOOLS.find(([, shortcut]) => shortcut === key)
        if (found && isUsable(found[0])) setTool(found[0])
      }
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  })

  const isUsable = (name: Tool) => name !== 'select' || drawing.canSelect
  const defaultEngine = drawing.defaultEngines[mode === 'extend' ? 'extend' : fields.kind]
  const engine = engines.find(({ name }) => name === (fields.engine || defaultEngine))
  const reader = engines.find(one => one.supportsPrompt)
  const supportsPrompt = engine?.supportsPrompt ?? false
  return (
    <main class="editor">
      <Stage
        url={url}
        mask={mask}
        tool={tool}
        brushSize={brushSize}
        grow={grow}
        blur={blur}
        sides={mode === 'extend' ? sides : undefined}
        onSides={setSides}
        onDrawn={onDrawn}
        onBrushSize={resizeBrush}
        maskVersion={maskVersion}
        onSelect={objects.select}
        onHover={objects.hover}
        onObjectSize={stepObjectSize}
        selectionPreview={objects.preview}
      />
      <form
        class="panel"
        aria-label={texts.form}
        onSubmit={event => {
          event.preventDefault()
          if (!isBusy) void onSubmit()
        }}
      >
        <h1>
          {mask.width} × {mask.height}
        </h1>
        <div class="modes">
          <button type="button" aria-pressed={mode === 'draw'} onClick={() => setMode('draw')}>
            {texts.repaint}
          </button>
          <button type="button" aria-pressed={mode === 'extend'} onClick={() => setMode('extend')}>
            {texts.extend}
          </button>
        </div>

        {mode === 'draw' ? (
          <>
            <fieldset class="tools">
              <legend>{texts.tool}</legend>
              {TOOLS.map(([name, shortcut]) => (
                <button
                  type="button"
                  key={name}
                  aria-pressed={tool === name}
                  disabled={!isUsable(name)}
                  title={`${texts.tools[name]} (${shortcut.toUpperCase()})`}
                  onClick={() => setTool(name)}
                >
                  {texts.tools[name]}
                </button>
              ))}
            </fieldset>
            {!drawing.canSelect && <p class="hint">{texts.selectMissing}</p>}
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
              <button type="button" disabled={!mask.canUndo} onClick={undo}>
                {texts.undo}
              </button>
              <button type="button" disabled={!mask.canRedo} onClick={redo}>
                {texts.redo}
              </button>
              <button type="button" onClick={withUpdate(() => mask.invert())}>
                {texts.invert}
              </button>
              <button type="button" onClick={withUpdate(() => mask.clear())}>
                {texts.clear}
              </button>
            </div>
            <RangeField label={texts.brushSize} value={brushSize} onChange={resizeBrush} {...BRUSH_SIZE} />
            <RangeField label={texts.grow} value={grow} onChange={setGrow} {...DRAWING_LIMITS.grow} />
            <RangeField label={texts.blur} value={blur} onChange={setBlur} {...DRAWING_LIMITS.blur} />
          </>
        ) : (
          <fieldset class="sides">
            <legend>{texts.pixelsToAdd}</legend>
            {SIDES.map(side => (
              <label key={side}>
                {texts.sides[side]}
                <input
                  type="number"
                  min="0"
                  value={sides[side]}
                  onInput={event =>
                    setSides({ ...sides, [side]: clampSide(mask, side, Number(event.currentTarget.value)) })
                  }
                />
              </label>
            ))}
          </fieldset>
        )}

        {mode === 'draw' && (
          <SelectField
            label={texts.paintedArea}
            value={fields.kind}
            onChange={kind => change({ kind: kind as Fields['kind'] })}
            options={[
              ['inpaint', texts.replace],
              ['remove', texts.remove],
            ]}
          />
        )}
        <label class="wide">
          {texts.prompt}
          <textarea
            rows={2}
            maxLength={DRAWING_LIMITS.prompt.max}
            value={fields.prompt}
            onInput={e => change({ prompt: e.currentTarget.value })}
          />
        </label>
        {engines.length > 1 && (
          <SelectField
            label={texts.model}
            value={fields.engine}
            onChange={engine => change({ engine })}
            options={[['', texts.default], ...engines.map(({ name }) => [name, name] as const)]}
          />
        )}
        {supportsPrompt && (
          <label class="wide">
            {texts.negativePrompt}
            <input
              maxLength={DRAWING_LIMITS.prompt.max}
              value={fields.negative}
              onInput={e => change({ negative: e.currentTarget.value })}
            />
          </label>
        )}
        <div class="pair">
          {mode === 'draw' && fields.kind === 'inpaint' && (
            <>
              <label>
                {texts.strength}
                <input
                  type="number"
                  min={DRAWING_LIMITS.strength.min}
                  max={DRAWING_LIMITS.strength.max}
                  step="0.05"
                  placeholder={texts.default}
                  value={fields.strength}
                  onInput={e => change({ strength: e.currentTarget.value })}
                />
              </label>
              <SelectField
                label={texts.area}
                value={fields.area}
                onChange={area => change({ area: area as Fields['area'] })}
                options={[
                  ['whole', texts.wholePicture],
                  ['masked', texts.onlyMasked],
                ]}
              />
            </>
          )}
          <SelectField
            label={texts.variations}
            value={fields.variations}
            onChange={variations => change({ variations })}
            options={['1', '2', '3', '4'].map(one => [one, one] as const)}
          />
        </div>
        {!supportsPrompt && fields.prompt !== '' && (
          <p class="hint">
            {fill(texts.promptIgnored, { model: engine?.name ?? '' })}
            {reader && ` ${fill(texts.promptReader, { model: reader.name })}`}
          </p>
        )}

        {error && (
          <p role="alert" class="error">
            {error}
          </p>
        )}
        {job && <JobProgress token={token} job={job} onNext={onNext} />}
        <div class="submit">
          <button type="submit" class="button primary" title="Ctrl+Enter" disabled={isBusy}>
            {isBusy ? texts.painting : texts.paint}
          </button>
        </div>
      </form>
    </main>
  )
}
