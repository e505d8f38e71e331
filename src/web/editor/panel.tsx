import { useState } from 'preact/hooks'
import type { OpenedDrawing } from '../../protocol/drawing.js'
import { useEditorTexts } from './editor-texts.js'
import { HistoryStrip } from './history-strip.js'
import { JobProgress } from './job-progress.js'
import { MaskTools } from './mask-tools.js'
import { PlaceFields } from './place/place-fields.js'
import { RequestFields } from './request-fields.js'
import type { Settings } from './settings.js'
import { SideFields } from './side-fields.js'
import type { Edit } from './use-edit.js'
import type { Gallery } from './use-gallery.js'
import type { ObjectSelector } from './use-object-selection.js'
import type { Painting } from './use-painting.js'

type Props = {
  readonly drawing: OpenedDrawing
  readonly edit: Edit
  readonly gallery: Gallery
  readonly painting: Painting
  readonly objects: ObjectSelector
  /** Those that were painted before, newest first. */
  readonly prompts: readonly string[]
  /** The brush is changed and not over the picture: show it. */
  readonly onBrushPreview: (isShown: boolean) => void
  /** Back to the picture that the person came from; undefined for the one that a link opened. */
  readonly onBack: (() => void) | undefined
  readonly onShortcuts: () => void
}

/** The form next to the stage: what to paint. On a phone it is a sheet that can be pulled over the stage. */
export function Panel(props: Props) {
  const { drawing, edit, gallery, painting, objects, prompts, onBrushPreview } = props
  const texts = useEditorTexts()
  const [isOpen, setIsOpen] = useState(false)
  const { mask, settings, change, placement } = edit
  const { mode } = settings
  const { picture } = gallery
  return (
    <form
      class={`panel${isOpen ? ' open' : ''}`}
      aria-label={texts.form}
      onSubmit={event => {
        event.preventDefault()
        void painting.paint()
      }}
    >
      <button type="button" class="sheet-handle" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        {isOpen ? '⌄' : '⌃'} {texts.form}
      </button>
      <PanelHead {...props} />
      <ModeButtons mode={mode} onMode={next => change({ mode: next })} />
      {mode === 'draw' && (
        <MaskTools
          {...edit}
          canSelect={drawing.canSelect}
          objects={objects}
          setError={painting.setError}
          onBrushPreview={onBrushPreview}
        />
      )}
      {mode === 'extend' && <SideFields mask={mask} sides={edit.sides} onSides={edit.setSides} />}
      {mode === 'place' && (
        <PlaceFields
          picture={mask}
          placement={placement}
          onPlacement={edit.setPlacement}
          frameSizes={drawing.frameSizes}
        />
      )}
      <RequestFields
        drawing={drawing}
        settings={settings}
        change={change}
        prompts={prompts}
        lastSeed={(picture ?? gallery.pictures.at(-1))?.recipe?.seed}
      />
      <HistoryStrip pictures={gallery.pictures} viewed={picture} onView={gallery.view} />
      <SubmitArea painting={painting} />
    </form>
  )
}

function PanelHead({ edit: { mask }, onBack, onShortcuts }: Pick<Props, 'edit' | 'onBack' | 'onShortcuts'>) {
  const texts = useEditorTexts()
  return (
    <div class="panel-head">
      {onBack && (
        <button type="button" class="button secondary" onClick={onBack}>
          <span aria-hidden="true">← </span>
          {texts.back}
        </button>
      )}
      <h1>
        {mask.width} × {mask.height}
      </h1>
      <button
        type="button"
        class="button secondary"
        aria-label={texts.shortcuts}
        title={`${texts.shortcuts} (?)`}
        onClick={onShortcuts}
      >
        ?
      </button>
    </div>
  )
}

type ModeButtonsProps = {
  readonly mode: Settings['mode']
  readonly onMode: (mode: Settings['mode']) => void
}

function ModeButtons({ mode, onMode }: ModeButtonsProps) {
  const texts = useEditorTexts()
  const modes = [
    ['draw', texts.repaint],
    ['extend', texts.extend],
    ['place', texts.place],
  ] as const
  return (
    <div class="modes">
      {modes.map(([name, label]) => (
        <button type="button" key={name} aria-pressed={mode === name} onClick={() => onMode(name)}>
          {label}
        </button>
      ))}
    </div>
  )
}

/** Paint, what is wrong, and the job that is under way. */
function SubmitArea({ painting: { error, job, isBusy } }: Pick<Props, 'painting'>) {
  const texts = useEditorTexts()
  return (
    <div class="submit">
      {error && (
        <p role="alert" class="error">
          {error}
        </p>
      )}
      {job && <JobProgress job={job} />}
      <button type="submit" class="button primary" title="Ctrl+Enter" disabled={isBusy}>
        {isBusy ? texts.painting : texts.paint}
      </button>
    </div>
  )
}
