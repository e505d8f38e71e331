/** A function that keeps its last result for the same list. */
export function lastResult<Item, Result>(
  compute: (items: readonly Item[]) => Result,
): (items: readonly Item[]) => Result {
  let last: { readonly items: readonly Item[]; readonly result: Result } | undefined
  return items => {
    const isSame = last?.items.length === items.length && last.items.every((item, index) => item === items[index])
    if (!last || !isSame) last = { items, result: compute(items) }
    return last.result
  }
}
