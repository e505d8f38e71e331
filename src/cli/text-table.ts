/** Lines whose cells stand under each other; a row may be shorter than the others, and its last cell as long as it likes. */
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

export function formatBytes(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

/** To a tenth. */
export function toGigabytes(bytes: number): number {
  return Math.round(bytes / 1e8) / 10
}
