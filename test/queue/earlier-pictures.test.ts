import { expect, test } from 'vitest'
import { packEarlierPictures, unpackEarlierPictures } from '../../src/queue/earlier-pictures.js'

test('earlier pictures are the same after they were stored; a damaged blob is noticed', () => {
  const earlier = [
    { picture: Uint8Array.of(1, 10, 3), mask: undefined },
    { picture: Uint8Array.of(4), mask: Uint8Array.of(5, 6) },
  ]
  const blob = packEarlierPictures(earlier)
  expect(unpackEarlierPictures(blob)).toEqual(
    earlier.map(({ picture, mask }) => ({ picture: Buffer.from(picture), mask: mask && Buffer.from(mask) })),
  )
  for (const damaged of [blob.subarray(0, -1), blob.subarray(4), Buffer.from('x'), Buffer.alloc(0)]) {
    expect(unpackEarlierPictures(damaged)).toBeUndefined()
  }
})
