import {
  EDGE_MIN_GRADIENT,
  HOUGH_DIRECTIONS,
  HOUGH_MAX_LINES,
  HOUGH_TRIES_PER_LINE,
  HOUGH_VOTE_SPREAD,
  LINE_BLIND_END,
  LINE_END_SHARE,
  LINE_EXTENSION,
  LINE_MAX_DISTANCE,
  LINE_MAX_GAP_MIN,
  LINE_MAX_GAP_SHARE,
  LINE_MAX_TURN,
  LINE_MIN_FILL,
  LINE_MIN_LENGTH_SHARE,
} from './parameters.js'

/** Brightness by pixel, row-major, and which pixels of it are known. */
export type Known = {
  readonly width: number
  readonly height: number
  readonly luma: Float32Array
  readonly isKnown: Uint8Array
}

/**
 * A straight edge that runs into what is not known: from `x`, `y` on its rim in direction `dx`, `dy` (a unit vector), for at
 * most `length`. In pixels.
 */
export type Line = {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly length: number
}

type Edge = { readonly x: number; readonly y: number; readonly angle: number; taken: boolean }

/**
 * The dominant straight lines that the rim of what is known cuts off: a Hough transform in which each edge pixel votes for
 * the lines along it only (O'Gorman and Clowes 1976; Ballard 1981), then a least-squares fit to what lies on it.
 */
export function linesInto(known: Known): Line[] {
  const { width, height } = known
  const edges = edgesOf(known)
  const reach = Math.ceil(Math.hypot(width, height))
  const votes = new Uint16Array(HOUGH_DIRECTIONS * 2 * reach)
  const binOf = (angle: number, { x, y }: Edge) => {
    const normal = (angle * Math.PI) / HOUGH_DIRECTIONS
    return angle * 2 * reach + Math.round(x * Math.cos(normal) + y * Math.sin(normal)) + reach
  }
  const vote = (edge: Edge, by: number) => {
    for (let turn = -HOUGH_VOTE_SPREAD; turn <= HOUGH_VOTE_SPREAD; turn++) {
      const angle = (Math.round(edge.angle) + turn + HOUGH_DIRECTIONS) % HOUGH_DIRECTIONS
      votes[binOf(angle, edge)]! += by
    }
  }
  for (const edge of edges) vote(edge, 1)

  const least = LINE_MIN_LENGTH_SHARE * Math.min(width, height)
  const lines: Line[] = []
  for (let tries = 0; tries < HOUGH_TRIES_PER_LINE * HOUGH_MAX_LINES && lines.length < HOUGH_MAX_LINES; tries++) {
    let best = 0
    for (let bin = 1; bin < votes.length; bin++) if (votes[bin]! > votes[best]!) best = bin
    if (votes[best]! < least * LINE_MIN_FILL) break
    const angle = Math.floor(best / (2 * reach))
    const roughly = edgesOn(edges, (angle * Math.PI) / HOUGH_DIRECTIONS, (best % (2 * reach)) - reach)
    const { x, y, dx, dy } = fitted(roughly)
    const normal = Math.atan2(dx, -dy)
    const on = edgesOn(edges, normal, x * Math.cos(normal) + y * Math.sin(normal))
    for (const edge of new Set([...roughly, ...on])) {
      edge.taken = true
      vote(edge, -1)
    }
    lines.push(...endsOf(on, known, least))
  }
  return lines
}

/** Where brightness changes steeply, and more so than on both sides across the edge. */
function edgesOf({ width, height, luma, isKnown }: Known): Edge[] {
  const across = new Float32Array(luma.length)
  const down = new Float32Array(luma.length)
  const steepness = new Float32Array(luma.length)
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      if (!isWholeAround(isKnown, at, width)) continue
      const side = (step: number, next: number) =>
        (luma[at + step - next]! + 2 * luma[at + step]! + luma[at + step + next]!) / 8
      across[at] = side(1, width) - side(-1, width)
      down[at] = side(width, 1) - side(-width, 1)
      steepness[at] = Math.hypot(across[at]!, down[at]!)
    }
  }
  const edges: Edge[] = []
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      const steep = steepness[at]!
      if (steep < EDGE_MIN_GRADIENT) continue
      const step = Math.round(across[at]! / steep) + width * Math.round(down[at]! / steep)
      if (steep < steepness[at + step]! || steep <= steepness[at - step]!) continue
      const angle = (Math.atan2(down[at]!, across[at]!) / Math.PI) * HOUGH_DIRECTIONS
      edges.push({ x, y, angle: (angle + HOUGH_DIRECTIONS) % HOUGH_DIRECTIONS, taken: false })
    }
  }
  return edges
}

function isWholeAround(isKnown: Uint8Array, at: number, width: number): boolean {
  for (let row = at - width - 1; row <= at + width - 1; row += width) {
    if (isKnown[row] === 0 || isKnown[row + 1] === 0 || isKnown[row + 2] === 0) return false
  }
  return true
}

/** The edges that are not taken on a line whose normal, in radians, leads to it from the origin after `far` pixels. */
function edgesOn(edges: readonly Edge[], normal: number, far: number): Edge[] {
  const angle = (normal / Math.PI) * HOUGH_DIRECTIONS
  const [nx, ny] = [Math.cos(normal), Math.sin(normal)]
  return edges.filter(edge => {
    const turn = Math.abs(edge.angle - angle) % HOUGH_DIRECTIONS
    const isAlike = Math.min(turn, HOUGH_DIRECTIONS - turn) <= LINE_MAX_TURN
    return !edge.taken && isAlike && Math.abs(edge.x * nx + edge.y * ny - far) <= LINE_MAX_DISTANCE
  })
}

/** Where a line of these edges meets the rim, and is seen well enough to go on. */
function endsOf(on: readonly Edge[], known: Known, least: number): Line[] {
  const { x, y, dx, dy } = fitted(on)
  const reach = Math.ceil(Math.hypot(known.width, known.height))
  const seen = new Map<number, Edge>()
  for (const edge of on) seen.set(Math.round((edge.x - x) * dx + (edge.y - y) * dy), edge)
  const isKnownAt = (t: number) => {
    const [px, py] = [Math.round(x + t * dx), Math.round(y + t * dy)]
    if (px < 0 || py < 0 || px >= known.width || py >= known.height) return undefined
    return known.isKnown[py * known.width + px] === 1
  }
  const lines: Line[] = []
  for (let t = -reach; t <= reach; t++) {
    for (const way of [1, -1]) {
      if (isKnownAt(t) !== true || isKnownAt(t + way) !== false) continue
      const run = runTo(seen, t, way, Math.max(LINE_MAX_GAP_MIN, (least * LINE_MAX_GAP_SHARE) / LINE_MIN_LENGTH_SHARE))
      const near = (least * LINE_END_SHARE) / LINE_MIN_LENGTH_SHARE
      const atRim = run.filter(edge => Math.abs((edge.x - x) * dx + (edge.y - y) * dy - t) <= near)
      const length = Math.abs(run.length > 0 ? t - ((run.at(-1)!.x - x) * dx + (run.at(-1)!.y - y) * dy) : 0)
      if (length < least || atRim.length < near * LINE_MIN_FILL || run.length < length * LINE_MIN_FILL) continue
      const line = fitted(run)
      const sign = line.dx * dx + line.dy * dy > 0 ? way : -way
      // From where the line itself is nearest to the crossing.
      const to = (x + t * dx - line.x) * line.dx + (y + t * dy - line.y) * line.dy
      lines.push({
        x: line.x + to * line.dx,
        y: line.y + to * line.dy,
        dx: line.dx * sign,
        dy: line.dy * sign,
        length: length * LINE_EXTENSION,
      })
    }
  }
  return lines
}

/** The edges that follow each other up to `t`, those nearest to it first, with no gap of more than `gap`. */
function runTo(seen: ReadonlyMap<number, Edge>, t: number, way: number, gap: number): Edge[] {
  const run: Edge[] = []
  // At the rim itself no edge can be measured.
  for (let back = 0, since = -LINE_BLIND_END; since <= gap; back++, since++) {
    const edge = seen.get(t - back * way)
    if (!edge) continue
    run.push(edge)
    since = 0
  }
  return run
}

/** The straight line that is nearest to all of these in squares: a point on it, and its direction. */
function fitted(edges: readonly Edge[]) {
  const x = edges.reduce((sum, edge) => sum + edge.x, 0) / edges.length
  const y = edges.reduce((sum, edge) => sum + edge.y, 0) / edges.length
  let [xx, xy, yy] = [0, 0, 0]
  for (const edge of edges) {
    xx += (edge.x - x) ** 2
    xy += (edge.x - x) * (edge.y - y)
    yy += (edge.y - y) ** 2
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2
  return { x, y, dx: Math.cos(angle), dy: Math.sin(angle) }
}
