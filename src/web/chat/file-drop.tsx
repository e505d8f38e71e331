import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

/** The whole page: files may be dropped anywhere, or pasted. */
export function FileDrop({
  onFiles,
  children,
}: {
  onFiles(files: readonly File[]): void
  children: ComponentChildren
}) {
  const [isDragging, setIsDragging] = useState(false)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the attach button does the same
    <div
      class={`app${isDragging ? ' dragging' : ''}`}
      onDragOver={event => {
        event.preventDefault()
        setIsDragging(true)
      }}
      onDragLeave={() => setIsDragging(false)}
      onDrop={event => {
        event.preventDefault()
        setIsDragging(false)
        onFiles([...(event.dataTransfer?.files ?? [])])
      }}
      onPaste={event => {
        const pasted = [...(event.clipboardData?.files ?? [])]
        if (pasted.length > 0) onFiles(pasted)
      }}
    >
      {children}
    </div>
  )
}
