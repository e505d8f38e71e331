import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { OpenedDrawing } from '../../protocol/drawing.js'
import { RefusedError, requestBlob } from '../request.js'
import { shellText } from '../texts.js'
import { fetchDrawing } from './editor-api.js'
import './editor.css'
import { EditorTextsProvider } from './editor-texts.js'
import { MaskCanvas } from './mask-canvas.js'
import { readMaskFile } from './mask-file.js'
import { openSession, type Session } from './session.js'
import { Workspace } from './workspace.js'

type EditorProps = {
  readonly token: string
  /** Takes the token of another picture, which the person wants to draw on. */
  readonly onOpen: (token: string) => void
  /** Takes the token of the picture that the person came from. */
  readonly onBack: (token: string) => void
}

type Opened = { drawing: OpenedDrawing; url: string; mask: MaskCanvas; session: Session }

/** The editor of the picture that a token opens. */
export function Editor(props: EditorProps) {
  return <PictureEditor key={props.token} {...props} />
}

function PictureEditor(props: EditorProps) {
  const { token } = props
  const [opened, setOpened] = useState<Opened>()
  const [error, setError] = useState('')
  useEffect(() => {
    let url: string | undefined
    const load = async () => {
      const drawing = await fetchDrawing(token)
      document.documentElement.lang = drawing.language
      const file = await requestBlob(drawing.picture, token)
      const session = await openSession(token, file)
      const mask = await openMask(file, session)
      url = URL.createObjectURL(file)
      setOpened({ drawing, url, mask, session })
    }
    load().catch(cause => setError(cause instanceof RefusedError ? cause.message : shellText('unreachable')))
    return () => {
      if (url) URL.revokeObjectURL(url)
    }
  }, [])
  if (error) return <Notice text={error} />
  if (!opened) return <p class="notice">{shellText('loading')}</p>
  return (
    <EditorTextsProvider value={opened.drawing.texts}>
      <Workspace {...props} {...opened} />
    </EditorTextsProvider>
  )
}

/** The mask of a picture, as the person left it. */
async function openMask(file: Blob, { work }: Session): Promise<MaskCanvas> {
  const bitmap = await createImageBitmap(file)
  const mask = new MaskCanvas(bitmap.width, bitmap.height)
  bitmap.close()
  if (!work?.mask) return mask
  mask.draw(await readMaskFile(work.mask, mask), false)
  mask.commit()
  return mask
}

/** A sentence in place of the editor. */
export function Notice({ text, children }: { text: string; children?: ComponentChildren }) {
  return (
    <main class="notice">
      <h1>Overscan</h1>
      <p role="alert">{text}</p>
      {children}
    </main>
  )
}
