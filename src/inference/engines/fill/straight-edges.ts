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

/** The luma of each pixel, 0 to 255, and 1 for each that is known; both row-major. */
export type KnownLuma = {
  readonly width: number
  readonly height: number
  readonly luma: Float32Array
  readonly isKnown: Uint8Array
}

/**
 * A straight edge that crosses the boundary of what is known at `x`, `y`, with the outward direction `dx`, `dy`, a unit
 * vector, and continues for `length`. In pixels.
 */
export type Line = {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly length: number
}

/** An edge pixel; `angle` is the direction of its gradient, from 0 up to HOUGH_DIRECTIONS for half a turn. */
type Edge = { readonly x: number; readonly y: number; readonly angle: number; isUsed: boolean }

/**
 * The dominant straight lines that cross the boundary of the known part: a Hough transform in which each edge pixel
 * votes only for lines along its edge (O'Gorman and Clowes 1976; Ballard 1981), then a least-squares fit to the
 * edges.
 */
export function detectLines(picture: KnownLuma): Line[] {
  const { width, height } = picture
  const edges = detectEdges(picture)
  const votes = houghVotes(Math.ceil(Math.hypot(width, height)))
  for (const edge of edges) votes.add(edge, 1)

  const minLength = LINE_MIN_LENGTH_SHARE * Math.min(width, height)
  const lines: Line[] = []
  for (let tries = 0; tries < HOUGH_TRIES_PER_LINE * HOUGH_MAX_LINES && lines.length < HOUGH_MAX_LINES; tries++) {
    const peak = votes.highest()
    if (peak.count < minLength * LINE_MIN_FILL) break
    const inBin = edgesOn(edges, (peak.direction * Math.PI) / HOUGH_DIRECTIONS, peak.distance)
    const { x, y, dx, dy } = fitLine(inBin)
    const normal = Math.atan2(dx, -dy)
    const onLine = edgesOn(edges, normal, x * Math.cos(normal) + y * Math.sin(normal))
    for (const edge of new Set([...inBin, ...onLine])) {
      edge.isUsed = true
      votes.add(edge, -1)
    }
    lines.push(...boundaryCrossings(onLine, picture, minLength))
  }
  return lines
}

/**
 * How many edges are on each line in normal form: of HOUGH_DIRECTIONS directions, at whole distances from the origin.
 *
 * @param diagonal the largest distance, in pixels
 */
function houghVotes(diagonal: number) {
  const distances = 2 * diagonal
  const votes = new Uint16Array(HOUGH_DIRECTIONS * distances)
  const normals = Array.from({ length: HOUGH_DIRECTIONS }, (_, direction) => (direction * Math.PI) / HOUGH_DIRECTIONS)
  const [cosines, sines] = [Float64Array.from(normals, Math.cos), Float64Array.from(normals, Math.sin)]
  /** The first bin of each direction with the most votes; −1 where it has to be found again. */
  const highestBins = new Int32Array(HOUGH_DIRECTIONS).fill(-1)
  const highestBinOf = (direction: number): number => {
    const first = direction * distances
    let highest = first
    for (let bin = first + 1; bin < first + distances; bin++) if (votes[bin]! > votes[highest]!) highest = bin
    return highest
  }
  return {
    /** An edge votes for the directions near its own. */
    add({ x, y, angle }: Edge, count: 1 | -1): void {
      for (let turn = -HOUGH_VOTE_SPREAD; turn <= HOUGH_VOTE_SPREAD; turn++) {
        const direction = (Math.round(angle) + turn + HOUGH_DIRECTIONS) % HOUGH_DIRECTIONS
        const distance = Math.round(x * cosines[direction]! + y * sines[direction]!)
        votes[direction * distances + distance + diagonal]! += count
        highestBins[direction] = -1
      }
    },
    highest(): { readonly direction: number; readonly distance: number; readonly count: number } {
      let peak = 0
      for (let direction = 0; direction < HOUGH_DIRECTIONS; direction++) {
        if (highestBins[direction] === -1) highestBins[direction] = highestBinOf(direction)
        const bin = highestBins[direction]!
        if (votes[bin]! > votes[peak]!) peak = bin
      }
      const direction = Math.floor(peak / distances)
      return { direction, distance: (peak % distances) - diagonal, count: votes[peak]! }
    },
  }
}

/** Sobel gradients, thinned to local maxima across the edge (Canny 1986). */
function detectEdges({ width, height, luma, isKnown }: KnownLuma): Edge[] {
  const gradientX = new Float32Array(luma.length)
  const gradientY = new Float32Array(luma.length)
  const magnitude = new Float32Array(luma.length)
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const pixel = y * width + x
      if (!isNeighbourhoodKnown(isKnown, pixel, width)) continue
      const [above, below] = [pixel - width, pixel + width]
      const falling = luma[below + 1]! - luma[above - 1]!
      const rising = luma[above + 1]! - luma[below - 1]!
      const across = (falling + rising + 2 * (luma[pixel + 1]! - luma[pixel - 1]!)) / 8
      const down = (falling - rising + 2 * (luma[below]! - luma[above]!)) / 8
      gradientX[pixel] = across
      gradientY[pixel] = down
      magnitude[pixel] = Math.sqrt(across * across + down * down)
    }
  }
  const edges: Edge[] = []
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const pixel = y * width + x
      const steepness = magnitude[pixel]!
      if (steepness < EDGE_MIN_GRADIENT) continue
      const [stepX, stepY] = [Math.round(gradientX[pixel]! / steepness), Math.round(gradientY[pixel]! / steepness)]
      const step = stepX + width * stepY
      if (steepness < magnitude[pixel + step]! || steepness <= magnitude[pixel - step]!) continue
      const angle = (Math.atan2(gradientY[pixel]!, gradientX[pixel]!) / Math.PI) * HOUGH_DIRECTIONS
      edges.push({ x, y, angle: (angle + HOUGH_DIRECTIONS) % HOUGH_DIRECTIONS, isUsed: false })
    }
  }
  return edges
}

/** Whether a pixel and its 8 neighbours are known. */
function isNeighbourhoodKnown(isKnown: Uint8Array, pixel: number, width: number): boolean {
  for (let row = pixel - width - 1; row <= pixel + width - 1; row += width) {
    if (isKnown[row] === 0 || isKnown[row + 1] === 0 || isKnown[row + 2] === 0) return false
  }
  return true
}

/** The unused edges on a line in normal form. @param normal in radians @param distance from the origin, in pixels */
function edgesOn(edges: readonly Edge[], normal: number, distance: number): Edge[] {
  const angle = (normal / Math.PI) * HOUGH_DIRECTIONS
  const [nx, ny] = [Math.cos(normal), Math.sin(normal)]
  return edges.filter(edge => {
    const turn = Math.abs(edge.angle - angle) % HOUGH_DIRECTIONS
    const isParallel = Math.min(turn, HOUGH_DIRECTIONS - turn) <= LINE_MAX_TURN
    return !edge.isUsed && isParallel && Math.abs(edge.x * nx + edge.y * ny - distance) <= LINE_MAX_DISTANCE
  })
}

/** Where the line of some edges crosses the boundary, and is visible well enough to continue. */
function boundaryCrossings(edges: readonly Edge[], picture: KnownLuma, minLength: number): Line[] {
  const { x, y, dx, dy } = fitLine(edges)
  const diagonal = Math.ceil(Math.hypot(picture.width, picture.height))
  // Positions along the line are distances from its fitted point, in pixels.
  const positionOf = (edge: Edge) => (edge.x - x) * dx + (edge.y - y) * dy
  const edgeAt = new Map(edges.map(edge => [Math.round(positionOf(edge)), edge]))
  const isKnownAt = (position: number) => {
    const [px, py] = [Math.round(x + position * dx), Math.round(y + position * dy)]
    if (px < 0 || py < 0 || px >= picture.width || py >= picture.height) return undefined
    return picture.isKnown[py * picture.width + px] === 1
  }
  const maxGap = Math.max(LINE_MAX_GAP_MIN, (minLength * LINE_MAX_GAP_SHARE) / LINE_MIN_LENGTH_SHARE)
  const endLength = (minLength * LINE_END_SHARE) / LINE_MIN_LENGTH_SHARE
  const lines: Line[] = []
  for (let position = -diagonal; position <= diagonal; position++) {
    for (const outward of [1, -1]) {
      if (isKnownAt(position) !== true || isKnownAt(position + outward) !== false) continue
      const run = runInward(edgeAt, position, outward, maxGap)
      const end = run.filter(edge => Math.abs(positionOf(edge) - position) <= endLength)
      const length = Math.abs(run.length > 0 ? position - positionOf(run.at(-1)!) : 0)
      const isGapped = end.length < endLength * LINE_MIN_FILL || run.length < length * LINE_MIN_FILL
      if (length < minLength || isGapped) continue
      const line = fitLine(run)
      const sign = line.dx * dx + line.dy * dy > 0 ? outward : -outward
      // From where the line of this run alone is nearest to the crossing.
      const offset = (x + position * dx - line.x) * line.dx + (y + position * dy - line.y) * line.dy
      lines.push({
        x: line.x + offset * line.dx,
        y: line.y + offset * line.dy,
        dx: line.dx * sign,
        dy: line.dy * sign,
        length: length * LINE_EXTENSION,
      })
    }
  }
  return lines
}

/** The edges from a crossing inward, nearest first, up to the first gap of more than `maxGap`. */
function runInward(edgeAt: ReadonlyMap<number, Edge>, crossing: number, outward: number, maxGap: number): Edge[] {
  const run: Edge[] = []
  // At the boundary itself no edge can be measured.
  for (let inward = 0, gap = -LINE_BLIND_END; gap <= maxGap; inward++, gap++) {
    const edge = edgeAt.get(crossing - inward * outward)
    if (!edge) continue
    run.push(edge)
    gap = 0
  }
  return run
}

/** Total least squares: a point on the line, and its direction as a unit vector. */
function fitLine(edges: readonly Edge[]) {
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
