import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import {
  fetchJob,
  type JobState,
  type OpenedDrawing,
  openDrawing,
  pictureOf,
  RefusedError,
  submitDrawing,
} from './editor-api.js'
import { MaskCanvas } from './mask-canvas.js'
import './editor.css'
import { clampSide, SIDES, type Sides, Stage, type Tool } from './stage.js'

const TOOLS = [
  ['brush', 'Brush', 'b'],
  ['eraser', 'Eraser', 'e'],
  ['lasso', 'Lasso', 'l'],
  ['rectangle', 'Rectangle', 'r'],
  ['hand', 'Hand', 'h'],
] as const satisfies readonly (readonly [Tool, string, string])[]

const NONE: Sides = { left: 0, right: 0, top: 0, bottom: 0 }

/** How often it is looked how a job stands, in milliseconds. */
const LOOK = 700

/** The picture that a token opens. @param onNext takes the token of another, that came of it and is to be drawn on */
export function Editor({ token, onNext }: { token: string; onNext(token: string): void }) {
  const [opened, setOpened] = useState<{ about: OpenedDrawing; url: string; mask: MaskCanvas }>()
  const [wrong, complain] = useState('')
  useEffect(() => {
    let url: string | undefined
    const load = async () => {
      if (!token) throw new RefusedError('This page is opened by the link under Vary (Region).')
      const about = await openDrawing(token)
      const blob = await pictureOf(about.picture)
      const { width, height } = await createImageBitmap(blob)
      url = URL.createObjectURL(blob)
      setOpened({ about, url, mask: new MaskCanvas(width, height) })
    }
    load().catch(error =>
      complain(error instanceof RefusedError ? error.message : 'The bot does not answer. Is it running?'),
    )
    return () => {
      if (url) URL.revokeObjectURL(url)
    }
  }, [token])
  if (wrong) return <Notice said={wrong} />
  if (!opened) return <p class="alone">Loading the picture…</p>
  return <Painter token={token} onNext={onNext} {...opened} />
}

/** One sentence, where there is nothing to draw on. */
export function Notice({ said, children }: { said: string; children?: ComponentChildren }) {
  return (
    <main class="alone">
      <h1>Overscan</h1>
      <p role="alert">{said}</p>
      {children}
    </main>
  )
}

/** What outlives a reload. Some browsers keep nothing of a page in somebody's frame. */
function storage(): Storage | undefined {
  try {
    return sessionStorage
  } catch {
    return undefined
  }
}

type Wish = {
  readonly what: 'inpaint' | 'remove'
  readonly prompt: string
  readonly negative: string
  readonly engine: string
  readonly strength: string
  readonly area: 'whole' | 'masked'
  readonly variations: string
}

type PainterProps = { token: string; onNext(token: string): void; about: OpenedDrawing; url: string; mask: MaskCanvas }

function Painter({ token, onNext, about, url, mask }: PainterProps) {
  const [mode, setMode] = useState<'draw' | 'frame'>('draw')
  const [tool, setTool] = useState<Tool>('brush')
  const [size, setSize] = useState(() => Math.round(Math.max(mask.width, mask.height) / 12))
  const [grow, setGrow] = useState(0)
  const [soften, setSoften] = useState(0)
  const [frame, setFrame] = useState<Sides>(NONE)
  const [version, changed] = useState(0)
  const [job, setJob] = useState<JobState>()
  const [wrong, complain] = useState('')
  const [wish, setWish] = useState<Wish>({
    what: 'inpaint',
    prompt: about.prompt,
    negative: about.negative,
    engine: about.engine && about.engines.some(({ name }) => name === about.engine) ? about.engine : '',
    strength: '',
    area: 'whole',
    variations: '4',
  })
  const key = `job ${token.slice(-24)}`
  const drawn = () => changed(now => now + 1)
  const brush = (value: number) => setSize(Math.round(Math.min(1000, Math.max(2, value))))
  const change = (more: Partial<Wish>) => setWish({ ...wish, ...more })

  const watch = async (id: string) => {
    for (;;) {
      try {
        const now = await fetchJob(token, id)
        complain('')
        setJob(now)
        if (now.state === 'done' || now.state === 'failed') {
          storage()?.removeItem(key)
          return
        }
      } catch (error) {
        if (error instanceof RefusedError) {
          storage()?.removeItem(key)
          setJob(undefined)
          return complain(error.message)
        }
        complain('The line to the bot broke; trying again…')
      }
      await new Promise(resolve => setTimeout(resolve, LOOK))
    }
  }
  useEffect(() => {
    // The page was loaded anew while something was being painted.
    const id = storage()?.getItem(key)
    if (id) void watch(id)
  }, [])

  const send = async () => {
    complain('')
    const isFrame = mode === 'frame'
    if (isFrame && SIDES.every(side => frame[side] === 0)) return complain('Drag a side of the picture outward first.')
    if (!isFrame && mask.coverage() === 0) return complain('Draw over what is to be painted anew first.')
    const sides = Object.fromEntries(SIDES.map(side => [side, { pixels: frame[side] }]))
    const inpaint = {
      kind: 'inpaint',
      area: wish.area,
      grow,
      blur: soften,
      ...(wish.strength && { strength: Number(wish.strength) }),
    }
    const edit = isFrame ? { kind: 'extend', ...sides } : wish.what === 'remove' ? { kind: 'remove' } : inpaint
    const { prompt, negative, engine, variations } = wish
    const whole = {
      edit,
      prompt,
      variations: Number(variations),
      ...(engine && { engine }),
      ...(negative && { options: { negative } }),
    }
    setJob({ state: 'waiting', place: 1 })
    try {
      const id = await submitDrawing(token, whole, isFrame ? undefined : await mask.png())
      storage()?.setItem(key, id)
      await watch(id)
    } catch (error) {
      setJob(undefined)
      complain(error instanceof RefusedError ? error.message : 'It could not be sent. Is the bot running?')
    }
  }

  const act = (work: () => void) => () => {
    work()
    drawn()
  }
  const undo = act(() => mask.undo())
  const redo = act(() => mask.redo())
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if ((event.target as Element).matches('input, textarea, select')) return
      const isCommand = event.ctrlKey || event.metaKey
      const letter = event.key.toLowerCase()
      if (isCommand && letter === 'z') return event.shiftKey ? redo() : undo()
      if (isCommand && letter === 'y') return redo()
      if (isCommand || mode === 'frame') return
      if (event.key === '[') brush(size / 1.2)
      else if (event.key === ']') brush(size * 1.2)
      else if (letter === 'i') act(() => mask.invert())()
      else {
        const found = TOOLS.find(([, , shortcut]) => shortcut === letter)
        if (found) setTool(found[0])
      }
    }
    addEventListener('keydown', keys)
    return () => removeEventListener('keydown', keys)
  })

  const isBusy = job?.state === 'waiting' || job?.state === 'running'
  const reads = about.engines.find(({ name }) => name === (wish.engine || about.engines[0]?.name))?.reads ?? false
  return (
    <main class="painter">
      <Stage
        url={url}
        mask={mask}
        tool={tool}
        size={size}
        grow={grow}
        soften={soften}
        frame={mode === 'frame' ? frame : undefined}
        setFrame={setFrame}
        onDrawn={drawn}
        onSize={brush}
        version={version}
      />
      <form
        class="panel"
        aria-label="What to paint"
        onSubmit={event => {
          event.preventDefault()
          if (!isBusy) void send()
        }}
      >
        <h1>
          {mask.width} × {mask.height}
        </h1>
        <div class="modes">
          <button type="button" aria-pressed={mode === 'draw'} onClick={() => setMode('draw')}>
            Repaint
          </button>
          <button type="button" aria-pressed={mode === 'frame'} onClick={() => setMode('frame')}>
            Extend
          </button>
        </div>

        {mode === 'draw' ? (
          <>
            <fieldset class="tools">
              <legend>Tool</legend>
              {TOOLS.map(([name, label, shortcut]) => (
                <button
                  type="button"
                  key={name}
                  aria-pressed={tool === name}
                  title={`${label} (${shortcut.toUpperCase()})`}
                  onClick={() => setTool(name)}
                >
                  {label}
                </button>
              ))}
            </fieldset>
            <div class="tools">
              <button type="button" disabled={!mask.canUndo} onClick={undo}>
                Undo
              </button>
              <button type="button" disabled={!mask.canRedo} onClick={redo}>
                Redo
              </button>
              <button type="button" onClick={act(() => mask.invert())}>
                Invert
              </button>
              <button type="button" onClick={act(() => mask.clear())}>
                Clear
              </button>
            </div>
            <Range label="Brush size" value={size} set={brush} min={2} max={1000} />
            <Range label="Grow" value={grow} set={setGrow} min={0} max={256} />
            <Range label="Soften" value={soften} set={setSoften} min={0} max={64} />
          </>
        ) : (
          <fieldset class="sides">
            <legend>Pixels to add</legend>
            {SIDES.map(side => (
              <label key={side}>
                {side}
                <input
                  type="number"
                  min="0"
                  value={frame[side]}
                  onInput={event =>
                    setFrame({ ...frame, [side]: clampSide(mask, side, Number(event.currentTarget.value)) })
                  }
                />
              </label>
            ))}
          </fieldset>
        )}

        {mode === 'draw' && (
          <Choice
            label="What is drawn over is"
            value={wish.what}
            set={what => change({ what: what as Wish['what'] })}
            options={[
              ['inpaint', 'painted anew'],
              ['remove', 'taken away'],
            ]}
          />
        )}
        <label class="wide">
          Prompt
          <textarea
            rows={2}
            maxLength={1000}
            value={wish.prompt}
            onInput={e => change({ prompt: e.currentTarget.value })}
          />
        </label>
        {about.engines.length > 1 && (
          <Choice
            label="Model"
            value={wish.engine}
            set={engine => change({ engine })}
            options={[['', 'the usual'], ...about.engines.map(({ name }) => [name, name] as const)]}
          />
        )}
        {reads && (
          <label class="wide">
            Not to be seen
            <input maxLength={1000} value={wish.negative} onInput={e => change({ negative: e.currentTarget.value })} />
          </label>
        )}
        <div class="pair">
          {mode === 'draw' && wish.what === 'inpaint' && (
            <>
              <label>
                Strength
                <input
                  type="number"
                  min="0.05"
                  max="1"
                  step="0.05"
                  placeholder="usual"
                  value={wish.strength}
                  onInput={e => change({ strength: e.currentTarget.value })}
                />
              </label>
              <Choice
                label="Area"
                value={wish.area}
                set={area => change({ area: area as Wish['area'] })}
                options={[
                  ['whole', 'whole picture'],
                  ['masked', 'only what is drawn over'],
                ]}
              />
            </>
          )}
          <Choice
            label="Variations"
            value={wish.variations}
            set={variations => change({ variations })}
            options={['1', '2', '3', '4'].map(one => [one, one] as const)}
          />
        </div>
        {!reads && wish.prompt !== '' && (
          <p class="hint">The built-in engine goes by the picture alone, not by words.</p>
        )}

        {wrong && (
          <p role="alert" class="wrong">
            {wrong}
          </p>
        )}
        <button type="submit" class="button primary" disabled={isBusy}>
          {isBusy ? 'Painting…' : 'Paint'}
        </button>
        <Progress job={job} onNext={onNext} />
      </form>
    </main>
  )
}

function Progress({ job, onNext }: { job: JobState | undefined; onNext(token: string): void }) {
  if (!job) return null
  if (job.state === 'failed') {
    return (
      <p role="alert" class="wrong">
        {job.said}
      </p>
    )
  }
  if (job.state === 'waiting')
    return <p role="status">{job.place === 1 ? 'Next in line…' : `Number ${job.place} in line…`}</p>
  if (job.state === 'running') {
    return (
      <div role="status">
        <progress value={job.done} max={1} aria-label="How far it is painted" />
        {job.preview && (
          <img class="result" src={`data:image/jpeg;base64,${job.preview}`} alt="About what it will be" />
        )}
      </div>
    )
  }
  return (
    <section
      aria-label="Results"
      class="results"
      ref={element => {
        if (element && !element.dataset.seen) {
          element.dataset.seen = 'yes'
          element.scrollIntoView({ block: 'nearest' })
        }
      }}
    >
      <p role="status">Done. It is in the channel as well; draw on with one of these:</p>
      {job.pictures.map((picture, index) => (
        <button
          type="button"
          key={job.next[index] ?? index}
          disabled={!job.next[index]}
          onClick={() => onNext(job.next[index]!)}
        >
          <img class="result" src={`data:image/png;base64,${picture}`} alt={`Draw on version ${index + 1}`} />
        </button>
      ))}
    </section>
  )
}

function Range(props: { label: string; value: number; set(value: number): void; min: number; max: number }) {
  const { label, value, set, min, max } = props
  return (
    <label class="range">
      <span>{label}</span>
      <input type="range" min={min} max={max} value={value} onInput={event => set(Number(event.currentTarget.value))} />
      <output>{value}</output>
    </label>
  )
}

function Choice(props: {
  label: string
  value: string
  set(value: string): void
  options: readonly (readonly [string, string])[]
}) {
  return (
    <label>
      {props.label}
      <select value={props.value} onChange={event => props.set(event.currentTarget.value)}>
        {props.options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  )
}
