type RangeProps = {
  label: string
  value: number
  onChange(value: number): void
  min: number
  max: number
  step?: number
  /** The value as it is shown. */
  shown?: string
}

export function RangeField({ label, value, onChange, min, max, step = 1, shown = String(value) }: RangeProps) {
  return (
    <label class="range">
      <span>{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        onInput={event => onChange(Number(event.currentTarget.value))}
      />
      <output>{shown}</output>
    </label>
  )
}

type SelectProps = {
  label: string
  value: string
  onChange(value: string): void
  /** Values and labels. */
  options: readonly (readonly [string, string])[]
}

export function SelectField({ label, value, onChange, options }: SelectProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={event => onChange(event.currentTarget.value)}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
