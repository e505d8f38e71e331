import { useEffect, useRef } from 'preact/hooks'
import type { MaskCanvas } from './mask-canvas.js'
import type { PictureWork, Session } from './session.js'

/** Keep the mask and what else was done with a picture in the browser, after each change. @param maskVersion increases with each change of the mask */
export function useSavedWork(
  session: Session,
  mask: MaskCanvas,
  maskVersion: number,
  { sides, placement, viewed }: Omit<PictureWork, 'mask'>,
): void {
  const latest = useRef<PictureWork>({ mask: session.work?.mask, sides, placement, viewed })
  const version = useRef(0)
  latest.current = { ...latest.current, sides, placement, viewed }
  useEffect(() => void session.saveWork(latest.current), [sides, placement, viewed])
  useEffect(() => {
    if (maskVersion === 0) return
    version.current = maskVersion
    const save = async () => {
      const file = mask.coverage() === 0 ? undefined : await mask.png()
      // Another change may have followed, which saves a newer mask.
      if (version.current !== maskVersion) return
      latest.current = { ...latest.current, mask: file }
      await session.saveWork(latest.current)
    }
    void save()
  }, [maskVersion])
}
