import type { Problem } from './problem.js'

type Sentences = { readonly [Code in Problem['code']]: (problem: Extract<Problem, { code: Code }>) => string }

/** What happened, then what to do about it, in the person's words. A code without a sentence does not compile. */
const sentences: Sentences = {
  'no-such-file': p => `There is no file ${p.path}.`,
  'cannot-write': p => `I can't write to ${p.path}: ${p.reason}.`,
  'not-a-picture': () => 'That file is not a picture that I can read. Send a PNG, JPEG, WebP, GIF, TIFF or AVIF.',
  'picture-broken': () =>
    'That picture is damaged: I can read its beginning but not all of it. Save it anew and try again.',
  'picture-too-large': p =>
    `That picture has ${p.megapixels} megapixels and a longest side of ${p.side}; ` +
    `I can take ${p.limit.megapixels} megapixels and ${p.limit.side} pixels. Send a smaller one.`,
  'picture-too-small': p =>
    `A picture of ${p.width}×${p.height} is too small; I need at least ${p.limit} pixels on a side.`,
  'picture-see-through': () => 'That picture is see-through all over, so there is nothing to go on from.',
  'file-too-large': p => `That file has ${p.megabytes} MB; I can take ${p.limit} MB. Send a smaller one.`,
  'canvas-too-large': p =>
    `The new picture would be ${p.width}×${p.height}; I can paint ${p.limit} megapixels. ` +
    'Ask for less, or send a smaller picture.',
  'factor-out-of-range': p => `I can't zoom out ${p.factor}×. Choose a factor from ${p.min} to ${p.max}.`,
  'length-unreadable': p => `“${p.text}” is no length for ${p.side}. Write pixels or percent, like 256 or 25%.`,
  'extends-nothing': () => 'Nothing would be added. Say how much on at least one side, like 25%.',
  'aspect-unreadable': p => `“${p.text}” is no aspect ratio. Write it like 16:9.`,
  'fits-already': p => `The picture has that shape already (${p.width}×${p.height}), so there is nothing to paint.`,
  'mask-size-differs': p =>
    `The mask is ${p.mask} but the picture is ${p.picture}. Send a mask of the picture's own size.`,
  'mask-empty': () => 'The mask marks nothing to paint. Make the part to repaint white, or see-through.',
  'mask-full': () =>
    'The mask marks the whole picture, so nothing would be left to go on from. Leave some of it black.',
  'edit-unreadable': p => `I don't understand what is to be done: ${p.detail}.`,
  'variations-out-of-range': p => `I can't paint ${p.variations} variations. Choose from 1 to ${p.max}.`,
  'seed-out-of-range': p => `${p.seed} is no seed. Choose a whole number from 0 to ${p.max}.`,
  'engine-unknown': p => `There is no engine “${p.engine}”. Choose one of: ${p.known}.`,
  'engine-crashed': () => 'The painting process broke down. Try again; if it happens again, try a smaller picture.',
  'attachment-missing': () => "I can't find that picture in the message any more. Start again from another one.",
  'attachment-gone': () => 'That picture has been deleted, so I can’t go on from it. Send it again with /zoom.',
  'attachment-unreachable': () => "I couldn't fetch that picture from Discord just now. Try again in a minute.",
  'attachment-foreign': p => `I only fetch pictures that were uploaded to Discord, not from ${p.host}.`,
  'button-unknown': () => 'That button is not one of mine, or too old for me. Start again with /zoom.',
  'recipe-missing': () => "That picture doesn't say how it was made, so I can't do it again. Start again with /zoom.",
  'not-yours': () => 'Only the person who asked for it can do that.',
  'ended-already': () => 'That has ended already.',
  'result-too-large': p =>
    `The result doesn't fit into Discord's ${p.limit} MB, even compressed. Send a smaller picture.`,
  'setting-missing': p => `${p.name} is not set. Put it into .env (.env.example tells what it is).`,
  'setting-wrong': p => `A setting is wrong: ${p.detail}.`,
  'login-refused': () => 'Discord refuses DISCORD_TOKEN. Copy the bot’s token anew from the developer portal.',
  'queue-full': p => `There are ${p.waiting} requests waiting already, which is as many as I take. Try again later.`,
  cancelled: () => 'Cancelled.',
  stopped: () => 'I am being restarted, so this was not finished. Ask again in a minute.',
  bug: p => `Something went wrong on my side. If it happens again, tell the bot's owner this number: ${p.incident}.`,
}

/** The sentence for the person who can do something about the problem. */
export function sentence<P extends Problem>(problem: P): string {
  return (sentences[problem.code] as (problem: P) => string)(problem)
}
