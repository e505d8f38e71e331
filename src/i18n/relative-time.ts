/** A time that Discord shows in the reader's own language and zone, like “in 5 minutes”. @param time in ms since 1970 */
export function relativeTime(time: number): string {
  return `<t:${Math.ceil(time / 1000)}:R>`
}
