import { type EditorStore, openEditorStore } from './editor-store.js'
import { type EditorPicture, openedPicture } from './pictures.js'
import type { Placement } from './place/placement.js'
import type { Settings } from './settings.js'
import type { Sides } from './side-handles.js'

/** What the person has done with one picture. */
export type PictureWork = {
  /** PNG, white on black; undefined if nothing is drawn. */
  readonly mask?: Blob | undefined
  readonly sides: Sides
  readonly placement: Placement
  /** The picture that is shown in place of this one; undefined while the person draws. */
  readonly viewed?: { readonly job: string; readonly index: number } | undefined
}

/** How a picture came to be opened. */
type Origin = { readonly root: string; readonly parent: string }

/**
 * What the browser keeps of a picture and of those that were painted from it, until the link ends, so that reloading the page
 * and going back lose nothing.
 */
export type Session = {
  readonly settings: Partial<Settings> | undefined
  readonly work: PictureWork | undefined
  /** The opened picture, and all pictures that were painted from it and from its results, oldest first. */
  readonly pictures: readonly EditorPicture[]
  /** The token of the picture that the person came from; undefined for the one that a link opened. */
  readonly parent: string | undefined
  /** The prompts that were painted in this browser, newest first. They outlive the link. */
  readonly prompts: readonly string[]
  savePrompts(prompts: readonly string[]): Promise<void>
  saveSettings(settings: Settings): Promise<void>
  saveWork(work: PictureWork): Promise<void>
  savePictures(pictures: readonly EditorPicture[]): Promise<void>
  /** Make the picture of another token part of this session. */
  continueOn(token: string): Promise<void>
}

/** How long prompts are kept after the last one, in milliseconds. */
const PROMPTS_LIFETIME_MS = 90 * 24 * 3600_000

/** All pictures on this page share one store. */
let opening: Promise<EditorStore> | undefined

/** Tells tokens apart; the end of the signature. */
export function tokenKey(token: string): string {
  return token.slice(-24)
}

/** @param file the picture that the token opens */
export async function openSession(token: string, file: Blob): Promise<Session> {
  opening ??= openEditorStore()
  const store = await opening
  const key = tokenKey(token)
  // The store's version tells that this version of the page wrote the records.
  const origin = (await store.get(`origin ${key}`)) as Origin | undefined
  const root = origin?.root ?? key
  const expires = expiryOf(token)
  const save = (name: string, value: unknown, until = expires) => store.set(name, value, until).catch(() => {}) // the disk is full
  const savePictures = async (pictures: readonly EditorPicture[]) => {
    for (const picture of pictures) {
      const { painted, job, index } = picture
      await save(`picture ${root} ${String(painted).padStart(15, '0')} ${job} ${index}`, picture)
    }
  }
  let pictures = (await store.list(`picture ${root} `)) as EditorPicture[]
  if (pictures.length === 0) {
    pictures = [await openedPicture(file, token)]
    await savePictures(pictures)
  }
  return {
    settings: (await store.get(`settings ${root}`)) as Settings | undefined,
    work: (await store.get(`work ${key}`)) as PictureWork | undefined,
    pictures,
    parent: origin?.parent,
    prompts: ((await store.get('prompts')) as string[] | undefined) ?? [],
    savePrompts: prompts => save('prompts', prompts, Date.now() + PROMPTS_LIFETIME_MS),
    saveSettings: settings => save(`settings ${root}`, settings),
    saveWork: work => save(`work ${key}`, work),
    savePictures,
    async continueOn(next) {
      const nextKey = tokenKey(next)
      const isKnown = nextKey === root || (await store.get(`origin ${nextKey}`)) !== undefined
      if (!isKnown) await save(`origin ${nextKey}`, { root, parent: token } satisfies Origin)
    },
  }
}

/** When a token ends, in milliseconds since 1970. */
function expiryOf(token: string): number {
  const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
  return (JSON.parse(atob(payload)) as { exp: number }).exp * 1000
}
