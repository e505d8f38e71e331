/** In characters. */
const BAR_WIDTH = 30

export interface ProgressBar {
  /** @param done from 0 to 1 */
  show(done: number): void
  end(): void
}

/** A progress bar on a terminal; elsewhere a line for each 10%. */
export function createProgressBar(stream: NodeJS.WriteStream, label: string): ProgressBar {
  let shown = -1
  if (stream.isTTY) {
    return {
      show(done) {
        const percent = Math.floor(done * 100)
        if (percent === shown) return
        shown = percent
        const full = Math.floor(done * BAR_WIDTH)
        stream.write(`\r${label} ${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${String(percent).padStart(3)}%`)
      },
      end() {
        if (shown >= 0) stream.write('\r\x1b[K')
      },
    }
  }
  return {
    show(done) {
      const tenth = Math.floor(done * 10)
      if (tenth === shown) return
      shown = tenth
      stream.write(`${label} ${tenth * 10}%\n`)
    },
    end() {},
  }
}
