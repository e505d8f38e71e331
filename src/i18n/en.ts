import type { UsedControl } from '../inference/pipeline/control-modules.js'
import type { Edit, Length, UpscaleHistory } from '../inference/pipeline/edit.js'
import type { MemoryFallback } from '../inference/pipeline/memory-fallback.js'
import type { ExceededLimit, Problem } from '../user-error.js'
import { type ConfigFaultTranslations, configFaultLines } from './config-faults.js'
import { pages } from './pages/en.js'
import { relativeTime } from './relative-time.js'

type Sentences = { readonly [Code in Problem['code']]: (problem: Extract<Problem, { code: Code }>) => string }

const sizeLimit = (p: ExceededLimit) => (p.side ? `${p.side} pixels on a side` : `${p.limit} megapixels`)

const sides = { left: 'left', right: 'right', top: 'top', bottom: 'bottom' }

const anchors = {
  center: 'center',
  top: 'top',
  bottom: 'bottom',
  left: 'left',
  right: 'right',
  'top-left': 'top left',
  'top-right': 'top right',
  'bottom-left': 'bottom left',
  'bottom-right': 'bottom right',
}

/** Faults in settings. `docs/configuration.md` describes the values in the same words. */
export const configFaults: ConfigFaultTranslations = {
  text: least => (least > 1 ? `text of at least ${least} characters` : 'text'),
  number: (min, max) =>
    max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`,
  choice: of => `one of ${of.join(', ')}`,
  url: schemes => `a URL that starts with ${schemes.join(' or ')}`,
  devices: 'cuda, dml, coreml, webgpu or cpu; cuda:1 or dml:1 for the second card; several separated by commas',
  ascii: 'printable ASCII characters without spaces',
  shards: 'auto, the number of all shards, or the part of this process like 0-3/16',
  malformed: (name, found, values) =>
    found === undefined ? `${name} is invalid. Use ${values}.` : `${name} is “${found}”. Use ${values}.`,
  unknown(name, line, meant) {
    const where = line === undefined ? 'The environment' : `Line ${line} of .env`
    const said =
      name === undefined ? `${where} sets an unknown setting.` : `${where} sets ${name}, which isn’t a setting.`
    return meant ? `${said} Did you mean ${meant}?` : `${said} Remove it; docs/configuration.md lists all settings.`
  },
  duplicate: (name, lines) => `.env sets ${name} more than once, in lines ${lines.join(', ')}. Keep one of them.`,
  unreadable: line => `Line ${line} of .env can’t be read. Write NAME=value, or a comment that starts with #.`,
  quotes: (name, mark) =>
    `${name} begins or ends with the quotation mark ${mark}, which would be part of the value. Write the value without quotation marks.`,
  encoding: encoding => `.env is saved as ${encoding}. Save it as UTF-8, for example in Notepad with “Save as”.`,
}

/** Why Discord refuses, within a sentence. */
const refusals = {
  automod: 'AutoMod in that server blocks the message',
  'explicit-content': 'Discord’s filter for explicit content blocks the message',
  'thread-closed': 'that thread is archived or locked',
  forbidden: 'I can’t post in that channel or send you direct messages',
  'no-permission': 'I don’t have the permissions for it here',
  refused: 'Discord refused the message',
}

/** Each sentence says what happened, then what to do. A code without a sentence does not compile. */
const problems: Sentences = {
  'no-such-file': p => `There is no file ${p.path}. Check the path.`,
  'cannot-read': p => `${p.path} can’t be read: ${p.reason}. Check the path and its permissions.`,
  'cannot-write': p => `${p.path} can’t be written: ${p.reason}. Choose another place, or change its permissions.`,
  'folder-empty': p => `There are no pictures in ${p.path}. Choose another folder.`,
  'output-is-input': p => `The results would be saved among the pictures in ${p.path}. Choose another output folder.`,
  'mask-unmatched': p =>
    p.found === 0
      ? `${p.folder} has no mask for ${p.picture}. Name the mask like the picture.`
      : `${p.folder} has ${p.found} masks for ${p.picture}. Keep one of them.`,
  'not-a-picture': () => 'I can’t read that file as a picture. Send a PNG, JPEG, WebP, GIF, TIFF or AVIF.',
  'picture-format-unsupported': p =>
    `That picture is in the ${p.format} format, and I can’t read it. Save it as JPEG or PNG and send the new file.` +
    (p.format === 'HEIC'
      ? ' On an iPhone, set Settings → Camera → Formats to “Most Compatible” for new photos, or send a screenshot.'
      : ''),
  'picture-depth-unsupported': () =>
    'That picture stores its colors as floating-point or 32-bit numbers, and I can’t read those. ' +
    'Save it with 8 or 16 bits per channel.',
  'picture-corrupt': () => 'That picture is damaged: only part of it can be read. Save it again and send the new file.',
  'picture-too-large': p =>
    `That picture has ${p.megapixels} megapixels and a longest side of ${p.side} pixels. ` +
    `The limits are ${p.limit.megapixels} megapixels and ${p.limit.side} pixels. Send a smaller one.`,
  'picture-too-small': p =>
    `That picture is too small (${p.width}×${p.height}). Send one with at least ${p.limit} pixels on each side.`,
  'picture-transparent': () =>
    'That picture is completely transparent, so there is nothing to continue. Send another one.',
  'picture-too-demanding': () =>
    'That picture took too much memory or time to process, so it was stopped. Send a smaller one, or save it again as PNG or JPEG.',
  'picture-missing': () => 'That message has no picture. Choose a message with one.',
  'sticker-unsupported': () =>
    'That sticker is a vector animation, and I can’t read it. Choose a message with a picture.',
  'file-too-large': p => `That file is too large (${p.megabytes} MB). Send one of at most ${p.limit} MB.`,
  'canvas-too-large': p =>
    `The new picture would be ${p.width}×${p.height}; the limit is ${sizeLimit(p)}. ` +
    'Add less, or send a smaller picture.',
  'factor-out-of-range': p => `I can’t zoom out ${p.factor}×. Use a factor from ${p.min} to ${p.max}.`,
  'factor-invalid': p => `“${p.text}” isn’t a valid factor. Use a number from ${p.min} to ${p.max}, like 1.5.`,
  'zoom-changes-nothing': () => 'A factor of 1 adds nothing. Use a larger factor, or choose another aspect ratio too.',
  'length-invalid': p =>
    `“${p.text}” isn’t a valid length for ${sides[p.side]}. Use pixels or percent, like 256 or 25%.`,
  'extend-changes-nothing': () => 'Nothing would be added. Set at least one side, like 25%.',
  'aspect-invalid': p => `“${p.text}” isn’t a valid aspect ratio. Use a form like 16:9.`,
  'hires-too-large': p =>
    `With hires fix the picture would be ${p.width}×${p.height}; the limit is ${p.limit} megapixels. Upscale by less, or choose a smaller size.`,
  'upscale-too-large': p =>
    `The upscaled picture would be ${p.width}×${p.height}; the limit is ${sizeLimit(p)}. ${p.scale > 2 ? 'Choose 2×, or send' : 'Send'} a smaller picture.`,
  'fit-changes-nothing': p => `The picture already has that shape (${p.width}×${p.height}). Choose another shape.`,
  'scale-out-of-range': p =>
    `I can’t place the picture at a scale of ${p.scale}. Use a scale from ${p.min} to ${p.max}.`,
  'frame-out-of-range': p =>
    `I can’t make a frame of ${p.width}×${p.height}. Use from ${p.min} to ${p.max} pixels for each side.`,
  'place-outside-frame': p =>
    `The picture is outside the new frame (${p.width}×${p.height}). Move it so that part of it is inside.`,
  'place-covers-frame': p =>
    `The picture covers the whole frame (${p.width}×${p.height}), so there is nothing to paint. Make the frame larger, or the picture smaller.`,
  'position-invalid': p =>
    `“${p.text}” isn’t a valid position. Use pixels from the left and from the top, like 200,300, or one of: ${p.anchors}.`,
  'mask-missing': () => 'I don’t know where to paint. Send a mask, or choose grid cells.',
  'holes-missing': () =>
    'I don’t know where to paint: the picture has no transparent parts. Send a mask, or choose grid cells.',
  'history-missing': p =>
    p.isGone
      ? 'The picture that this one was made of wasn’t found, so there is no detail to put back. It has to be in this channel still, or among the files that you name.'
      : 'This picture has no earlier version with more detail. Zoom out of a picture first, or choose Upscale (Subtle).',
  'mask-size-differs': p =>
    `The mask is ${p.mask} but the picture is ${p.picture}. Send a mask with the picture’s aspect ratio.`,
  'mask-empty': () =>
    'The mask marks nothing. Make the area to repaint white or transparent, or draw over it in a copy of the picture.',
  'mask-low-contrast': () => 'The marks are too faint to read. Draw them bolder, or in a color that stands out.',
  'mask-not-recognized': () =>
    'I can’t read that as a mask. Send a black and white image, one with transparent parts, or a copy of the picture that you drew on.',
  'mask-full': () => 'The mask covers the whole picture, so nothing would stay. Leave part of it unmarked.',
  'selection-empty': () => 'No object is chosen. Give a point inside the object, or a box around it.',
  'selection-outside': p =>
    `${p.what} is outside the picture, which is ${p.picture} pixels. Give a point or a box on the picture.`,
  'selection-too-long': p => `There are too many points. Give at most ${p.limit}.`,
  'selection-found-nothing': () => 'No object was found there. Try another point, or a box around the object.',
  'segment-model-missing': () =>
    'No model that selects objects is installed. Run “overscan models add mobilesam” to install one.',
  'objects-not-found': () => 'I found no objects on this picture. Draw a mask, or choose grid cells.',
  'object-unknown': p => `There is no object ${p.number} on this picture. Choose from 1 to ${p.count}.`,
  'object-numbers-invalid': p => `“${p.text}” isn’t a list of object numbers. Write them like 1, 3.`,
  'mask-and-objects': () => 'You gave a mask and objects. Use one of them.',
  'prompt-too-long': p => `The prompt has ${p.length} characters. Use at most ${p.max}.`,
  'edit-invalid': p => `That edit isn’t valid: ${p.detail}. Correct it and try again.`,
  'options-invalid': p => `These options aren’t valid: ${p.detail}. Correct them and try again.`,
  'variations-out-of-range': p => `I can’t paint ${p.variations} variations. Choose from 1 to ${p.max}.`,
  'seed-out-of-range': p => `${p.seed} isn’t a valid seed. Use a whole number from 0 to ${p.max}.`,
  'engine-unknown': p => `There is no model “${p.engine}”. Choose one of: ${p.known}.`,
  'model-incomplete': p => `The model “${p.model}” is incomplete. Missing: ${p.missing}. Download it again.`,
  'checkpoint-is-pickle': p =>
    `“${p.file}” is a pickle file, which can run code when it is opened. Use the .safetensors version of the model, or convert it with diffusers (save_pretrained).`,
  'checkpoint-truncated': p =>
    `“${p.file}” is incomplete: it has ${p.has} bytes and needs at least ${p.needs}. Download it again.`,
  'checkpoint-corrupt': p => `“${p.file}” isn’t a valid .safetensors file: ${p.detail}. Download it again.`,
  'upscaler-unknown': p =>
    `“${p.file}” isn’t an upscaler that Overscan supports. Use ESRGAN, Real-ESRGAN or a compact network (SRVGGNet) as .safetensors, or another upscaler as .onnx.`,
  'checkpoint-unknown': p =>
    `“${p.file}” isn’t a Stable Diffusion model that Overscan supports. Use a Stable Diffusion 1.x, 2.x or XL model.`,
  'checkpoint-incomplete': p => `“${p.file}” lacks parts of the model: ${p.missing}. Use a complete checkpoint.`,
  'checkpoint-is-lora': p =>
    `“${p.file}” is a LoRA, not a model. Put it into models/lora and add <lora:its-name:0.8> to the prompt.`,
  'lora-weight-invalid': p =>
    `“${p.tag}” isn’t a LoRA with a weight. Write it like <lora:name:0.8> or <lora:name:te=0.5:unet=1>.`,
  'lora-unknown': p =>
    p.known
      ? `There is no LoRA “${p.lora}”. Choose one of: ${p.known}.`
      : `There is no LoRA “${p.lora}”, and none is installed. Remove it from the prompt.`,
  'lora-incompatible': p =>
    `The LoRA “${p.lora}” was made for another kind of model than “${p.model}”. Use another LoRA or another model.`,
  'lora-kind-unsupported': p => `The LoRA “${p.lora}” can’t be read because it uses ${p.kind}. Use a plain LoRA.`,
  'embedding-is-pickle': p =>
    `The embedding “${p.file}” can’t be read, because files like this can contain programs. Convert it to a .safetensors file, or remove its name from the prompt.`,
  'lora-needs-checkpoint': p =>
    `LoRAs work only with .safetensors checkpoints, and “${p.model}” isn’t one. Choose another model, or remove the LoRA.`,
  'download-failed': p => `Downloading ${p.url} failed: ${p.reason}. Run the same command again to continue.`,
  'download-forbidden': p =>
    `${p.url} needs permission. Accept the model’s terms on its page and set HF_TOKEN (Hugging Face) or CIVITAI_TOKEN.`,
  'download-missing': p => `Nothing was found at ${p.url}. Check the address.`,
  'download-is-page': p => `${p.url} is a web page, not a file. Copy the address of its download button.`,
  'download-too-large': p =>
    `${p.file} is larger than the ${p.limit} that it may have, so the download was stopped. Check where it comes from.`,
  'redirect-refused': p =>
    `${p.from} redirects to ${p.to}, which isn’t allowed. Check the address, or download the file in a browser and add it from there.`,
  'path-outside-folder': p =>
    `The list of files names “${p.path}”, which isn’t inside the model’s folder. Nothing was downloaded. Choose another source for this model.`,
  'download-corrupt': p => `“${p.file}” doesn’t match its published checksum and was deleted. Try again.`,
  'model-checksum-changed': p =>
    `${p.file} has changed: its SHA-256 is ${p.is}, and it was ${p.was}. If you trust the new file, delete its lines from ${p.lock} and try again.`,
  'disk-space-low': p =>
    `The download needs ${p.needs} GB, and ${p.path} has ${p.free} GB free. Free some space, or set another MODEL_FOLDER.`,
  'model-too-large': p =>
    `“${p.model}” needs about ${p.needs} GB of memory, and ${p.device} has ${p.has} GB. Run “overscan models catalog” to see what fits.`,
  'device-unusable': p =>
    `${p.device} doesn’t work on this machine: ${p.reason}. Run “overscan devices” to see what works.`,
  'cuda-platform-unsupported': p =>
    `The CUDA setup supports only Linux on x64 and ARM64, and this is ${p.platform}. Use ${p.instead}, which needs no setup.`,
  'cuda-not-installed': p =>
    `The CUDA libraries couldn’t be installed: ${p.reason}. Nothing else has changed. Run the same command to try again.`,
  'cuda-card-missing': () =>
    'No NVIDIA card was found: nvidia-smi lists none. Install NVIDIA’s driver, and start a container with --gpus all. For an image, add --without-card.',
  'cuda-driver-too-old': p =>
    `The NVIDIA driver is version ${p.driver}, and CUDA 13 needs ${p.needs} or later. Update the driver. Until then DEVICE=webgpu uses the card.`,
  'cuda-card-too-old': p =>
    `CUDA 13 doesn’t support this card (${p.card}). It needs a GeForce GTX 16, RTX 20 or newer. Set DEVICE=webgpu to use the card.`,
  'glibc-too-old': p =>
    `The CUDA libraries need glibc ${p.needs} or later, and this Linux has ${p.has ? `glibc ${p.has}` : 'another C library'}. Use a newer Linux, or DEVICE=webgpu.`,
  'token-missing': () =>
    'The bot’s token is missing. Create one at https://discord.com/developers/applications and pass it with --token-file, --token or DISCORD_TOKEN.',
  'discord-unreachable': p => `Discord can’t be reached: ${p.reason}. Check this machine’s network connection.`,
  'discord-rejected': p =>
    `Discord accepts the token but rejects the request: ${p.reason} (${p.status}). Check the bot’s settings in the Developer Portal.`,
  'repository-ambiguous': p =>
    `“${p.repository}” has no single-file model that Overscan knows. ${p.files ? `Name one of its files: ${p.files}.` : 'Choose another repository.'}`,
  'model-exists': p => `A model named “${p.model}” already exists. Choose another --name.`,
  'model-name-invalid': p =>
    p.name === ''
      ? 'The model needs a name. Pass --name with up to 80 letters, digits, dots and dashes.'
      : `“${p.name}” can’t be the name of a model. Pass --name with up to 80 letters, digits, dots and dashes.`,
  'not-a-model': p =>
    `“${p.path}” isn’t a model. Add a checkpoint (.safetensors), an object-removal model (.onnx) or a model folder.`,
  'model-source-unknown': p =>
    `There is no file, catalog model or repository called “${p.text}”. ${p.closest ? `Did you mean ${p.closest}? ` : ''}Run “overscan models catalog” to see models that you can add by name.`,
  'model-name-too-long': p =>
    `The model “${p.model}” is left out: its name has ${p.model.length} characters, and Discord accepts ${p.limit}. Give it a shorter name.`,
  'clip-skip': p =>
    `The text encoder of “${p.model}” doesn’t support clip skip ${p.clipSkip}. Leave clip skip at its default.`,
  'size-invalid': p =>
    `“${p.text}” isn’t a valid size. Use a form like 768x512, with each side from ${p.min} to ${p.max} pixels.`,
  'model-overflowed': p =>
    `The model “${p.model}” gave values that aren’t numbers, so there is no picture. In half precision, use its full-precision version. Otherwise its file is damaged: add it again.`,
  'model-unsupported': p =>
    `The model “${p.model}” can’t be used because Overscan doesn’t support ${p.feature}. Choose another model.`,
  'controlnet-unknown': p =>
    p.known === ''
      ? `There is no ControlNet “${p.controlnet}”: none is installed. Put one into models/controlnet, as a .safetensors file or a folder.`
      : `There is no ControlNet “${p.controlnet}”. Choose one of: ${p.known}.`,
  'controlnet-unfit': p =>
    `The ControlNet “${p.controlnet}” doesn’t fit the model “${p.model}”. Choose a ControlNet for the same kind of model.`,
  'controlnet-needs-checkpoint': p =>
    `“${p.model}” consists of ONNX graphs, which ControlNets don’t work with. Choose a .safetensors model.`,
  'controlnet-unsupported': p =>
    p.kind === 'other'
      ? `“${p.controlnet}” is not a ControlNet. Put a ControlNet into models/controlnet.`
      : `“${p.controlnet}” can’t be used: it is a ${p.kind}, not a complete ControlNet. Use the full version of it.`,
  'model-is-refiner': p =>
    `“${p.model}” is a refiner and can’t begin a picture. Choose another model, and “${p.model}” as its refiner.`,
  'refiner-unfit': p =>
    `The refiner “${p.refiner}” doesn’t fit the model “${p.model}”. Choose a refiner of the same kind, for example the refiner of SDXL for a model of SDXL.`,
  'sampler-unsupported': p =>
    `The model “${p.model}” can’t be sampled with ${p.sampler}. Choose another sampler, like Euler or DPM++ 2M.`,
  'model-unreadable': p =>
    `The model “${p.model}” can’t be used. Download it again, or choose another one. Details: ${p.detail}`,
  'out-of-memory': p =>
    `There isn’t enough memory for “${p.model}”, even in small tiles: ${p.detail}. Try a smaller picture, a smaller model, or later.`,
  'engine-killed': () =>
    'The painting process was ended by the system, most likely because memory ran out. Try a smaller picture or another model.',
  'engine-crashed': () => 'The painting process crashed. Try again. If it crashes again, try a smaller picture.',
  'needs-model': p =>
    ({
      vary: 'Without a diffusion model I can only vary pictures that I painted myself. Try Zoom Out first.',
      imagine:
        'To paint from text alone I need a diffusion model, and none is installed. See /models, or start with a picture and /zoom.',
      creative:
        'Upscale (Creative) paints with a diffusion model, and none is installed. Whoever runs the bot can add one: overscan models add sd15. Upscale (Subtle) works without.',
    })[p.what],
  'needs-another-model': p =>
    `${p.engine} can only vary pictures that I painted myself. Choose a model that can vary any picture: ${p.models}.`,
  'recipe-mismatch': () =>
    'That isn’t the picture that the recipe was made from, so the result would differ. Send the original file.',
  'attachment-missing': () => 'I can’t find that picture in the message anymore. Choose another one.',
  'attachment-deleted': () => 'That picture was deleted, or its link has expired. Send it again with /zoom.',
  'attachment-unreachable': () => 'I couldn’t download that picture from Discord. Try again in a minute.',
  'attachment-host-not-allowed': p =>
    `I only read pictures that were uploaded to Discord, not pictures from ${p.host}. Upload it and try again.`,
  'button-unknown': () => 'That button is too old, or isn’t mine. Start again with /zoom.',
  'recipe-missing': () => 'That picture doesn’t contain its recipe, so I can’t repeat it. Start again with /zoom.',
  'source-missing': () =>
    'The original of that picture isn’t in its message anymore, so I can’t repeat it. Start again with /zoom.',
  'not-yours': () => 'Only the person who asked for this can do that. Start your own with /zoom.',
  'not-manager': () => 'Only people who can manage this server can do that. Ask one of them.',
  'server-only': () => 'That works only in a server. Try it there.',
  'channel-not-allowed': p => `I don’t paint in this channel. Use ${p.channels}.`,
  'role-not-allowed': p => `In this server only ${p.roles} can use me. Ask a server manager for that role.`,
  'restricted-only': () => 'In this server I paint only in age-restricted channels. Use one of those.',
  'word-forbidden': p => `“${p.word}” isn’t allowed in prompts in this server. Remove it and try again.`,
  'queue-draining': () => 'The managers of this server have closed the queue to new requests. Try again later.',
  'job-already-ended': () => 'That request has already ended. Start a new one with /zoom.',
  'result-too-large': p =>
    `The result doesn’t fit into Discord’s limit of ${p.limit} MB, even compressed. Send a smaller picture.`,
  'result-kept': p =>
    `I couldn’t deliver your pictures: ${refusals[p.why]}. I keep them for a day. Use /queue mine to get them.`,
  'discord-refused': p => `I couldn’t do that: ${refusals[p.why]}. Try again in another channel.`,
  'message-deleted': () => 'That message was deleted, or I can’t see it anymore. Start again with /zoom.',
  'direct-messages-closed': () =>
    'I can’t send you direct messages. Allow them in this server’s privacy settings, then click the button again.',
  'setting-missing': p => `${p.name} isn’t set. Add it to .env (see docs/configuration.md).`,
  'setting-invalid': p => `A setting is invalid: ${p.detail}. Correct it and try again.`,
  'configuration-invalid': p => configFaultLines(p.faults, configFaults),
  'bot-token-missing': p =>
    `DISCORD_TOKEN isn’t set, but ${p.because} is, so this looks like a bot for Discord. Add the token to .env, or run “overscan playground”, which needs neither.`,
  'setting-not-writable': p =>
    `The value of ${p.name} can’t be saved in .env: it contains # or a line break together with every kind of quote. Set it as an environment variable, or choose another value.`,
  'login-refused': () =>
    'Discord rejects DISCORD_TOKEN. Reset the bot’s token in the Developer Portal and copy the new one into .env.',
  'queue-full': p => `The queue is full (${p.waiting} requests). Try again later.`,
  'queue-full-for-person': p =>
    `You already have ${p.waiting} requests in the queue; the limit is ${p.limit}. Wait until one is finished.`,
  'queue-full-for-server': p =>
    `This server already has ${p.waiting} requests in the queue; the limit is ${p.limit}. Try again later.`,
  'queue-unreachable': () => 'The queue can’t be reached right now. Requests in it are safe. Try again in a minute.',
  'no-capable-worker': p =>
    `No connected machine can paint ${p.megapixels} megapixels with ${p.engine}. Send a smaller picture, or choose another model.`,
  'job-lost': () => 'This request was lost: it waited for more than a day, or its pictures are gone. Send it again.',
  'job-incompatible': () => 'This request was made by another version of this bot. Send it again.',
  'disk-full': () =>
    'The disk of the machine that hosts this bot is full, so your request wasn’t accepted. Tell whoever hosts this bot, then send it again.',
  'folder-in-use': p => `Another Overscan already uses ${p.path}. Stop it first, or set another DATA_FOLDER.`,
  'port-taken': p => `Port ${p.port} is in use by another program. Set another ${p.setting}.`,
  'pages-not-built': () => 'The web pages haven’t been built. Run “npm run build”.',
  'activity-secret-rejected': () =>
    'Discord rejects the bot’s client secret. Whoever hosts this bot can copy a new DISCORD_CLIENT_SECRET from the OAuth2 page of the Developer Portal.',
  'activity-login-refused': () => 'Discord couldn’t confirm who you are. Close this and open it again.',
  'discord-not-responding': () => 'Discord isn’t responding. Try again in a moment.',
  'quota-exceeded': p => {
    const amount = p.what === 'pictures' ? `${p.limit} pictures` : `${p.limit} GPU seconds`
    const whose = p.whose === 'server' ? 'This server has' : 'You have'
    return `${whose} used all ${amount} per ${p.per === 'hour' ? 'hour' : 'day'}. Try again ${relativeTime(p.until)}.`
  },
  'settings-corrupt': p =>
    `The settings in ${p.path} can’t be read. Fix the file, or move it away to start with new settings.`,
  interrupted: () => 'Overscan was restarted before it could begin with your request. Send it again.',
  cancelled: () => 'Cancelled.',
  stopped: () => 'I’m restarting, so this request wasn’t finished. Send it again in a minute.',
  'operator-needed': p =>
    `Something that this bot needs is out of order, and only whoever hosts it can fix that. Give them this code: ${p.incident}. The log has the cause.`,
  bug: p =>
    `Something went wrong on my side. If it happens again, give whoever hosts this bot this code: ${p.incident}.`,
}

const amount = (length: Length) => ('percent' in length ? `${length.percent}%` : `${length.pixels} px`)

const given = (length: Length) => ('percent' in length ? length.percent : length.pixels) > 0

/** An edit as the heading of its message. */
function heading(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` to ${edit.aspect.width}:${edit.aspect.height}` : ''
      const at = edit.anchor ? ` (${anchors[edit.anchor]})` : ''
      return `Zoom Out ${edit.factor}×${to}${edit.grow ? ', same pixels' : ''}${at}`
    }
    case 'extend': {
      const parts = (['left', 'right', 'top', 'bottom'] as const).filter(side => given(edit[side]))
      return `Extend ${parts.map(side => `${sides[side]} ${amount(edit[side])}`).join(', ')}`
    }
    case 'square':
      return 'Make Square'
    case 'fit':
      return edit.exact ? `Fit ${edit.width}×${edit.height} pixels` : `Fit ${edit.width}:${edit.height}`
    case 'place':
      return `Place in ${edit.width}×${edit.height} pixels`
    case 'inpaint':
      return 'Vary (Region)'
    case 'remove':
      return 'Remove'
    case 'vary':
      return edit.strength === 'subtle' ? 'Vary (Subtle)' : 'Vary (Strong)'
    case 'upscale':
      return edit.creative
        ? `Upscale (Creative) ${edit.scale}×`
        : `Upscale ${edit.scale}×${edit.history ? ', from history' : ''}`
    case 'imagine':
      return edit.hires ? `Imagine (hires fix ${edit.hires.scale}×)` : 'Imagine'
  }
}

/** Every text that people read, in English. The other languages must have the same shape to compile. */
export const en = {
  problems,
  heading,
  sides,
  pages,

  progress: {
    next: 'You’re next',
    position: (place: number) => `Position ${place} in the queue`,
    /** @param when a time that Discord shows in the reader's own way, like “in 2 minutes” */
    starts: (when: string) => `starts ${when}`,
    paused: 'Waiting: the managers of this server have paused the queue',
    noWorker: 'No painting machine is connected. Your request starts as soon as one is',
    restarting: 'I’m restarting. Your request keeps its position and continues on its own',
    preview: 'A preview of the unfinished picture',
  },

  result: {
    seeds: (seeds: readonly number[]) => `${seeds.length > 1 ? 'seeds' : 'seed'} ${seeds.join(', ')}`,
    seconds: (seconds: string) => `${seconds} s`,
    requestedBy: (mention: string) => `for ${mention}`,
    pickedBy: (mention: string) => `picked by ${mention}`,
    imageNumber: (number: number) => `Image #${number}`,
    originalTitle: 'The original',
    journeyTitle: (pictures: number) => `A journey through ${pictures} pictures`,
    /** @param instead an installed model that reads prompts; undefined if there is none */
    ignoredPrompt: (engine: string, instead: string | undefined) =>
      `Your prompt was ignored: “${engine}” can’t read text. ${instead ? `Choose the model “${instead}” to use it` : 'The bot’s owner can install a model that reads text'}`,
    ignoredOptions: (engine: string, options: readonly string[]) => `“${engine}” ignores: ${options.join(', ')}`,
    optionNames: {
      prompt: 'prompt',
      strength: 'denoising strength',
      content: 'masked content',
      negative: 'negative prompt',
      steps: 'steps',
      sampler: 'sampler',
      guidance: 'guidance scale',
      clipSkip: 'clip skip',
      refiner: 'refiner',
      preset: 'outpainting preset',
      refine: 'refine pass',
      seam: 'seam pass',
      control: 'ControlNet',
    },
    cannotPost:
      'I can’t post pictures in this channel (Send Messages and Attach Files are missing), so I won’t see replies to this',
    /** Under a picture that was enlarged without a model. */
    resampled: 'enlarged without a model: resampled, with the picture’s own grain; no new detail',
    /** What an upscaled picture shows of its history, under it. */
    fromHistory: ({ pictures, end }: UpscaleHistory) => {
      const shown =
        pictures === 1
          ? 'the detail of 1 earlier picture was put back'
          : `the detail of ${pictures} earlier pictures was put back`
      switch (end) {
        case 'first':
          return shown
        case 'missing':
          return `${shown}; the pictures before that weren’t found`
        case 'limit':
          return `${shown}; more would make it too large`
      }
    },
    /** What was done because memory was short, under a result. */
    memoryFallback: (fallback: MemoryFallback) => {
      switch (fallback.kind) {
        case 'device':
          return `${fallback.instead} ran out of memory, so ${fallback.device} painted this`
        case 'smaller':
          return `memory was short, so this was painted at about ${fallback.side}×${fallback.side} pixels and upscaled`
        case 'tiles':
          return 'memory was short, so the model painted this in tiles'
        case 'parts':
          return 'memory was short, so the model was loaded by halves in each step'
      }
    },
    /** What reading the picture left out, under a result. */
    conversions: {
      'first-frame': 'only the first frame of the animation was used',
      'first-page': 'only the first page of the file was used',
      '8-bit': 'the picture has 16 bits per channel; the result has 8',
      srgb: 'the colors were converted to sRGB',
    },
    /** A ControlNet that took part, under a result. */
    control: ({ name, module, prefill, isDefault }: UsedControl) =>
      `ControlNet ${name} (${module}${prefill ? `, pre-filled by ${prefill}` : ''})${isDefault ? ', chosen by itself; “control: none” turns it off' : ''}`,
    channelGone: 'I can’t post in the channel where you asked anymore, so here is your result:',
    /** Why a result did not come as a message in its channel. */
    blockedByAutoMod: 'AutoMod blocked my message in the channel where you asked, so here is your result',
    blockedAsExplicit:
      'Discord’s filter for explicit content blocked my message in the channel where you asked, so here is your result',
    threadClosed: 'The thread where you asked is archived or locked, so here is your result',
    refusedInChannel: 'Discord refused my message in the channel where you asked, so here is your result',
    kept: 'kept for you because I couldn’t deliver it',
    altText: (heading: string, seed: number, prompt: string) => `${heading}, seed ${seed}${prompt && `: ${prompt}`}`,
  },

  buttons: {
    cancel: 'Cancel',
    upscaleSubtle: 'Upscale (Subtle)',
    upscaleCreative: 'Upscale (Creative)',
    upscaleHistory: 'Upscale (History)',
    varySubtle: 'Vary (Subtle)',
    varyStrong: 'Vary (Strong)',
    varyRegion: 'Vary (Region)',
    zoom2: 'Zoom Out 2×',
    zoom15: 'Zoom Out 1.5×',
    customZoom: 'Custom Zoom',
    square: 'Make Square',
    remix: 'Remix',
    sendToDirectMessages: 'Send to DMs',
    delete: 'Delete',
    recipe: 'Recipe',
    original: 'Original',
    journey: 'Journey',
    paint: 'Paint',
    flip: 'Invert',
    grow: 'Grow',
    shrink: 'Shrink',
  },

  drawingPage: {
    title:
      'Mark the area to repaint in the editor. The link works for 30 minutes. Or send a mask, or choose grid cells.',
    openedInDiscord:
      'Mark the area to repaint in the editor that opens here. The link opens it too. Or send a mask, or choose grid cells.',
    openEditor: 'Open the editor',
    sendMask: 'Mask or grid cells…',
    chooseObjects: 'Numbered objects…',
    extend:
      'Drag the sides of the picture outward in the editor, or place it in a new frame. The link works for 30 minutes. Or enter lengths.',
    extendOpened:
      'Drag the sides of the picture outward in the editor that opens here, or place it in a new frame. The link opens it too. Or enter lengths.',
    sendLengths: 'Lengths…',
  },
  activity: {
    nothing: 'Click Vary (Region) under a picture to edit it here.',
    outside: 'This page works inside Discord. Click Vary (Region) under a picture there.',
    entering: 'Connecting to Discord…',
    silent: 'Discord isn’t responding. Close this page and open it again.',
    declined:
      'Without your permission Discord doesn’t tell this page who you are, so it can’t find your picture. It reads only your name.',
    again: 'Try again',
  },
  modals: {
    whichPicture: 'Picture',
    picture: (number: number) => `Picture ${number}`,
    customZoom: 'Custom Zoom',
    factor: 'Zoom factor',
    factorHint: 'From 1 to 4; 1 only with another aspect ratio',
    aspect: 'Aspect ratio',
    aspectHint: 'Like 16:9; leave empty to keep the picture’s',
    anchor: 'Anchor',
    prompt: 'Prompt',
    promptHint: 'What you want to see there',
    creativePromptHint: 'Used by Creative: what the picture shows',
    remix: 'Edit the prompt',
    extend: 'Extend',
    lengthHint: 'Pixels or percent, like 256 or 25%',
    zoomOut: 'Zoom out',
    square: 'Make Square',
    upscale: 'Upscale',
    fit: 'Fit',
    shape: 'Shape',
    shapeHint: 'An aspect ratio like 16:9, or a size like 960x540px',
    recipe: 'Recipe',
    varyRegion: 'Vary (Region)',
    remove: 'Remove',
    mask: 'Mask',
    maskOrHolesHint: 'White or transparent = repaint; or a marked copy. Leave empty to fill transparent parts',
    maskOrObjectsHint: 'White or transparent = repaint; or a marked copy. Leave all empty to choose numbered objects',
    maskHint: 'White or transparent = repaint; or a copy of the picture with your marks on it',
    cells: (across: number) => `Or cells of a ${across}×${across} grid`,
    cell: (row: number, column: number) => `Row ${row}, column ${column}`,
  },

  confirmMask: {
    title: { inpaint: 'Repaint this area?', remove: 'Remove this?', fill: 'Fill the transparent parts?' },
    areaShare: (percent: string) => `${percent} of the picture`,
    kinds: {
      'black-and-white': 'the white part of your mask',
      transparent: 'the transparent part of your mask',
      layer: 'what you drew on the transparent layer',
      marked: 'what you marked',
      cells: 'the grid cells you chose',
      objects: 'the objects you chose',
      holes: 'the transparent part of the picture',
    },
    readAs: {
      'black-and-white': 'Paint what is white',
      transparent: 'Paint what is transparent',
      layer: 'Paint what I drew',
      marked: 'Paint what I marked',
      cells: 'Paint the cells',
      holes: 'Fill the transparent parts',
    },
    scaledToPicture: 'scaled to the picture',
    lowConfidence: 'I’m not sure that I read your mask correctly. Please check it.',
    overlay: 'The picture; the area to paint is striped and outlined',
  },

  objects: {
    title: 'Which objects?',
    hint: 'Choose one or more by their numbers. Then I show you the area before I paint.',
    choose: 'Choose objects',
    overlay: 'The picture; its objects are outlined and numbered',
  },

  direct: { sent: 'Sent to your direct messages.' },

  audit: {
    painted: (mention: string, heading: string, link: string) => `${mention}: ${heading} ${link}`,
    refused: (mention: string, channel: string, why: string) => `${mention} in ${channel}: ${why}`,
    settings: (mention: string, what: string) => `${mention} changed the settings: ${what}`,
    queueCommand: (mention: string, what: string) => `${mention}: /queue ${what}`,
  },

  queue: {
    nothingOfYours: 'You have no requests in the queue, and no results are kept for you.',
    moreKept: (count: number) => `${count} more of your results are kept. Use /queue mine again.`,
    title: 'Queue',
    empty: 'Nothing is waiting or running.',
    running: (percent: number) => `${percent}%`,
    pictures: (count: number) => (count === 1 ? '1 picture' : `${count} pictures`),
    otherServers: (count: number) =>
      count === 1 ? 'and 1 request from elsewhere' : `and ${count} requests from elsewhere`,
    paused: 'The queue is paused: requests wait, and nothing starts.',
    draining: 'The queue is closed to new requests: waiting requests are still painted.',
    open: 'The queue is open.',
    cancelledWaiting: (count: number) =>
      count === 1 ? '1 waiting request was cancelled.' : `${count} waiting requests were cancelled.`,
    cancelled: 'Cancelled.',
  },

  settings: {
    title: 'Server settings',
    ownTitle: 'Your settings',
    saved: 'Saved.',
    allChannels: 'all channels',
    everyone: 'everyone',
    none: 'none',
    /** Of a setting that nobody has set. */
    unset: 'Default',
    names: {
      channels: 'Channels',
      first: 'Priority',
      roles: 'Roles',
      quotas: 'Quotas',
      variations: 'Variations (maximum)',
      engine: 'Model',
      upscaler: 'Upscaler',
      steps: 'Steps',
      colorMatch: 'Match colors',
      forbidden: 'Blocked words',
      buttons: 'Buttons can be used by',
      language: 'Language',
      auditChannel: 'Log channel',
      spoiler: 'Spoilers',
      restrictedOnly: 'Only in age-restricted channels',
      line: 'Queue',
      confirmMasks: 'Confirm masks',
    },
    values: {
      author: 'the person who asked',
      all: 'everyone',
      never: 'never',
      always: 'always',
      unsure: 'only when unsure',
      yes: 'yes',
      no: 'no',
      open: 'open',
      draining: 'closed to new requests',
      paused: 'paused',
    },
    quota: (role: string, amounts: readonly string[], per: string) => `${role}: ${amounts.join(', ')} ${per}`,
    quotaPictures: (count: number) => (count === 1 ? '1 picture' : `${count} pictures`),
    quotaSeconds: (seconds: number) => `${seconds} GPU seconds`,
    per: { hour: 'per hour', day: 'per day' },
  },

  info: {
    title: (version: string) => `Overscan ${version}`,
    description: 'I paint what is outside the frame of a picture.',
    models: (names: string) => `Models: ${names}`,
    device: (device: string) => `Device: ${device}`,
    queueLoad: (running: number, waiting: number) => `Queue: ${running} running, ${waiting} waiting`,
    remainingQuota: (what: string) => `Your remaining quota: ${what}`,
    remainingPictures: (count: number, per: string) => `${count === 1 ? '1 picture' : `${count} pictures`} ${per}`,
    remainingGpuSeconds: (seconds: number, per: string) => `${seconds} GPU seconds ${per}`,
    started: (when: string) => `Started ${when}`,
  },

  models: {
    title: 'Models',
    fill: 'built in, needs no download; continues the picture from what it already shows; can’t read text',
    none: 'No diffusion model is installed. Whoever hosts this bot can add one to `models/`; docs/models.md explains how. Without one, prompts are saved but ignored, and /imagine isn’t available.',
    loras: 'LoRAs, for use in the prompts of checkpoint models:',
    controlNets: 'ControlNets, for the option `control`:',
  },

  recipe: {
    title: 'Recipe',
    operation: 'Operation',
    prompt: 'Prompt',
    seed: 'Seed',
    model: 'Model',
    source: 'Source',
    mask: 'Mask',
    howToRepeat: 'To paint it again: /recipe with this picture as image, and with its original as source.',
  },

  dataDeleted: (settings: boolean, jobs: number) =>
    [
      settings ? 'Your settings are deleted.' : 'You had no saved settings.',
      jobs > 0 ? `Your requests in the queue are cancelled (${jobs}).` : '',
      'Your usage count is deleted. Pictures are stored only in Discord’s messages: click Delete under a picture to delete it.',
    ]
      .filter(Boolean)
      .join(' '),

  help: {
    title: 'How to use Overscan',
    intro: [
      '**/zoom** and a picture: four versions of what is outside its frame.',
      'Under four pictures: **U1–U4** picks one, **V1–V4** varies one, 🔄 tries again.',
      'Under one picture: zoom out again, extend a side, make it square, repaint a region.',
      'On anyone’s picture: right-click it (on phones: long-press) → **Apps** → Zoom out, Extend, Repaint region, Remove.',
      'To repaint a part: **reply** to one of my pictures with a mask, or with a copy of it that you drew on. Your text is the prompt.',
    ],
    example: 'Example',
    examples: {
      zoom: '/zoom image:holiday.jpg factor:2',
      extend: '/extend image:house.png left:25% right:25%',
      square: '/square image:portrait.jpg',
      fit: '/fit image:logo.png shape:server banner',
      inpaint: '/inpaint image:room.jpg mask:room-mask.png prompt:a green sofa',
      remove: '/remove image:beach.jpg mask:beach-marked.jpg',
      vary: '/vary image:overscan-1.png strength:subtle',
      imagine: '/imagine prompt:a lighthouse at dusk aspect:16:9',
      upscale: '/upscale image:zoomed.png scale:4×',
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
    zoom: { name: 'zoom', description: 'Zoom out: paint what is outside the frame of a picture' },
    extend: { name: 'extend', description: 'Extend one or more sides of a picture' },
    square: { name: 'square', description: 'Make a picture square by painting the missing parts' },
    fit: { name: 'fit', description: 'Fit a picture to a shape by painting the missing parts, without cropping' },
    inpaint: { name: 'inpaint', description: 'Repaint a region of a picture' },
    remove: { name: 'remove', description: 'Remove an object from a picture' },
    vary: { name: 'vary', description: 'Paint variations of a picture' },
    imagine: { name: 'imagine', description: 'Paint a picture from text' },
    upscale: { name: 'upscale', description: 'Enlarge a picture 2× or 4×' },
    queue: { name: 'queue', description: 'Show and manage the queue' },
    settings: { name: 'settings', description: 'Settings of this server, and your own' },
    info: { name: 'info', description: 'Version, models, device and load of this bot' },
    help: { name: 'help', description: 'How to use this bot, with examples' },
    models: { name: 'models', description: 'List the installed models' },
    recipe: { name: 'recipe', description: 'Show how a picture was made, or paint it again' },
    'forget-me': { name: 'forget-me', description: 'Delete everything stored about you' },
  },

  subcommands: {
    show: { name: 'show', description: 'Show the current state' },
    cancel: { name: 'cancel', description: 'Cancel one of your requests' },
    pause: { name: 'pause', description: 'Start nothing new; requests keep waiting (managers)' },
    resume: { name: 'resume', description: 'Resume the queue (managers)' },
    drain: { name: 'drain', description: 'Finish what is waiting and accept nothing new (managers)' },
    clear: { name: 'clear', description: 'Cancel all waiting requests (managers)' },
    mine: { name: 'mine', description: 'Your own defaults' },
    'queue-mine': { name: 'mine', description: 'Your requests, and results that I couldn’t deliver' },
    channel: { name: 'channel', description: 'Which channels the bot paints in (managers)' },
    role: { name: 'role', description: 'Which roles can use the bot (managers)' },
    first: { name: 'first', description: 'Which roles have priority in the queue (managers)' },
    quota: { name: 'quota', description: 'How much a role can paint; 0 removes the limit (managers)' },
    defaults: { name: 'defaults', description: 'Maximum variations, default model, upscaler and steps (managers)' },
    words: { name: 'words', description: 'Words that are blocked in prompts (managers)' },
    buttons: { name: 'buttons', description: 'Who can use the buttons under a picture (managers)' },
    language: { name: 'language', description: 'The language of messages that everyone sees (managers)' },
    audit: { name: 'audit', description: 'Log paintings to a channel; leave it empty to stop (managers)' },
    safety: { name: 'safety', description: 'Spoilers and age-restricted channels (managers)' },
  },

  options: {
    image: { name: 'image', description: 'The picture to start from' },
    factor: { name: 'factor', description: 'Zoom factor: 1.5×, 2×, or any number from 1 to 4 (default 1.5)' },
    aspect: { name: 'aspect', description: 'Another aspect ratio, like 16:9' },
    keep: { name: 'keep', description: 'What stays the same: the picture’s size, or your pixels (default: same size)' },
    anchor: { name: 'anchor', description: 'Where your picture is in the new one (default: center)' },
    left: { name: 'left', description: 'How much to add on the left, like 25% or 256' },
    right: { name: 'right', description: 'How much to add on the right' },
    top: { name: 'top', description: 'How much to add at the top' },
    bottom: { name: 'bottom', description: 'How much to add at the bottom' },
    shape: { name: 'shape', description: 'An aspect ratio like 16:9, or a purpose from the list' },
    mask: {
      name: 'mask',
      description: 'White or transparent = repaint; or a copy of the picture with your marks on it',
    },
    'inpaint-mask': {
      name: 'mask',
      description: 'White or transparent = repaint; or a marked copy. Without one, transparent parts are filled',
    },
    object: {
      name: 'object',
      description: 'Numbers of objects, like 1, 3. Without them and without a mask I show the numbers',
    },
    'keep-alpha': {
      name: 'keep-alpha',
      description: 'Keep what is transparent transparent; otherwise it is painted too',
    },
    area: { name: 'area', description: 'Inpaint area: whole picture, or only masked (default: whole picture)' },
    padding: {
      name: 'padding',
      description: 'Only masked padding: pixels around the mask that the model sees (default 32)',
    },
    'mask-blur': { name: 'mask-blur', description: 'Mask blur: width of the soft edge in pixels (default 0)' },
    'mask-grow': { name: 'mask-grow', description: 'Enlarge the mask by this many pixels (default 0)' },
    size: { name: 'size', description: 'Resize the picture first, like 768x512 (default: unchanged)' },
    resize: { name: 'resize', description: 'Resize mode (default: just resize)' },
    preset: { name: 'preset', description: 'One of A1111’s outpainting scripts (diffusion models)' },
    'clip-skip': {
      name: 'clip-skip',
      description: 'Clip skip: the CLIP layer to use, counted from the end (diffusion models)',
    },
    refiner: {
      name: 'refiner',
      description: 'Refiner: a second model that paints the last steps (diffusion models)',
    },
    'switch-at': {
      name: 'switch-at',
      description: 'Switch at: the share of the steps after which the refiner starts (default 0.8)',
    },
    control: {
      name: 'control',
      description: 'ControlNets: NAME, or NAME:tile and more with commas; none for none (diffusion models)',
    },
    'control-weight': {
      name: 'control-weight',
      description: 'Control weight: how much the ControlNets count, 0 to 2 (default 1)',
    },
    'control-start': {
      name: 'control-start',
      description: 'Starting control step, as a share of the steps (default 0)',
    },
    'control-end': { name: 'control-end', description: 'Ending control step, as a share of the steps (default 1)' },
    'control-mode': { name: 'control-mode', description: 'Control mode: what is more important (default: balanced)' },
    'downsampling-rate': {
      name: 'downsampling-rate',
      description: 'How much smaller :tile makes the picture first, 1 to 8 (default 1)',
    },
    refine: { name: 'refine', description: 'Repaint large pictures a second time in tiles (diffusion models)' },
    'color-match': {
      name: 'color-match',
      description: 'Match painted colors to the picture along the mask’s border (default: yes)',
    },
    seam: { name: 'seam', description: 'Repaint the border between old and new a second time (diffusion models)' },
    'masked-content': {
      name: 'masked-content',
      description: 'What the masked area starts with (default: the model’s choice)',
    },
    strength: { name: 'strength', description: 'How much the picture changes' },
    'denoising-strength': {
      name: 'denoising-strength',
      description: 'Denoising strength: how much changes, 0.05 to 1',
    },
    invert: { name: 'invert', description: 'Invert the mask: repaint everything that isn’t masked' },
    prompt: { name: 'prompt', description: 'What you want to see there (models that read text)' },
    variations: { name: 'variations', description: 'How many pictures to paint' },
    seed: { name: 'seed', description: 'The same seed paints the same pictures again (default: random)' },
    model: { name: 'model', description: 'The model that paints' },
    scale: { name: 'scale', description: 'How many times as wide and high: 2× (default) or 4×' },
    detail: { name: 'detail', description: 'from history: put back the detail of the pictures it was made of' },
    upscaler: { name: 'upscaler', description: 'The upscaler: lanczos, or an installed one' },
    creative: {
      name: 'creative',
      description: 'Paint over it with a diffusion model: denoising strength, usually 0.3',
    },
    'hires-fix': {
      name: 'hires-fix',
      description: 'Hires fix: upscale by this, 1 to 4, then paint over it (usually 2)',
    },
    'hires-strength': { name: 'hires-strength', description: 'Hires fix: denoising strength, 0.05 to 1, usually 0.5' },
    spoiler: { name: 'spoiler', description: 'Hide the pictures until they are clicked' },
    source: { name: 'source', description: 'The original picture; paints the recipe again' },
    command: { name: 'command', description: 'The command to explain' },
    job: { name: 'job', description: 'The request to cancel' },
    channel: { name: 'channel', description: 'The channel' },
    role: { name: 'role', description: 'The role' },
    allowed: { name: 'allowed', description: 'Whether it is allowed' },
    pictures: { name: 'pictures', description: 'Number of pictures; 0 for no limit' },
    seconds: { name: 'seconds', description: 'GPU seconds; 0 for no limit' },
    per: { name: 'per', description: 'The time that the quota is for' },
    negative: { name: 'negative', description: 'Negative prompt: what you don’t want to see (diffusion models)' },
    sampler: { name: 'sampler', description: 'Sampling method (diffusion models)' },
    guidance: {
      name: 'guidance',
      description: 'Guidance scale: how closely to follow the prompt, 1 to 30 (default 7; diffusion models)',
    },
    steps: { name: 'steps', description: 'Sampling steps (diffusion models)' },
    add: { name: 'add', description: 'A word or phrase to block' },
    allow: { name: 'allow', description: 'A word or phrase to allow again' },
    who: { name: 'who', description: 'Who can use them' },
    language: { name: 'language', description: 'The language' },
    'restricted-only': { name: 'restricted-only', description: 'Paint only in age-restricted channels' },
    confirm: { name: 'confirm', description: 'Ask before painting what a mask marks' },
  },

  choices: {
    ...anchors,
    balanced: 'Balanced',
    'my prompt': 'My prompt is more important',
    controlnet: 'ControlNet is more important',
    fromHistory: 'from history',
    sameSize: 'same size',
    myPixels: 'my pixels',
    whole: 'whole picture',
    masked: 'only masked',
    original: 'original',
    fill: 'fill',
    'latent noise': 'latent noise',
    'latent nothing': 'latent nothing',
    blur: 'blurred surroundings',
    'edge color': 'color of the edge',
    'matched noise': 'noise like the surroundings',
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
    hour: 'per hour',
    day: 'per day',
    author: 'the person who asked',
    all: 'everyone',
    never: 'never',
    always: 'always',
    unsure: 'only when unsure',
  },

  /** Names in the context menu of a message (right-click → Apps); at most 32 characters. */
  contextMenus: {
    'Zoom out': 'Zoom out',
    'Make Square': 'Make Square',
    'Fit…': 'Fit…',
    Upscale: 'Upscale',
    'Extend…': 'Extend…',
    'Repaint region…': 'Repaint region…',
    'Remove…': 'Remove…',
    Recipe: 'Recipe',
  },
}

/** The texts of one language. */
export type Translations = typeof en
