/** A position, in pixels of the picture, the stage or the screen. */
export type Point = { readonly x: number; readonly y: number }
