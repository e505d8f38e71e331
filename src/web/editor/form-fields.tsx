type RangeProps = {
  label: string
  value: number
  onChange(value: number): void
  min: number
  max: number
  step?: number
  /** The value as it is shown. */
  shown?: string
  /** The value as it is read out. */
  valueText?: string
  /** The value is being changed, or no longer. */
  onPreview?(isShown: boolean): void
}

export function RangeField(props: RangeProps) {
  const { label, value, onChange, min, max, step = 1, shown = String(value), valueText, onPreview } = props
  const endPreview = () => onPreview?.(false)
  return (
    <label class="range">
      <span>{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={valueText}
        onInput={event => {
          onPreview?.(true)
          onChange(Number(event.currentTarget.value))
        }}
        onChange={endPreview}
        onPointerUp={endPreview}
        onBlur={endPreview}
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
