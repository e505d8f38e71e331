import { useState } from 'preact/hooks'
import type { OpenedDrawing } from '../../protocol/drawing.js'
import type { MaskCanvas } from './mask-canvas.js'
import { Panel } from './panel.js'
import type { EditorPicture } from './pictures.js'
import type { Session } from './session.js'
import { ShortcutList } from './shortcut-list.js'
import { StageArea } from './stage-area.js'
import { clampBrushSize } from './tools.js'
import { useEdit } from './use-edit.js'
import { useGallery } from './use-gallery.js'
import { useObjectSelection } from './use-object-selection.js'
import { usePainting } from './use-painting.js'
import { usePrompts } from './use-prompts.js'
import { useShortcuts } from './use-shortcuts.js'

type WorkspaceProps = {
  token: string
  /** Takes the token of another picture, which the person wants to draw on. */
  onOpen(token: string): void
  /** Takes the token of the picture that the person came from. */
  onBack(token: string): void
  drawing: OpenedDrawing
  url: string
  mask: MaskCanvas
  session: Session
}

/** The stage and the form next to it. */
export function Workspace({ token, onOpen, onBack, drawing, url, mask, session }: WorkspaceProps) {
  const [isBrushPreviewed, setIsBrushPreviewed] = useState(false)
  const [areShortcutsShown, setAreShortcutsShown] = useState(false)
  const gallery = useGallery(session)
  const edit = useEdit(drawing, mask, session, gallery)
  const prompts = usePrompts(session)
  const painting = usePainting({ token, drawing, edit, onPrompt: prompts.add, onResults: gallery.add })
  const objects = useObjectSelection(token, mask, edit.onDrawn, painting.setError)
  const resizeBrush = (size: number) => edit.change({ brushSize: clampBrushSize(size) })
  const showShortcuts = () => setAreShortcutsShown(true)
  useShortcuts({
    ...edit,
    canSelect: drawing.canSelect,
    resizeBrush,
    stepObjectSize: objects.stepSize,
    submit: painting.paint,
    showShortcuts,
    isViewing: gallery.picture !== undefined,
  })
  const continueOn = async ({ token: next }: EditorPicture) => {
    if (!next || next === token) return gallery.close()
    await session.continueOn(next)
    onOpen(next)
  }
  const { parent } = session
  const shared = { edit, gallery, painting, objects }
  return (
    <main class="editor">
      <StageArea
        {...shared}
        token={token}
        url={url}
        onBrushSize={resizeBrush}
        isBrushPreviewed={isBrushPreviewed}
        onUse={continueOn}
      />
      <Panel
        {...shared}
        drawing={drawing}
        prompts={prompts.prompts}
        onBrushPreview={setIsBrushPreviewed}
        onBack={parent ? () => onBack(parent) : undefined}
        onShortcuts={showShortcuts}
      />
      {areShortcutsShown && <ShortcutList onClose={() => setAreShortcutsShown(false)} />}
    </main>
  )
}
