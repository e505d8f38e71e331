/** A text for the terminal: names of files and models may hold escape sequences, which move the cursor and hide lines. */
export function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '\ufffd')
}

export function printLine(line: string): void {
  process.stdout.write(`${withoutControls(line)}\n`)
}
