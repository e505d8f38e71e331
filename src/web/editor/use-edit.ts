import { useRef, useState } from 'preact/hooks'
import type { OpenedDrawing } from '../../protocol/drawing.js'
import type { MaskCanvas } from './mask-canvas.js'
import { initialPlacement } from './place/placement.js'
import type { Session } from './session.js'
import { initialSettings, type Settings } from './settings.js'
import { NO_SIDES, type Sides } from './side-handles.js'
import type { Gallery } from './use-gallery.js'
import { useSavedWork } from './use-saved-work.js'

/** What is to be painted, as the person has drawn, chosen and typed it. The browser keeps each change. */
export function useEdit(drawing: OpenedDrawing, mask: MaskCanvas, session: Session, gallery: Gallery) {
  const [settings, setSettings] = useState<Settings>(() => ({ ...initialSettings(drawing, mask), ...session.settings }))
  /** A second change may come before the first one is rendered. */
  const latest = useRef(settings)
  const [sides, setSides] = useState<Sides>(session.work?.sides ?? NO_SIDES)
  const [placement, setPlacement] = useState(() => session.work?.placement ?? initialPlacement(mask))
  const [maskVersion, setMaskVersion] = useState(0)
  useSavedWork(session, mask, maskVersion, { sides, placement, viewed: gallery.viewed })
  const onDrawn = () => setMaskVersion(version => version + 1)
  return {
    settings,
    change(changes: Partial<Settings>): void {
      latest.current = { ...latest.current, ...changes }
      setSettings(latest.current)
      void session.saveSettings(latest.current)
      // Who takes a tool wants to draw.
      if ('tool' in changes || 'mode' in changes) gallery.close()
    },
    mask,
    /** Increases with each change of the mask. */
    maskVersion,
    onDrawn,
    /** Change the mask, and show it. */
    changeMask(changeIt: () => void): void {
      changeIt()
      onDrawn()
      gallery.close()
    },
    sides,
    setSides,
    placement,
    setPlacement,
  }
}

export type Edit = ReturnType<typeof useEdit>
