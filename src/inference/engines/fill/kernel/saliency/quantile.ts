/** The value that a share of some values does not exceed, 0 if there are none. Sorts them in place (Shell sort). */
export function quantile(values: usize, count: i32, share: f32): f32 {
  for (let gap = count >> 1; gap > 0; gap >>= 1) {
    for (let i = gap; i < count; i++) {
      const value = load<f32>(values + <usize>i * 4)
      let slot = i
      for (; slot >= gap && load<f32>(values + <usize>(slot - gap) * 4) > value; slot -= gap) {
        store<f32>(values + <usize>slot * 4, load<f32>(values + <usize>(slot - gap) * 4))
      }
      store<f32>(values + <usize>slot * 4, value)
    }
  }
  return count ? load<f32>(values + <usize>(<f32>(count - 1) * share) * 4) : 0
}
