type Props = {
  readonly label: string
  /** Lines of an SVG path, 16 pixels wide and high. */
  readonly path: string
  readonly onClick: () => void
}

/** A button that shows a drawing instead of its label. */
export function IconButton({ label, path, onClick }: Props) {
  return (
    <button type="button" class="button secondary icon" aria-label={label} title={label} onClick={onClick}>
      <svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true">
        <path d={path} fill="none" stroke="currentColor" stroke-width="1.5" />
      </svg>
    </button>
  )
}
