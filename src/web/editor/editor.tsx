import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { OpenedDrawing } from '../../protocol/drawing.js'
import { RefusedError, requestBlob } from '../request.js'
import { shellText } from '../texts.js'
import { fetchDrawing } from './editor-api.js'
import './editor.css'
import { EditorTextsProvider } from './editor-texts.js'
import { MaskCanvas } from './mask-canvas.js'
import { Workspace } from './workspace.js'

/** The editor of the picture that a token opens. @param onNext takes the token of a result that the person wants to draw on */
export function Editor({ token, onNext }: { token: string; onNext(token: string): void }) {
  const [opened, setOpened] = useState<{ drawing: OpenedDrawing; url: string; mask: MaskCanvas }>()
  const [error, setError] = useState('')
  useEffect(() => {
    let url: string | undefined
    const load = async () => {
      const drawing = await fetchDrawing(token)
      document.documentElement.lang = drawing.language
      const blob = await requestBlob(drawing.picture, token)
      const bitmap = await createImageBitmap(blob)
      const { width, height } = bitmap
      bitmap.close()
      url = URL.createObjectURL(blob)
      setOpened({ drawing, url, mask: new MaskCanvas(width, height) })
    }
    load().catch(cause => setError(cause instanceof RefusedError ? cause.message : shellText('unreachable')))
    return () => {
      if (url) URL.revokeObjectURL(url)
    }
  }, [token])
  if (error) return <Notice text={error} />
  if (!opened) return <p class="notice">{shellText('loading')}</p>
  return (
    <EditorTextsProvider value={opened.drawing.texts}>
      <Workspace token={token} onNext={onNext} {...opened} />
    </EditorTextsProvider>
  )
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
