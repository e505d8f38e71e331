type Props = {
  readonly label: string
  readonly value: number
  readonly min?: number
  readonly max?: number
  readonly step?: number | 'any'
  readonly onChange: (value: number) => void
}

/** A number that takes effect when it is complete: while it is typed, it may be none that is allowed. */
export function NumberField({ label, value, min, max, step = 1, onChange }: Props) {
  return (
    <label>
      {label}
      <input
        type="number"
        {...{ value, step, ...(min !== undefined && { min }), ...(max !== undefined && { max }) }}
        onChange={event => {
          const typed = event.currentTarget.valueAsNumber
          if (Number.isFinite(typed) && typed !== value) onChange(typed)
          else event.currentTarget.value = String(value)
        }}
      />
    </label>
  )
}
