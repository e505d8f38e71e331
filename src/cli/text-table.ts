/** Lines with aligned columns. Rows may have fewer cells than the first one; the last cell of a row does not widen its column. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => {
    return Math.max(...rows.map(row => (row.length > column + 1 ? row[column]!.length : 0)))
  })
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}

/** Like `2.1 GB`, `4.9 MB`, `12.3 kB` or `541 bytes`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  if (bytes < 1e5) return `${(bytes / 1000).toFixed(1)} kB`
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

/** Rounded to one decimal. */
export function toGigabytes(bytes: number): number {
  return Math.round(bytes / 1e8) / 10
}
