/**
 * @returns a function that tells the milliseconds since this call, by the clock that says more: one of the two may stop
 *   while the machine sleeps, the other one may be set back
 */
export function startClock(): () => number {
  const monotonic = performance.now()
  const wall = Date.now()
  return () => Math.max(performance.now() - monotonic, Date.now() - wall)
}
