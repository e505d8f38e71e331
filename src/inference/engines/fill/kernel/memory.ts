/** Allocate memory that is 0 throughout. @returns its address; to be freed with `heap.free` */
export function allocateZeroed(bytes: usize): usize {
  const address = heap.alloc(bytes)
  memory.fill(address, 0, bytes)
  return address
}
