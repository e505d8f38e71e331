import { expect, test } from 'vitest'
import { type AblationResult, summaryOf } from '../../bench/fill-quality/ablation-summary.js'

/** Two pictures with two seeds each, whose distances are one apart. */
function results(without: AblationResult['without'], distance: number, pictures = ['one', 'other']): AblationResult[] {
  return pictures.flatMap(picture =>
    [1, 2].map(seed => ({
      picture,
      task: 'a hole',
      ...(without && { without }),
      seed,
      scores: {
        sharpness: 0.9 + seed / 100,
        seam: 1,
        distance: distance + seed,
        coherence: Number.NaN,
        completeness: 5,
      },
      milliseconds: 10,
    })),
  )
}

test('a part is worth what its absence costs, in units of the spread between seeds', () => {
  const { all, pictures, seeds } = summaryOf([...results(undefined, 7), ...results('drift', 8)])
  expect([pictures, seeds]).toEqual([2, 2])
  // Within a picture the seeds deviate by √½ from each other, and the mean of two pictures by half of that.
  expect(all.drift!.distance).toBe(2)
  expect(all.nothing!.distance).toBe(0)
})

test('sharpness is best at 1, from both sides', () => {
  const blurred = results('rarity', 7).map(result => ({ ...result, scores: { ...result.scores, sharpness: 0.5 } }))
  const loud = results('enclosure', 7).map(result => ({ ...result, scores: { ...result.scores, sharpness: 1.5 } }))
  const { all } = summaryOf([...results(undefined, 7), ...blurred, ...loud])
  expect(all.rarity!.sharpness).toBeGreaterThan(2)
  expect(all.enclosure!.sharpness).toBeCloseTo(all.rarity!.sharpness)
})

test('tasks count alike, however much their scores scatter', () => {
  const scattered = (distance: number) => (result: AblationResult) => ({
    ...result,
    task: 'zoom 2×',
    scores: { ...result.scores, distance: distance + 10 * result.seed },
  })
  const { all, byTask } = summaryOf([
    ...results(undefined, 7),
    ...results('drift', 8),
    ...results(undefined, 7).map(scattered(70)),
    ...results('drift', 8).map(scattered(80)),
  ])
  expect(byTask['zoom 2×']!.drift!.distance).toBe(2)
  expect(all.drift!.distance).toBe(2.8)
})

test('a picture that was not painted with all parts does not count', () => {
  const { pictures, all } = summaryOf([...results(undefined, 7), ...results('drift', 9, ['one'])])
  expect(pictures).toBe(1)
  expect(all.drift!.distance).toBeGreaterThan(2)
})
