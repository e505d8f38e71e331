import { useState } from 'preact/hooks'
import type { EditorPicture } from './pictures.js'
import type { PictureWork, Session } from './session.js'
import { tokenKey } from './session.js'

/** The pictures of a session, and the one that is shown in place of the picture to draw on. */
export function useGallery(session: Session) {
  const [pictures, setPictures] = useState(session.pictures)
  const [viewed, setViewed] = useState<PictureWork['viewed']>(session.work?.viewed)
  const group = viewed ? pictures.filter(({ job }) => job === viewed.job) : []
  const picture = viewed && group.find(({ index }) => index === viewed.index)
  return {
    pictures,
    /** Of the job of the viewed one. */
    group,
    picture,
    /** The picture that the viewed one was painted from. */
    original: picture?.parent === undefined ? undefined : findByToken(pictures, picture.parent),
    viewed,
    view(shown: NonNullable<PictureWork['viewed']>): void {
      setViewed({ job: shown.job, index: shown.index })
    },
    /** Show the picture to draw on again. */
    close(): void {
      setViewed(undefined)
    },
    add(painted: readonly EditorPicture[]): void {
      setPictures(before => [...before, ...painted])
      const [first] = painted
      if (first) setViewed({ job: first.job, index: first.index })
      void session.savePictures(painted)
    },
  }
}

export type Gallery = ReturnType<typeof useGallery>

/** Tokens are compared by their ends. */
function findByToken(pictures: readonly EditorPicture[], token: string): EditorPicture | undefined {
  return pictures.find(one => one.token !== undefined && tokenKey(one.token) === tokenKey(token))
}
