import type { Point } from './point.js'

/** One undo step: the pixels of its bounding box before and after. */
export type UndoStep = { readonly at: Point; readonly before: ImageData; readonly after: ImageData }

/** Of all undo steps together. */
const MAX_BYTES = 256 * 1024 * 1024

/** The steps that can be undone, and those that were. The oldest ones are forgotten where they take too much memory. */
export class UndoHistory {
  #past: UndoStep[] = []
  #future: UndoStep[] = []

  get last(): UndoStep | undefined {
    return this.#past.at(-1)
  }
  get canUndo(): boolean {
    return this.#past.length > 0
  }
  get canRedo(): boolean {
    return this.#future.length > 0
  }

  add(step: UndoStep): void {
    this.#past.push(step)
    this.#future = []
    const size = () => this.#past.reduce((sum, { before }) => sum + 2 * before.data.length, 0)
    while (this.#past.length > 1 && size() > MAX_BYTES) this.#past.shift()
  }

  /** @returns the step to undo, if there is one */
  undo(): UndoStep | undefined {
    const step = this.#past.pop()
    if (step) this.#future.push(step)
    return step
  }

  /** @returns the step to redo, if there is one */
  redo(): UndoStep | undefined {
    const step = this.#future.pop()
    if (step) this.#past.push(step)
    return step
  }

  /** What was undone can't be redone. */
  forgetUndone(): void {
    this.#future = []
  }
}
