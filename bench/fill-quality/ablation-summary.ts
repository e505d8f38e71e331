import type { TunedPart } from '../../src/inference/engines/fill/tuned-parts.js'
import { median } from '../median.js'
import type { Scores } from './scores.js'

/** The scores of one picture. `without` is the part that is left out, if one is. */
export interface AblationResult {
  readonly picture: string
  readonly task: string
  readonly without?: TunedPart
  readonly seed: number
  readonly scores: Scores
  /** Wall time of one variation, with its share of the preparation. */
  readonly milliseconds: number
}

/** How far a score is from the best: sharpness and seam are best at 1, the others at 0. */
const LOSSES: { readonly [name in keyof Scores]: (value: number) => number } = {
  sharpness: value => Math.abs(value - 1),
  seam: value => Math.abs(value - 1),
  distance: value => value,
  coherence: value => value,
  completeness: value => value,
}

type Changes = Record<string, Scores & { readonly milliseconds: number }>

/**
 * For each part and score the mean change of the loss when the part is left out, in units of the seeds' own spread:
 * how much the mean over all pictures differs from seed to seed, as a standard deviation. Above 0 the part improves
 * the score. `all` is the sum of the tasks over the square root of their number, which has the same unit. The mean over
 * four seeds scatters by about 0.7 of it, over two by 1: changes below 2 may be chance.
 *
 * A task of a picture and a seed count only if all parts were left out of them, one at a time.
 */
export function summaryOf(results: readonly AblationResult[]) {
  const cases = groupBy(results, ({ picture, task, seed }) => `${picture}|${task}|${seed}`)
  const most = Math.max(0, ...[...cases.values()].map(one => one.length))
  const complete = [...cases.values()].filter(one => one.length === most).flat()
  const tasks = [...groupBy(complete, ({ task }) => task)].map(([task, own]) => [task, changesOf(own)] as const)
  return {
    pictures: new Set(complete.map(({ picture }) => picture)).size,
    seeds: new Set(complete.map(({ seed }) => seed)).size,
    all: together(tasks.map(([, changes]) => changes)),
    byTask: Object.fromEntries(tasks),
  }
}

/** By part, and for `nothing` left out. */
function changesOf(results: readonly AblationResult[]): Changes {
  const byEngine = groupBy(results, ({ without }) => without ?? 'nothing')
  const whole = byEngine.get('nothing') ?? []
  const changes = [...byEngine].map(([without, own]) => {
    const change = (name: keyof Scores) => (meanLoss(own, name) - meanLoss(whole, name)) / spreadOf(whole, name)
    const milliseconds = median(own.map(result => result.milliseconds))
    return [without, { ...scoresOf(change), milliseconds }] as const
  })
  return Object.fromEntries(changes)
}

function together(tasks: readonly Changes[]): Changes {
  const parts = Object.keys(tasks[0] ?? {}).map(part => {
    const own = tasks.flatMap(changes => changes[part] ?? [])
    const sum = (name: keyof Scores) => own.reduce((total, one) => total + one[name], 0) / Math.sqrt(own.length)
    return [part, { ...scoresOf(sum), milliseconds: Math.round(mean(own.map(one => one.milliseconds))) }] as const
  })
  return Object.fromEntries(parts)
}

/** Rounded: more digits would be chance. */
function scoresOf(value: (name: keyof Scores) => number): Scores {
  const rounded = (name: keyof Scores) => Number(value(name).toFixed(1))
  return {
    sharpness: rounded('sharpness'),
    seam: rounded('seam'),
    distance: rounded('distance'),
    coherence: rounded('coherence'),
    completeness: rounded('completeness'),
  }
}

/** The standard deviation over the seeds of the mean over all cases, from the deviation within each case. */
function spreadOf(whole: readonly AblationResult[], name: keyof Scores): number {
  const cases = [...groupBy(whole, ({ picture, task }) => `${picture}|${task}`).values()]
  const variances = cases.map(one => {
    const losses = lossesOf(one, name)
    const middle = mean(losses)
    return losses.reduce((sum, loss) => sum + (loss - middle) ** 2, 0) / (losses.length - 1)
  })
  const finite = variances.filter(Number.isFinite)
  return Math.sqrt(mean(finite) / finite.length)
}

function meanLoss(results: readonly AblationResult[], name: keyof Scores): number {
  return mean(lossesOf(results, name))
}

/** Scores that have no value, because a part of the picture has no whole patch, are left out. */
function lossesOf(results: readonly AblationResult[], name: keyof Scores): number[] {
  return results.map(({ scores }) => LOSSES[name](scores[name])).filter(Number.isFinite)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value])
  return groups
}
