import type { Edit, Length } from '../inference/pipeline/edit.js'
import type { MemoryFallback } from '../inference/pipeline/memory-fallback.js'
import type { Problem } from '../user-error.js'
import { type ConfigFaultTranslations, configFaultLines } from './config-faults.js'
import { relativeTime } from './relative-time.js'

type Sentences = { readonly [Code in Problem['code']]: (problem: Extract<Problem, { code: Code }>) => string }

const sides = { left: 'left', right: 'right', top: 'top', bottom: 'bottom' }

/** What is wrong with settings; `docs/configuration.md` has the values in the same words. */
export const configFaults: ConfigFaultTranslations = {
  text: least => (least > 1 ? `text of ${least} characters or more` : 'text'),
  number: (min, max) =>
    max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min} on` : `a whole number from ${min} to ${max}`,
  choice: of => `one of ${of.join(', ')}`,
  address: schemes => `an address that begins with ${schemes.join(' or ')}`,
  devices:
    'cuda, dml, coreml, webgpu or cpu; cuda:1 or dml:1 is the second card, and several stand with commas between',
  malformed: (name, found, values) =>
    found === undefined
      ? `${name} can’t be used as it is: it has to be ${values}.`
      : `${name} is “${found}”, and has to be ${values}.`,
  unknown(name, line, meant) {
    const said = name === undefined ? 'what is no setting' : `${name}, which is no setting`
    const where = line === undefined ? `The environment sets ${said}.` : `Line ${line} of .env sets ${said}.`
    return meant
      ? `${where} Did you mean ${meant}?`
      : `${where} Take it out; docs/configuration.md tells which there are.`
  },
  twice: (name, lines) => `.env sets ${name} more than once, in lines ${lines.join(', ')}. Keep one of them.`,
  unreadable: line =>
    `Line ${line} of .env can’t be read: it is neither NAME=value nor a comment, which begins with #.`,
}

/** What happened, then what to do about it, in the person's words. A code without a sentence does not compile. */
const problems: Sentences = {
  'no-such-file': p => `There is no file ${p.path}.`,
  'cannot-read': p => `I can't read ${p.path}: ${p.reason}.`,
  'cannot-write': p => `I can't write to ${p.path}: ${p.reason}.`,
  'not-a-picture': () => 'That file is not a picture that I can read. Send a PNG, JPEG, WebP, GIF, TIFF or AVIF.',
  'picture-corrupt': () =>
    'That picture is damaged: I can read its beginning but not all of it. Save it anew and try again.',
  'picture-too-large': p =>
    `That picture has ${p.megapixels} megapixels and a longest side of ${p.side}; ` +
    `I can take ${p.limit.megapixels} megapixels and ${p.limit.side} pixels. Send a smaller one.`,
  'picture-too-small': p =>
    `A picture of ${p.width}×${p.height} is too small; I need at least ${p.limit} pixels on a side.`,
  'picture-transparent': () => 'That picture is see-through all over, so there is nothing to go on from.',
  'picture-missing': () => 'There is no picture in that message.',
  'file-too-large': p => `That file has ${p.megabytes} MB; I can take ${p.limit} MB. Send a smaller one.`,
  'canvas-too-large': p =>
    `The new picture would be ${p.width}×${p.height}; I can paint ${p.limit} megapixels. ` +
    'Ask for less, or send a smaller picture.',
  'factor-out-of-range': p => `I can't zoom out ${p.factor}×. Choose a factor from ${p.min} to ${p.max}.`,
  'factor-invalid': p => `“${p.text}” is no factor. Write a number from ${p.min} to ${p.max}, like 1.5.`,
  'zoom-changes-nothing': () => 'A factor of 1 adds nothing. Choose a larger one, or another aspect ratio with it.',
  'length-invalid': p => `“${p.text}” is no length for ${sides[p.side]}. Write pixels or percent, like 256 or 25%.`,
  'extend-changes-nothing': () => 'Nothing would be added. Say how much on at least one side, like 25%.',
  'aspect-invalid': p => `“${p.text}” is no aspect ratio. Write it like 16:9.`,
  'fit-changes-nothing': p =>
    `The picture has that shape already (${p.width}×${p.height}), so there is nothing to paint.`,
  'mask-missing': () => 'Say where: send a mask, or choose fields of the grid.',
  'mask-size-differs': p =>
    `The mask is ${p.mask} but the picture is ${p.picture}. Send a mask of the picture's own shape.`,
  'mask-empty': () =>
    'The mask marks nothing to paint. Make the part to repaint white or see-through, or draw over it in a copy of the picture.',
  'mask-low-contrast': () =>
    'I can see that something is marked, but too faintly to be sure. Draw more boldly, or with more contrast.',
  'mask-not-recognized': () =>
    'I can’t make out a mask in that: it is neither black and white, nor see-through, nor a copy of the picture with something drawn on it.',
  'mask-full': () =>
    'The mask marks the whole picture, so nothing would be left to go on from. Leave some of it black.',
  'edit-invalid': p => `I don't understand what is to be done: ${p.detail}.`,
  'options-invalid': p => `These options can’t be used: ${p.detail}.`,
  'variations-out-of-range': p => `I can't paint ${p.variations} variations. Choose from 1 to ${p.max}.`,
  'seed-out-of-range': p => `${p.seed} is no seed. Choose a whole number from 0 to ${p.max}.`,
  'engine-unknown': p => `There is no model “${p.engine}”. Choose one of: ${p.known}.`,
  'model-incomplete': p => `The model “${p.model}” is not complete. Missing: ${p.missing}.`,
  'checkpoint-is-pickle': p =>
    `“${p.file}” is a pickle, which can run code when it is read. Use the same model as a .safetensors file.`,
  'checkpoint-truncated': p =>
    `“${p.file}” is cut off: it has ${p.has} bytes and should have ${p.needs} at least. Download it again.`,
  'checkpoint-corrupt': p => `“${p.file}” is no .safetensors file as it should be: ${p.detail}.`,
  'checkpoint-unknown': p => `“${p.file}” holds no Stable Diffusion model that I know (1.x, 2.x or XL).`,
  'checkpoint-incomplete': p => `“${p.file}” lacks parts of the model: ${p.missing}.`,
  'checkpoint-is-lora': p =>
    `“${p.file}” is a LoRA, no model. Put it into models/lora and write <lora:its-name:0.8> in the prompt.`,
  'lora-unknown': p => `There is no LoRA called “${p.lora}”. There are: ${p.known || 'none'}.`,
  'lora-incompatible': p => `The LoRA “${p.lora}” does not fit the model “${p.model}”: it was made for another kind.`,
  'lora-needs-checkpoint': p => `LoRAs go with models that are .safetensors files; “${p.model}” is not one.`,
  'download-failed': p =>
    `${p.url} could not be downloaded: ${p.reason}. The same command goes on where this one ended.`,
  'download-forbidden': p =>
    `${p.url} is not for everybody. Put your token into HF_TOKEN (Hugging Face) or CIVITAI_TOKEN, and accept the model’s terms there.`,
  'download-missing': p => `There is nothing at ${p.url}.`,
  'download-corrupt': p => `“${p.file}” came otherwise than it was published, and was thrown away. Try again.`,
  'model-checksum-changed': p =>
    `${p.file} is not what it was: its SHA-256 is ${p.is}, and was ${p.was}. If you trust what it is now, delete its lines from ${p.lock} and try again.`,
  'disk-space-low': p =>
    `${p.needs} GB are to come, and ${p.path} has room for ${p.free} GB. Free some, or set another MODEL_FOLDER.`,
  'model-too-large': p =>
    `“${p.model}” needs about ${p.needs} GB of memory, and ${p.device} has ${p.has} GB here. “overscan models catalogue” shows what fits.`,
  'device-unusable': p => `${p.device} does not work here: ${p.reason}. “overscan devices” tells what works.`,
  'cuda-platform-unsupported': p =>
    `CUDA's libraries come this way for Linux on x64 only, and this is ${p.platform}. Models can be computed by ${p.instead} here, which needs no installing.`,
  'cuda-not-installed': p =>
    `CUDA's libraries could not be installed: ${p.reason}. Nothing else has changed; the same command tries again.`,
  'token-missing': () =>
    'The bot’s token is missing, and there is nobody to ask. Give it with --token-file, --token or DISCORD_TOKEN; it is made at https://discord.com/developers/applications.',
  'discord-unreachable': p => `Discord can't be reached: ${p.reason}. Is this machine on the network?`,
  'discord-rejected': p => `Discord takes the token, but declines: ${p.reason} (${p.status}).`,
  'repository-ambiguous': p =>
    `“${p.repository}” has no model in one piece that I know. ${p.files ? `Name one of its files: ${p.files}.` : ''}`,
  'model-exists': p => `There is a model called “${p.model}” already. Choose another --name.`,
  'model-name-invalid': () =>
    'That says nothing about what to call the model. Choose a --name of letters, digits, dots and dashes.',
  'clip-skip': p =>
    `The text encoder of the model “${p.model}” does not tell what clip skip ${p.clipSkip} asks for. Leave clip skip out.`,
  'size-invalid': p => `“${p.text}” is no size. Write it like 768x512, each side from ${p.min} to ${p.max} pixels.`,
  'model-overflowed': p =>
    `The model “${p.model}” computed values too large for its precision, so there is no picture. Use it in full precision.`,
  'model-unreadable': p => `The model “${p.model}” can’t be used: ${p.detail}`,
  'out-of-memory': p =>
    `There is not enough memory here for “${p.model}”, not even in small pieces: ${p.detail}. A smaller picture or model may fit; try again later if something else takes the memory.`,
  'engine-killed': () =>
    'The painting process was ended from outside, most likely because this machine ran out of memory. A smaller picture or another model may fit.',
  'engine-crashed': () => 'The painting process broke down. Try again; if it happens again, try a smaller picture.',
  'needs-model': p =>
    ({
      vary: 'I can vary only what I painted myself: no diffusion model is installed here that could change any picture. Try Zoom Out first.',
      imagine:
        'To paint from words alone I need a diffusion model, and none is installed here: /models tells more. Until then, start with a picture and /zoom.',
    })[p.what],
  'needs-another-model': p =>
    `${p.engine} can vary only what I painted myself. Choose a model that can change any picture: ${p.models}.`,
  'recipe-mismatch': () =>
    'That is not the picture that the recipe was made from, so the result would be another. Send the original file.',
  'attachment-missing': () => "I can't find that picture in the message any more. Start again from another one.",
  'attachment-deleted': () =>
    'That picture is gone: it was deleted, or its link has expired. Send it again with /zoom.',
  'attachment-unreachable': () => "I couldn't fetch that picture from Discord just now. Try again in a minute.",
  'attachment-host-not-allowed': p => `I only fetch pictures that were uploaded to Discord, not from ${p.host}.`,
  'button-unknown': () => 'That button is not one of mine, or too old for me. Start again with /zoom.',
  'recipe-missing': () => "That picture doesn't say how it was made, so I can't do it again. Start again with /zoom.",
  'source-missing': () =>
    'The picture that this was made from is not kept with it, so I can’t do it again. Start again with /zoom.',
  'not-yours': () => 'Only the person who asked for it can do that.',
  'not-manager': () => 'Only those who manage this server can do that.',
  'server-only': () => 'That works only in a server.',
  'channel-not-allowed': p => `I don't paint in this channel. Go to ${p.channels}.`,
  'role-not-allowed': p => `On this server only ${p.roles} can ask me to paint.`,
  'restricted-only': () => 'On this server I paint only in channels that are marked as age-restricted.',
  'word-forbidden': p => `“${p.word}” is not allowed in prompts on this server. Leave it out.`,
  'queue-draining': () => 'The managers of this server let me finish what waits and take nothing new. Try again later.',
  'job-already-ended': () => 'That has ended already.',
  'result-too-large': p =>
    `The result doesn't fit into Discord's ${p.limit} MB, even compressed. Send a smaller picture.`,
  'direct-messages-closed': () =>
    'You don’t take direct messages from me. Allow them in this server’s privacy settings, then press again.',
  'setting-missing': p => `${p.name} is not set. Put it into .env (docs/configuration.md tells what it is).`,
  'setting-invalid': p => `A setting is wrong: ${p.detail}.`,
  'configuration-invalid': p => configFaultLines(p.faults, configFaults),
  'bot-token-missing': p =>
    `DISCORD_TOKEN is not set, but ${p.because} is, so this is meant to be a bot on Discord. Put the token into .env; or try the playground, which needs neither, with “overscan playground”.`,
  'setting-not-writable': p =>
    `${p.name} can’t be written to .env: with # or a line break in it, and all kinds of quotes, it would not be read back as it is. Set it in the environment, or choose another.`,
  'login-refused': () => 'Discord refuses DISCORD_TOKEN. Copy the bot’s token anew from the developer portal.',
  'queue-full': p => `There are ${p.waiting} requests waiting already, which is as many as I take. Try again later.`,
  'queue-full-for-person': p =>
    `You have ${p.waiting} requests waiting already, and I keep ${p.limit} for each. Let some of them be done first.`,
  'queue-full-for-server': p =>
    `Requests from this server: ${p.waiting} wait already, and I keep ${p.limit} for each server. Try again later.`,
  'queue-unreachable': () =>
    'The line that requests wait in can’t be reached right now. What waits there is kept. Try again in a minute.',
  'no-capable-worker': p =>
    `No machine that is connected now can paint ${p.megapixels} megapixels with ${p.engine}. Ask for a smaller picture.`,
  'job-lost': () =>
    'This request got lost on its way: it waited for more than a day, or its pictures are gone. Ask again.',
  'job-incompatible': () => 'This request was made by another version of me that I can’t understand. Ask again.',
  'disk-full': () =>
    'The disk of the machine that I run on is full, so nothing was taken. Tell the bot’s owner, then ask again.',
  'folder-in-use': p => `Another Overscan works in ${p.path} already. End it first, or set another DATA_FOLDER.`,
  'port-taken': p => `Port ${p.port} is taken by another program. Set another ${p.setting}.`,
  'pages-not-built': () => 'The pages were not built. Run npm run build.',
  'activity-secret-rejected': () =>
    'Discord does not take the bot’s client secret. Whoever runs the bot has to set DISCORD_CLIENT_SECRET anew, from its OAuth2 page in Discord’s developer portal.',
  'activity-login-refused': () => 'Discord does not confirm who you are. Close this and open it again.',
  'discord-not-responding': () => 'Discord does not say just now who you are. Try again in a moment.',
  'quota-exceeded': p => {
    const amount = p.what === 'pictures' ? `${p.limit} pictures` : `${p.limit} GPU seconds`
    const whose = p.whose === 'server' ? 'This server has' : 'You have'
    return `${whose} used up the ${amount} ${p.per === 'hour' ? 'an hour' : 'a day'}. It goes on ${relativeTime(p.until)}.`
  },
  'settings-corrupt': p =>
    `The settings in ${p.path} can't be read. Mend the file, or move it away to start with new ones.`,
  cancelled: () => 'Cancelled.',
  stopped: () => 'I am being restarted, so this was not finished. Ask again in a minute.',
  bug: p => `Something went wrong on my side. If it happens again, tell the bot's owner this number: ${p.incident}.`,
}

const amount = (length: Length) => ('percent' in length ? `${length.percent}%` : `${length.pixels} px`)

const given = (length: Length) => ('percent' in length ? length.percent : length.pixels) > 0

/** An edit as the heading of its message. */
function heading(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` to ${edit.aspect.width}:${edit.aspect.height}` : ''
      return `Zoom Out ${edit.factor}×${to}${edit.grow ? ', same pixels' : ''}`
    }
    case 'extend': {
      const parts = (['left', 'right', 'top', 'bottom'] as const).filter(side => given(edit[side]))
      return `Extend ${parts.map(side => `${sides[side]} ${amount(edit[side])}`).join(', ')}`
    }
    case 'square':
      return 'Make Square'
    case 'fit':
      return edit.exact ? `Fit ${edit.width}×${edit.height} pixels` : `Fit ${edit.width}:${edit.height}`
    case 'inpaint':
      return 'Vary (Region)'
    case 'remove':
      return 'Remove'
    case 'vary':
      return edit.strength === 'subtle' ? 'Vary (Subtle)' : 'Vary (Strong)'
    case 'imagine':
      return 'Imagine'
  }
}

/** Everything that Overscan says to people, in English. The other languages have the same shape, or do not compile. */
export const en = {
  problems,
  heading,
  sides,

  progress: {
    next: 'Next in line',
    position: (place: number) => `Number ${place} in line`,
    /** @param when a time that Discord shows in the reader's own way, like “in 2 minutes” */
    starts: (when: string) => `starts ${when}`,
    paused: 'Waiting: the managers of this server have paused the line',
    noWorker: 'No machine that paints is connected right now. It starts as soon as one is',
    restarting: 'I am being restarted. This request keeps its place and goes on by itself',
    preview: 'A preview of the unfinished picture',
  },

  result: {
    seeds: (seeds: readonly number[]) => `${seeds.length > 1 ? 'seeds' : 'seed'} ${seeds.join(', ')}`,
    seconds: (seconds: string) => `${seconds} s`,
    requestedBy: (mention: string) => `for ${mention}`,
    pickedBy: (mention: string) => `taken out by ${mention}`,
    imageNumber: (number: number) => `Image #${number}`,
    originalTitle: 'The original',
    journeyTitle: (pictures: number) => `A journey through ${pictures} pictures`,
    /** The engine had no use for these. */
    ignoredOptions: (engine: string, options: readonly string[]) => `${engine} makes no use of: ${options.join(', ')}`,
    optionNames: {
      prompt: 'prompt',
      strength: 'strength',
      content: 'masked content',
      negative: 'negative prompt',
      steps: 'steps',
      sampler: 'sampler',
      guidance: 'guidance',
      clipSkip: 'clip skip',
      preset: 'preset',
      refine: 'refining',
      seam: 'seam pass',
    },
    cannotPost:
      'I may not post pictures in this channel (Send Messages and Attach Files), so replies to this don’t reach me',
    /** What was done because memory was short, under a result. */
    memoryFallback: (saving: MemoryFallback) => {
      switch (saving.kind) {
        case 'device':
          return `${saving.instead} has too little memory for this, so ${saving.device} painted it`
        case 'smaller':
          return `memory was short, so it was painted at about ${saving.side}×${saving.side} pixels and enlarged`
        case 'tiles':
          return 'memory was short, so the model made the picture in tiles'
      }
    },
    channelGone: 'The channel in which you asked is gone or closed to me, so here it is:',
    altText: (heading: string, seed: number, prompt: string) => `${heading}, seed ${seed}${prompt && `: ${prompt}`}`,
  },

  buttons: {
    cancel: 'Cancel',
    varySubtle: 'Vary (Subtle)',
    varyStrong: 'Vary (Strong)',
    varyRegion: 'Vary (Region)',
    zoom2: 'Zoom Out 2×',
    zoom15: 'Zoom Out 1.5×',
    customZoom: 'Custom Zoom',
    square: 'Make Square',
    remix: 'Remix',
    direct: 'Send to me',
    delete: 'Delete',
    recipe: 'Recipe',
    original: 'Original',
    journey: 'Journey',
    paint: 'Paint',
    flip: 'Flip',
    grow: 'Grow',
    shrink: 'Shrink',
  },

  drawingPage: {
    title:
      'Draw what is to be painted anew, on a page that is open to you for half an hour; or send a mask, or name fields.',
    opened:
      'Draw what is to be painted anew on the page that opens here. The link opens the same page; or send a mask, or name fields.',
    draw: 'Draw it',
    mask: 'Mask or fields…',
  },
  activity: {
    nothing: 'Press Vary (Region) under a picture to draw on it.',
    outside: 'This page opens inside Discord: press Vary (Region) under a picture there.',
    entering: 'Asking Discord who you are…',
    silent: 'Discord does not answer this page. Close it and open it again.',
    declined:
      'Without your consent Discord does not say who you are, and the page can’t find your picture. It asks for nothing but your name.',
    again: 'Try again',
  },
  modals: {
    which: 'Which picture',
    picture: (number: number) => `Picture ${number}`,
    customZoom: 'Custom Zoom',
    factor: 'How far to step back',
    factorHint: 'From 1 to 4; 1 only with another aspect ratio',
    aspect: 'Aspect ratio',
    aspectHint: 'Like 16:9; empty for the picture’s own',
    prompt: 'Prompt',
    promptHint: 'What you would like to see there',
    remix: 'Edit the prompt',
    extend: 'Extend',
    lengthHint: 'Pixels or percent, like 256 or 25%',
    zoomOut: 'Zoom out',
    region: 'Vary (Region)',
    remove: 'Remove',
    mask: 'Mask',
    maskHint: 'White or see-through is painted; or a copy of the picture with your marker on it',
    cells: (across: number) => `Or fields of a ${across}×${across} grid`,
    cell: (row: number, column: number) => `Row ${row}, column ${column}`,
  },

  confirmMask: {
    title: 'Is this what I should paint?',
    share: (percent: string) => `${percent} of the picture`,
    kinds: {
      'black-and-white': 'the white part of your mask',
      'see-through': 'the see-through part of your mask',
      marked: 'what you drew over',
      cells: 'the fields that you chose',
    },
    scaled: 'scaled to the picture',
    unsure: 'I am not sure about it: have a look.',
    overlay: 'The picture, with what will be painted striped and outlined',
  },

  direct: { sent: 'I sent it to you.' },

  audit: {
    done: (mention: string, heading: string, link: string) => `${mention}: ${heading} ${link}`,
    refused: (mention: string, channel: string, why: string) => `${mention} in ${channel}: ${why}`,
    settings: (mention: string, what: string) => `${mention} changed the settings: ${what}`,
    line: (mention: string, what: string) => `${mention}: /queue ${what}`,
  },

  queue: {
    title: 'The line',
    empty: 'Nothing waits and nothing runs.',
    running: (percent: number) => `${percent}%`,
    pictures: (count: number) => (count === 1 ? '1 picture' : `${count} pictures`),
    elsewhere: (count: number) =>
      count === 1 ? 'and one request from elsewhere' : `and ${count} requests from elsewhere`,
    paused: 'The line is paused: what waits stays, nothing is started.',
    draining: 'The line is draining: what waits is painted, nothing new is taken.',
    open: 'The line is open.',
    cleared: (count: number) =>
      count === 1 ? 'One waiting request was cancelled.' : `${count} waiting requests were cancelled.`,
    cancelled: 'Cancelled.',
  },

  settings: {
    title: 'Settings of this server',
    mine: 'Your own settings',
    saved: 'Saved.',
    everywhere: 'all channels',
    everybody: 'everybody',
    none: 'none',
    names: {
      channels: 'Channels',
      first: 'First in turn',
      roles: 'Roles',
      quotas: 'Quotas',
      variations: 'Most variations',
      engine: 'Model',
      steps: 'Steps',
      forbidden: 'Forbidden words',
      buttons: 'Buttons may be pressed by',
      language: 'Language',
      auditChannel: 'Audit channel',
      spoiler: 'Spoilers',
      restrictedOnly: 'Only in age-restricted channels',
      line: 'Line',
      confirmMasks: 'Ask about masks',
    },
    values: {
      author: 'whoever asked',
      all: 'everybody',
      never: 'never',
      always: 'always',
      unsure: 'only when unsure',
      yes: 'yes',
      no: 'no',
      open: 'open',
      draining: 'draining',
      paused: 'paused',
    },
    quota: (role: string, amounts: readonly string[], per: string) => `${role}: ${amounts.join(', ')} ${per}`,
    quotaPictures: (count: number) => (count === 1 ? '1 picture' : `${count} pictures`),
    quotaSeconds: (seconds: number) => `${seconds} GPU seconds`,
    per: { hour: 'an hour', day: 'a day' },
  },

  info: {
    title: (version: string) => `Overscan ${version}`,
    what: 'I paint what lies outside the frame of a picture.',
    models: (names: string) => `Models: ${names}`,
    device: (device: string) => `Painted on: ${device}`,
    busy: (running: number, waiting: number) => `Right now: ${running} running, ${waiting} waiting`,
    left: (what: string) => `You have left: ${what}`,
    leftPictures: (count: number, per: string) => `${count === 1 ? '1 picture' : `${count} pictures`} ${per}`,
    leftSeconds: (seconds: number, per: string) => `${seconds} GPU seconds ${per}`,
    since: (when: string) => `Awake since ${when}`,
  },

  models: {
    title: 'Models',
    fill: 'built in, needs no weights: goes on from what is in the picture; reads no prompts',
    none: 'No diffusion model is installed. Who runs me can put one into the folder models; docs/models.md tells how. Without one, pictures are continued from themselves: prompts are kept but not read, and /imagine has nothing to paint with.',
    loras: 'LoRAs, to be written into prompts for models that are checkpoints:',
  },

  recipe: {
    title: 'Recipe',
    operation: 'Operation',
    prompt: 'Prompt',
    seed: 'Seed',
    model: 'Model',
    source: 'Made from',
    mask: 'Mask',
    again: 'The same again: /recipe with this picture, and with the one it was made from as source.',
  },

  dataDeleted: (settings: boolean, jobs: number) =>
    [
      settings ? 'Your settings are deleted.' : 'I had no settings of yours.',
      jobs > 0 ? `What you had in the line is cancelled (${jobs}).` : '',
      'My count of what you painted is deleted. The pictures lie in Discord’s messages, not with me: Delete under a picture takes it away.',
    ]
      .filter(Boolean)
      .join(' '),

  help: {
    title: 'How to use me',
    intro: [
      '**/zoom** and a picture: four versions of what lies outside its frame.',
      'Under four pictures: **U1–U4** takes one out, **V1–V4** varies one, 🔄 paints them anew.',
      'Under one picture: zoom again, extend a side, make it square, repaint a region.',
      'On anybody’s picture: right click (or hold) → **Apps** → Zoom out, Extend, Repaint region, Remove.',
      'To repaint a part: **reply** to one of my pictures with a mask, or with a copy of it that you drew over with your phone’s marker; your words are the prompt.',
    ],
    example: 'For example',
    examples: {
      zoom: '/zoom image:holiday.jpg factor:2',
      extend: '/extend image:house.png left:25% right:25%',
      square: '/square image:portrait.jpg',
      fit: '/fit image:logo.png shape:server banner',
      inpaint: '/inpaint image:room.jpg mask:room-mask.png prompt:a green sofa',
      remove: '/remove image:beach.jpg mask:beach-marked.jpg',
      vary: '/vary image:overscan-1.png strength:subtle',
      imagine: '/imagine prompt:a lighthouse at dusk aspect:16:9',
      queue: '/queue show',
      settings: '/settings mine confirm:only when unsure',
      info: '/info',
      help: '/help command:/zoom',
      models: '/models',
      recipe: '/recipe image:overscan-1.png',
      'forget-me': '/forget-me',
    },
  },

  /** Names are lowercase without spaces, at most 32 characters; descriptions have at most 100. */
  commands: {
    zoom: { name: 'zoom', description: 'Zoom out: paint what lies outside the frame of a picture' },
    extend: { name: 'extend', description: 'Add to one or more sides of a picture' },
    square: { name: 'square', description: 'Make a picture square by painting what is missing' },
    fit: { name: 'fit', description: 'Bring a picture to a shape by painting what is missing, without cropping' },
    inpaint: { name: 'inpaint', description: 'Repaint a region of a picture' },
    remove: { name: 'remove', description: 'Take something out of a picture' },
    vary: { name: 'vary', description: 'The same picture again, but different' },
    imagine: { name: 'imagine', description: 'Paint a picture from words' },
    queue: { name: 'queue', description: 'What is waiting and running' },
    settings: { name: 'settings', description: 'How I behave on this server, and for you' },
    info: { name: 'info', description: 'What I run on, and how busy I am' },
    help: { name: 'help', description: 'What I can do, with examples' },
    models: { name: 'models', description: 'What is installed to paint with' },
    recipe: { name: 'recipe', description: 'How a picture was made; the same again' },
    'forget-me': { name: 'forget-me', description: 'Delete what is stored of me' },
  },

  subcommands: {
    show: { name: 'show', description: 'Show how things are' },
    cancel: { name: 'cancel', description: 'Cancel a request of mine' },
    pause: { name: 'pause', description: 'Start nothing new; what waits stays (managers)' },
    resume: { name: 'resume', description: 'Go on (managers)' },
    drain: { name: 'drain', description: 'Paint what waits, take nothing new (managers)' },
    clear: { name: 'clear', description: 'Cancel everything that waits (managers)' },
    mine: { name: 'mine', description: 'Your own defaults' },
    channel: { name: 'channel', description: 'In which channels I paint (managers)' },
    role: { name: 'role', description: 'Who may ask me to paint (managers)' },
    first: { name: 'first', description: 'Whose turn comes before others’ (managers)' },
    quota: { name: 'quota', description: 'How much a role may paint; 0 lifts it (managers)' },
    defaults: { name: 'defaults', description: 'Most variations, model and steps (managers)' },
    words: { name: 'words', description: 'Words that prompts may not hold (managers)' },
    buttons: { name: 'buttons', description: 'Who may press the buttons under a picture (managers)' },
    language: { name: 'language', description: 'The language of what everybody sees (managers)' },
    audit: { name: 'audit', description: 'A channel that tells what was painted; none to switch it off (managers)' },
    safety: { name: 'safety', description: 'Spoilers and age-restricted channels (managers)' },
  },

  options: {
    image: { name: 'image', description: 'The picture to start from' },
    factor: { name: 'factor', description: 'How far to step back: 1.5×, 2×, or any number from 1 to 4 (1.5)' },
    aspect: { name: 'aspect', description: 'Another aspect ratio, like 16:9' },
    keep: { name: 'keep', description: 'What stays the same: the size, or my pixels (size)' },
    left: { name: 'left', description: 'How much to add on the left, like 25% or 256' },
    right: { name: 'right', description: 'How much to add on the right' },
    top: { name: 'top', description: 'How much to add at the top' },
    bottom: { name: 'bottom', description: 'How much to add at the bottom' },
    shape: { name: 'shape', description: 'An aspect ratio like 16:9, or what the picture is for' },
    mask: { name: 'mask', description: 'White or see-through is painted; or a copy of the picture, drawn over' },
    area: { name: 'area', description: 'What the model sees: the whole picture, or the masked part (whole)' },
    padding: { name: 'padding', description: 'Pixels around the masked part that the model sees as well (32)' },
    'mask-blur': { name: 'mask-blur', description: 'Over how many pixels the old fades into the new (0)' },
    'mask-grow': { name: 'mask-grow', description: 'By how many pixels the mask is enlarged (0)' },
    size: { name: 'size', description: 'How large the picture becomes first, like 768x512 (as it is)' },
    resize: { name: 'resize', description: 'In which way it becomes as large (just resize)' },
    preset: { name: 'preset', description: 'An outpainting script of A1111’s (for diffusion models)' },
    'clip-skip': {
      name: 'clip-skip',
      description: 'Which layer of CLIP is taken, from the end (for diffusion models)',
    },
    refine: { name: 'refine', description: 'Go over large pictures once more in tiles (for diffusion models)' },
    seam: { name: 'seam', description: 'Paint the border to the old once more (for diffusion models)' },
    'masked-content': { name: 'masked-content', description: 'What lies under the mask at first (model’s choice)' },
    strength: { name: 'strength', description: 'How far the new may go from the old' },
    'denoising-strength': { name: 'denoising-strength', description: 'How far the new may go from the old, 0.05 to 1' },
    invert: { name: 'invert', description: 'Paint what the mask leaves out' },
    prompt: { name: 'prompt', description: 'What you would like to see there (for models that read)' },
    variations: { name: 'variations', description: 'How many pictures to paint' },
    seed: { name: 'seed', description: 'The same seed paints the same pictures again (random)' },
    model: { name: 'model', description: 'What paints' },
    spoiler: { name: 'spoiler', description: 'Hide the pictures until they are clicked' },
    source: { name: 'source', description: 'The picture it was made from: paints it again' },
    command: { name: 'command', description: 'Which one' },
    job: { name: 'job', description: 'Which of your requests' },
    channel: { name: 'channel', description: 'Which channel' },
    role: { name: 'role', description: 'Which role' },
    allowed: { name: 'allowed', description: 'Whether it is allowed' },
    pictures: { name: 'pictures', description: 'How many pictures; 0 for no limit' },
    seconds: { name: 'seconds', description: 'How many GPU seconds; 0 for no limit' },
    per: { name: 'per', description: 'In which time' },
    negative: { name: 'negative', description: 'What should not be seen (for diffusion models)' },
    sampler: { name: 'sampler', description: 'How it is sampled (for diffusion models)' },
    guidance: {
      name: 'guidance',
      description: 'How closely the prompt is followed, 1 to 30 (7; for diffusion models)',
    },
    steps: { name: 'steps', description: 'Steps of the sampler (for diffusion models)' },
    add: { name: 'add', description: 'A word or phrase to forbid' },
    allow: { name: 'allow', description: 'A word or phrase to allow again' },
    who: { name: 'who', description: 'Who may press them' },
    language: { name: 'language', description: 'Which language' },
    'restricted-only': { name: 'restricted-only', description: 'Paint only in channels marked as age-restricted' },
    confirm: { name: 'confirm', description: 'Ask before painting what a mask says' },
  },

  choices: {
    sameSize: 'same size',
    myPixels: 'my pixels',
    whole: 'whole picture',
    masked: 'only masked',
    original: 'original',
    fill: 'fill',
    'latent noise': 'latent noise',
    'latent nothing': 'latent nothing',
    'poor-mans-outpainting': 'poor man’s outpainting',
    'outpainting-mk2': 'outpainting mk2',
    'just resize': 'just resize',
    'crop and resize': 'crop and resize',
    'resize and fill': 'resize and fill',
    subtle: 'subtle',
    strong: 'strong',
    serverBanner: 'server banner (960×540)',
    inviteSplash: 'invite splash (1920×1080)',
    icon: 'server icon (512×512)',
    emoji: 'emoji (128×128)',
    phone: 'phone wallpaper (1179×2556)',
    hour: 'an hour',
    day: 'a day',
    author: 'whoever asked',
    all: 'everybody',
    never: 'never',
    always: 'always',
    unsure: 'only when unsure',
  },

  /** Right click on a message → Apps; at most 32 characters. */
  contextMenus: {
    'Zoom out': 'Zoom out',
    'Extend…': 'Extend…',
    'Repaint region…': 'Repaint region…',
    'Remove…': 'Remove…',
  },
}

/** What every language has to say. */
export type Translations = typeof en
