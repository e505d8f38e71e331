import type { Edit, Length } from '../inference/pipeline/edit.js'
import { type ConfigFaultTranslations, configFaultLines } from './config-faults.js'
import type { Translations } from './en.js'
import { relativeTime } from './relative-time.js'

const sides = { left: 'izquierda', right: 'derecha', top: 'arriba', bottom: 'abajo' }

const faults: ConfigFaultTranslations = {
  text: least => (least > 1 ? `un texto de ${least} caracteres o más` : 'un texto'),
  number: (min, max) =>
    max === Number.MAX_SAFE_INTEGER ? `un número entero a partir de ${min}` : `un número entero de ${min} a ${max}`,
  choice: of => `uno de ${of.join(', ')}`,
  address: schemes => `una dirección que empiece por ${schemes.join(' o ')}`,
  devices: 'cuda, dml, coreml, webgpu o cpu; cuda:1 o dml:1 es la segunda tarjeta, y varios se separan con comas',
  malformed: (name, found, values) =>
    found === undefined
      ? `${name} no sirve como está: tiene que ser ${values}.`
      : `${name} es «${found}» y tiene que ser ${values}.`,
  unknown(name, line, meant) {
    const said = name === undefined ? 'algo que no es un ajuste' : `${name}, que no es un ajuste`
    const where = line === undefined ? `El entorno define ${said}.` : `La línea ${line} de .env define ${said}.`
    return meant ? `${where} ¿Querías decir ${meant}?` : `${where} Quítalo; docs/configuration.md dice cuáles hay.`
  },
  twice: (name, lines) => `.env define ${name} más de una vez, en las líneas ${lines.join(', ')}. Deja una sola.`,
  unreadable: line =>
    `La línea ${line} de .env no se puede leer: no es NOMBRE=valor ni un comentario, que empieza por #.`,
}

const problems: Translations['problems'] = {
  'no-such-file': p => `No existe el archivo ${p.path}.`,
  'cannot-read': p => `No puedo leer ${p.path}: ${p.reason}.`,
  'cannot-write': p => `No puedo escribir en ${p.path}: ${p.reason}.`,
  'not-a-picture': () => 'Ese archivo no es una imagen que yo pueda leer. Envía un PNG, JPEG, WebP, GIF, TIFF o AVIF.',
  'picture-corrupt': () =>
    'Esa imagen está dañada: puedo leer el principio, pero no todo. Guárdala de nuevo y prueba otra vez.',
  'picture-too-large': p =>
    `Esa imagen tiene ${p.megapixels} megapíxeles y un lado mayor de ${p.side}; ` +
    `acepto ${p.limit.megapixels} megapíxeles y ${p.limit.side} píxeles. Envía una más pequeña.`,
  'picture-too-small': p =>
    `Una imagen de ${p.width}×${p.height} es demasiado pequeña; necesito al menos ${p.limit} píxeles por lado.`,
  'picture-transparent': () => 'Esa imagen es transparente por completo, así que no hay nada que continuar.',
  'picture-missing': () => 'En ese mensaje no hay ninguna imagen.',
  'file-too-large': p => `Ese archivo tiene ${p.megabytes} MB; acepto ${p.limit} MB. Envía uno más pequeño.`,
  'canvas-too-large': p =>
    `La nueva imagen sería de ${p.width}×${p.height}; puedo pintar ${p.limit} megapíxeles. ` +
    'Pide menos o envía una imagen más pequeña.',
  'factor-out-of-range': p => `No puedo alejar ${p.factor}×. Elige un factor de ${p.min} a ${p.max}.`,
  'factor-invalid': p => `«${p.text}» no es un factor. Escribe un número de ${p.min} a ${p.max}, como 1.5.`,
  'zoom-changes-nothing': () => 'Un factor de 1 no añade nada. Elige uno mayor, u otra proporción con él.',
  'length-invalid': p =>
    `«${p.text}» no es una longitud (${sides[p.side]}). Escribe píxeles o porcentaje, como 256 o 25%.`,
  'extend-changes-nothing': () => 'No se añadiría nada. Di cuánto en al menos un lado, como 25%.',
  'aspect-invalid': p => `«${p.text}» no es una proporción. Escríbela como 16:9.`,
  'fit-changes-nothing': p => `La imagen ya tiene esa forma (${p.width}×${p.height}), así que no hay nada que pintar.`,
  'mask-missing': () => 'Di dónde: envía una máscara o elige casillas de la cuadrícula.',
  'mask-size-differs': p =>
    `La máscara es de ${p.mask} pero la imagen de ${p.picture}. Envía una máscara con la forma de la imagen.`,
  'mask-empty': () =>
    'La máscara no marca nada. Haz blanca o transparente la parte que quieres repintar, o dibuja encima en una copia de la imagen.',
  'mask-low-contrast': () =>
    'Veo que algo está marcado, pero demasiado débil para estar seguro. Dibuja con más fuerza o más contraste.',
  'mask-not-recognized': () =>
    'No reconozco una máscara ahí: no es en blanco y negro, ni transparente, ni una copia de la imagen con algo dibujado encima.',
  'mask-full': () =>
    'La máscara marca toda la imagen, así que no quedaría nada desde donde continuar. Deja una parte en negro.',
  'edit-invalid': p => `No entiendo qué hay que hacer: ${p.detail}.`,
  'options-invalid': p => `Estas opciones no valen: ${p.detail}.`,
  'variations-out-of-range': p => `No puedo pintar ${p.variations} variaciones. Elige de 1 a ${p.max}.`,
  'seed-out-of-range': p => `${p.seed} no es una semilla. Elige un número entero de 0 a ${p.max}.`,
  'engine-unknown': p => `No hay ningún modelo «${p.engine}». Elige uno de: ${p.known}.`,
  'model-incomplete': p => `El modelo «${p.model}» no está completo. Falta: ${p.missing}.`,
  'checkpoint-is-pickle': p =>
    `«${p.file}» es un pickle, que puede ejecutar código al leerse. Usa el mismo modelo como archivo .safetensors.`,
  'checkpoint-truncated': p =>
    `«${p.file}» está cortado: tiene ${p.has} bytes y debería tener al menos ${p.needs}. Descárgalo otra vez.`,
  'checkpoint-corrupt': p => `«${p.file}» no es un archivo .safetensors correcto: ${p.detail}.`,
  'checkpoint-unknown': p => `«${p.file}» no contiene ningún modelo de Stable Diffusion que conozca (1.x, 2.x o XL).`,
  'checkpoint-incomplete': p => `A «${p.file}» le faltan partes del modelo: ${p.missing}.`,
  'checkpoint-is-lora': p =>
    `«${p.file}» es un LoRA, no un modelo. Ponlo en models/lora y escribe <lora:su-nombre:0.8> en el prompt.`,
  'lora-unknown': p => `No hay ningún LoRA llamado «${p.lora}». Hay: ${p.known || 'ninguno'}.`,
  'lora-incompatible': p => `El LoRA «${p.lora}» no encaja con el modelo «${p.model}»: se hizo para otro tipo.`,
  'lora-needs-checkpoint': p => `Los LoRA van con modelos que son archivos .safetensors; «${p.model}» no lo es.`,
  'download-failed': p => `No se pudo descargar ${p.url}: ${p.reason}. La misma orden sigue donde esta terminó.`,
  'download-forbidden': p =>
    `${p.url} no está abierto a todos. Pon tu token en HF_TOKEN (Hugging Face) o CIVITAI_TOKEN y acepta allí las condiciones del modelo.`,
  'download-missing': p => `No hay nada en ${p.url}.`,
  'download-corrupt': p => `«${p.file}» llegó distinto de como se publicó y se descartó. Inténtalo otra vez.`,
  'model-checksum-changed': p =>
    `${p.file} ya no es lo que era: su SHA-256 es ${p.is} y era ${p.was}. Si te fías de lo que es ahora, borra sus líneas de ${p.lock} e inténtalo otra vez.`,
  'disk-space-low': p =>
    `Han de venir ${p.needs} GB, y en ${p.path} caben ${p.free} GB. Haz sitio, o elige otro MODEL_FOLDER.`,
  'model-too-large': p =>
    `«${p.model}» necesita unos ${p.needs} GB de memoria, y ${p.device} tiene ${p.has} GB aquí. «overscan models catalogue» muestra qué cabe.`,
  'device-unusable': p => `${p.device} no funciona aquí: ${p.reason}. «overscan devices» dice qué funciona.`,
  'cuda-platform-unsupported': p =>
    `Las bibliotecas de CUDA solo vienen por este camino para Linux en x64, y esto es ${p.platform}. Aquí los modelos los puede calcular ${p.instead}, sin instalar nada.`,
  'cuda-not-installed': p =>
    `No se pudieron instalar las bibliotecas de CUDA: ${p.reason}. Nada más ha cambiado; la misma orden lo intenta de nuevo.`,
  'token-missing': () =>
    'Falta el token del bot, y no hay nadie a quien pedirlo. Dalo con --token-file, --token o DISCORD_TOKEN; se crea en https://discord.com/developers/applications.',
  'discord-unreachable': p => `No se llega a Discord: ${p.reason}. ¿Está esta máquina en la red?`,
  'discord-rejected': p => `Discord acepta el token, pero se niega: ${p.reason} (${p.status}).`,
  'repository-ambiguous': p =>
    `«${p.repository}» no tiene un modelo de una pieza que yo conozca. ${p.files ? `Nombra uno de sus archivos: ${p.files}.` : ''}`,
  'model-exists': p => `Ya hay un modelo llamado «${p.model}». Elige otro --name.`,
  'model-name-invalid': () => 'Eso no dice cómo llamar al modelo. Elige un --name de letras, cifras, puntos y guiones.',
  'clip-skip': p =>
    `El codificador de texto del modelo «${p.model}» no da lo que pide clip skip ${p.clipSkip}. Omite clip skip.`,
  'size-invalid': p => `«${p.text}» no es un tamaño. Escríbelo como 768x512, cada lado de ${p.min} a ${p.max} píxeles.`,
  'model-overflowed': p =>
    `El modelo «${p.model}» calculó valores demasiado grandes para su precisión y no hay imagen. Úsalo con precisión completa.`,
  'model-unreadable': p => `El modelo «${p.model}» no se puede usar: ${p.detail}`,
  'out-of-memory': p =>
    `Aquí no hay memoria suficiente para «${p.model}», ni siquiera en trozos pequeños: ${p.detail}. Quizá quepa una imagen o un modelo más pequeños; prueba más tarde si otra cosa ocupa la memoria.`,
  'engine-killed': () =>
    'El proceso que pinta fue terminado desde fuera, seguramente porque a esta máquina se le acabó la memoria. Quizá quepa una imagen más pequeña u otro modelo.',
  'engine-crashed': () =>
    'El proceso que pinta se ha caído. Prueba otra vez; si vuelve a pasar, usa una imagen más pequeña.',
  'needs-model': p =>
    ({
      vary: 'Solo puedo variar lo que he pintado yo: aquí no hay instalado ningún modelo de difusión que pueda cambiar cualquier imagen. Empieza por alejar.',
      imagine:
        'Para pintar solo con palabras necesito un modelo de difusión, y aquí no hay ninguno instalado: /modelos dice más. Hasta entonces, empieza con una imagen y /alejar.',
    })[p.what],
  'needs-another-model': p =>
    `${p.engine} solo puede variar lo que he pintado yo. Elige un modelo que pueda cambiar cualquier imagen: ${p.models}.`,
  'recipe-mismatch': () =>
    'Esa no es la imagen de la que salió según la receta, así que el resultado sería otro. Envía el archivo original.',
  'attachment-missing': () => 'Ya no encuentro esa imagen en el mensaje. Empieza de nuevo con otra.',
  'attachment-deleted': () =>
    'Esa imagen ya no está: se ha borrado o su enlace ha caducado. Envíala otra vez con /alejar.',
  'attachment-unreachable': () => 'No he podido traer esa imagen de Discord. Prueba dentro de un minuto.',
  'attachment-host-not-allowed': p => `Solo traigo imágenes subidas a Discord, no de ${p.host}.`,
  'button-unknown': () => 'Ese botón no es mío o es demasiado antiguo para mí. Empieza de nuevo con /alejar.',
  'recipe-missing': () => 'Esa imagen no dice cómo se hizo, así que no puedo repetirla. Empieza de nuevo con /alejar.',
  'source-missing': () =>
    'La imagen de la que salió esta no está guardada con ella, así que no puedo repetirla. Empieza de nuevo con /alejar.',
  'not-yours': () => 'Eso solo puede hacerlo quien lo pidió.',
  'not-manager': () => 'Eso solo pueden hacerlo quienes administran este servidor.',
  'server-only': () => 'Eso solo funciona en un servidor.',
  'channel-not-allowed': p => `En este canal no pinto. Ve a ${p.channels}.`,
  'role-not-allowed': p => `En este servidor solo ${p.roles} pueden pedirme que pinte.`,
  'restricted-only': () => 'En este servidor solo pinto en canales con restricción de edad.',
  'word-forbidden': p => `«${p.word}» no está permitido en los prompts de este servidor. Quítalo.`,
  'queue-draining': () =>
    'Quienes administran este servidor me dejan terminar lo que espera y no tomar nada nuevo. Prueba más tarde.',
  'job-already-ended': () => 'Eso ya ha terminado.',
  'result-too-large': p =>
    `El resultado no cabe en los ${p.limit} MB de Discord, ni comprimido. Envía una imagen más pequeña.`,
  'direct-messages-closed': () =>
    'No aceptas mensajes directos míos. Permítelos en la privacidad de este servidor y pulsa otra vez.',
  'setting-missing': p => `${p.name} no está definido. Ponlo en .env (docs/configuration.md dice qué es).`,
  'setting-invalid': p => `Un ajuste está mal: ${p.detail}.`,
  'configuration-invalid': p => configFaultLines(p.faults, faults),
  'bot-token-missing': p =>
    `DISCORD_TOKEN no está definido, pero ${p.because} sí, así que esto debe ser un bot en Discord. Pon el token en .env, o prueba el patio de juegos, que no necesita ninguno de los dos, con «overscan playground».`,
  'setting-not-writable': p =>
    `${p.name} no se puede escribir en .env: con # o un salto de línea y todas las clases de comillas no se volvería a leer igual. Defínelo en el entorno, o elige otro.`,
  'login-refused': () =>
    'Discord rechaza DISCORD_TOKEN. Copia de nuevo el token del bot desde el portal de desarrolladores.',
  'queue-full': p => `Ya esperan ${p.waiting} peticiones, que son todas las que acepto. Prueba más tarde.`,
  'queue-full-for-person': p =>
    `Ya tienes ${p.waiting} peticiones esperando, y guardo ${p.limit} por persona. Deja que terminen algunas.`,
  'queue-full-for-server': p =>
    `Ya esperan ${p.waiting} peticiones de este servidor, y guardo ${p.limit} por servidor. Prueba más tarde.`,
  'queue-unreachable': () =>
    'Ahora no se puede llegar a la cola de peticiones. Lo que espera allí se conserva. Prueba en un minuto.',
  'no-capable-worker': p =>
    `Ninguna máquina conectada puede pintar ${p.megapixels} megapíxeles con ${p.engine}. Pide una imagen más pequeña.`,
  'job-lost': () =>
    'Esta petición se perdió por el camino: esperó más de un día, o sus imágenes ya no están. Pídelo otra vez.',
  'job-incompatible': () => 'Esta petición la hizo otra versión mía que no entiendo. Pídelo otra vez.',
  'disk-full': () =>
    'El disco de mi máquina está lleno, así que no acepté nada. Avisa a quien lleva el bot y pídelo otra vez.',
  'folder-in-use': p => `Otro Overscan ya trabaja en ${p.path}. Ciérralo primero, o elige otro DATA_FOLDER.`,
  'port-taken': p => `El puerto ${p.port} lo ocupa otro programa. Elige otro ${p.setting}.`,
  'pages-not-built': () => 'Las páginas no están construidas. Ejecuta npm run build.',
  'activity-secret-rejected': () =>
    'Discord no acepta el client secret del bot. Quien lo administra debe volver a poner DISCORD_CLIENT_SECRET, de su página OAuth2 en el portal de desarrolladores de Discord.',
  'activity-login-refused': () => 'Discord no confirma quién eres. Cierra esto y ábrelo de nuevo.',
  'discord-not-responding': () => 'Discord no dice ahora mismo quién eres. Inténtalo de nuevo en un momento.',
  'quota-exceeded': p => {
    const quantity = p.what === 'pictures' ? pictures(p.limit) : `${p.limit} segundos de GPU`
    const whose = p.whose === 'server' ? 'Este servidor ha' : 'Has'
    return `${whose} gastado ${quantity} ${p.per === 'hour' ? 'por hora' : 'por día'}. Se puede seguir ${relativeTime(p.until)}.`
  },
  'settings-corrupt': p =>
    `No se pueden leer los ajustes de ${p.path}. Arregla el archivo o quítalo de ahí para empezar de cero.`,
  cancelled: () => 'Cancelado.',
  stopped: () => 'Me están reiniciando, así que esto no se terminó. Pídelo otra vez en un minuto.',
  bug: p => `Algo ha fallado por mi parte. Si vuelve a pasar, dale este número a quien lleva el bot: ${p.incident}.`,
}

const amount = (length: Length) => ('percent' in length ? `${length.percent}%` : `${length.pixels} px`)

const given = (length: Length) => ('percent' in length ? length.percent : length.pixels) > 0

const pictures = (count: number) => (count === 1 ? '1 imagen' : `${count} imágenes`)

function heading(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` a ${edit.aspect.width}:${edit.aspect.height}` : ''
      return `Alejar ${edit.factor}×${to}${edit.grow ? ', mismos píxeles' : ''}`
    }
    case 'extend': {
      const parts = (['left', 'right', 'top', 'bottom'] as const).filter(side => given(edit[side]))
      return `Extender ${parts.map(side => `${sides[side]} ${amount(edit[side])}`).join(', ')}`
    }
    case 'square':
      return 'Hacer cuadrada'
    case 'fit':
      return edit.exact ? `Ajustar a ${edit.width}×${edit.height} píxeles` : `Ajustar a ${edit.width}:${edit.height}`
    case 'inpaint':
      return 'Variar (zona)'
    case 'remove':
      return 'Quitar'
    case 'vary':
      return edit.strength === 'subtle' ? 'Variar (sutil)' : 'Variar (fuerte)'
    case 'imagine':
      return 'Imaginar'
  }
}

/** What Overscan says, in Spanish. */
export const es: Translations = {
  problems,
  heading,
  sides,

  progress: {
    next: 'Siguiente en la cola',
    position: place => `Número ${place} en la cola`,
    starts: when => `empieza ${when}`,
    paused: 'En espera: quienes administran este servidor han pausado la cola',
    noWorker: 'Ahora no hay conectada ninguna máquina que pinte. Empezará en cuanto haya una',
    restarting: 'Me están reiniciando. Esta petición conserva su sitio y seguirá sola',
    preview: 'Una vista previa de la imagen sin terminar',
  },

  result: {
    seeds: seeds => `${seeds.length > 1 ? 'semillas' : 'semilla'} ${seeds.join(', ')}`,
    seconds: seconds => `${seconds} s`,
    requestedBy: mention => `para ${mention}`,
    pickedBy: mention => `elegida por ${mention}`,
    imageNumber: number => `Imagen n.º ${number}`,
    originalTitle: 'El original',
    journeyTitle: (pictures: number) => `Un viaje por ${pictures} imágenes`,
    ignoredOptions: (engine, options) => `${engine} no usa: ${options.join(', ')}`,
    optionNames: {
      prompt: 'prompt',
      strength: 'fuerza',
      content: 'contenido enmascarado',
      negative: 'prompt negativo',
      steps: 'pasos',
      sampler: 'muestreador',
      guidance: 'escala CFG',
      clipSkip: 'clip skip',
      preset: 'preajuste',
      refine: 'refinado',
      seam: 'repaso de la costura',
    },
    cannotPost:
      'No puedo publicar imágenes en este canal (Enviar mensajes y Adjuntar archivos), así que las respuestas a esto no me llegan',
    memoryFallback: saving => {
      switch (saving.kind) {
        case 'device':
          return `${saving.instead} tiene poca memoria para esto, así que lo pintó ${saving.device}`
        case 'smaller':
          return `faltaba memoria, así que se pintó a unos ${saving.side}×${saving.side} píxeles y se amplió`
        case 'tiles':
          return 'faltaba memoria, así que el modelo hizo la imagen por mosaicos'
      }
    },
    channelGone: 'El canal en el que lo pediste ya no está o me está cerrado, así que aquí va:',
    altText: (title, seed, prompt) => `${title}, semilla ${seed}${prompt && `: ${prompt}`}`,
  },

  buttons: {
    cancel: 'Cancelar',
    varySubtle: 'Variar (sutil)',
    varyStrong: 'Variar (fuerte)',
    varyRegion: 'Variar (zona)',
    zoom2: 'Alejar 2×',
    zoom15: 'Alejar 1.5×',
    customZoom: 'Zoom a medida',
    square: 'Hacer cuadrada',
    remix: 'Remix',
    direct: 'Enviármela',
    delete: 'Borrar',
    recipe: 'Receta',
    original: 'Original',
    journey: 'Viaje',
    paint: 'Pintar',
    flip: 'Invertir',
    grow: 'Ampliar',
    shrink: 'Encoger',
  },

  drawingPage: {
    title:
      'Dibuja lo que hay que repintar, en una página abierta para ti durante media hora; o envía una máscara, o nombra casillas.',
    opened:
      'Dibuja lo que hay que repintar en la página que se abre aquí. El enlace abre la misma página; o envía una máscara, o nombra casillas.',
    draw: 'Dibujar',
    mask: 'Máscara o casillas…',
  },
  activity: {
    nothing: 'Pulsa Variar (zona) debajo de una imagen para dibujar sobre ella.',
    outside: 'Esta página se abre dentro de Discord: pulsa allí Variar (zona) debajo de una imagen.',
    entering: 'Preguntando a Discord quién eres…',
    silent: 'Discord no responde a esta página. Ciérrala y ábrela de nuevo.',
    declined: 'Sin tu permiso Discord no dice quién eres y la página no encuentra tu imagen. Solo pide tu nombre.',
    again: 'Intentar de nuevo',
  },
  modals: {
    which: 'Qué imagen',
    picture: number => `Imagen ${number}`,
    customZoom: 'Zoom a medida',
    factor: 'Cuánto alejarse',
    factorHint: 'De 1 a 4; 1 solo con otra proporción',
    aspect: 'Proporción',
    aspectHint: 'Como 16:9; vacío para la de la imagen',
    prompt: 'Prompt',
    promptHint: 'Lo que te gustaría ver ahí',
    remix: 'Cambiar el prompt',
    extend: 'Extender',
    lengthHint: 'Píxeles o porcentaje, como 256 o 25%',
    zoomOut: 'Alejar',
    region: 'Variar (zona)',
    remove: 'Quitar',
    mask: 'Máscara',
    maskHint: 'Se pinta lo blanco o lo transparente; o una copia de la imagen con tu dibujo encima',
    cells: across => `O casillas de una cuadrícula ${across}×${across}`,
    cell: (row, column) => `Fila ${row}, columna ${column}`,
  },

  confirmMask: {
    title: '¿Es esto lo que debo pintar?',
    share: percent => `${percent} de la imagen`,
    kinds: {
      'black-and-white': 'la parte blanca de tu máscara',
      'see-through': 'la parte transparente de tu máscara',
      marked: 'lo que dibujaste encima',
      cells: 'las casillas que elegiste',
    },
    scaled: 'escalada a la imagen',
    unsure: 'No estoy seguro: échale un vistazo.',
    overlay: 'La imagen, con lo que se pintará rayado y contorneado',
  },

  direct: { sent: 'Te la he enviado.' },

  audit: {
    done: (mention, title, link) => `${mention}: ${title} ${link}`,
    refused: (mention, channel, why) => `${mention} en ${channel}: ${why}`,
    settings: (mention, what) => `${mention} cambió los ajustes: ${what}`,
    line: (mention, what) => `${mention}: /cola ${what}`,
  },

  queue: {
    title: 'La cola',
    empty: 'Nada espera y nada está en marcha.',
    running: percent => `${percent}%`,
    pictures,
    elsewhere: count => (count === 1 ? 'y una petición de otro sitio' : `y ${count} peticiones de otros sitios`),
    paused: 'La cola está en pausa: lo que espera se queda, no empieza nada.',
    draining: 'La cola se está vaciando: se pinta lo que espera y no se acepta nada nuevo.',
    open: 'La cola está abierta.',
    cleared: count =>
      count === 1 ? 'Se canceló una petición en espera.' : `Se cancelaron ${count} peticiones en espera.`,
    cancelled: 'Cancelado.',
  },

  settings: {
    title: 'Ajustes de este servidor',
    mine: 'Tus propios ajustes',
    saved: 'Guardado.',
    everywhere: 'todos los canales',
    everybody: 'todos',
    none: 'ninguno',
    names: {
      channels: 'Canales',
      first: 'Prioridad',
      roles: 'Roles',
      quotas: 'Cuotas',
      variations: 'Máximo de variaciones',
      engine: 'Modelo',
      steps: 'Pasos',
      forbidden: 'Palabras prohibidas',
      buttons: 'Quién puede pulsar los botones',
      language: 'Idioma',
      auditChannel: 'Canal de registro',
      spoiler: 'Spoilers',
      restrictedOnly: 'Solo en canales con restricción de edad',
      line: 'Cola',
      confirmMasks: 'Preguntar por las máscaras',
    },
    values: {
      author: 'quien lo pidió',
      all: 'todos',
      never: 'nunca',
      always: 'siempre',
      unsure: 'solo si hay duda',
      yes: 'sí',
      no: 'no',
      open: 'abierta',
      draining: 'vaciándose',
      paused: 'en pausa',
    },
    quota: (role, amounts, per) => `${role}: ${amounts.join(', ')} ${per}`,
    quotaPictures: pictures,
    quotaSeconds: seconds => `${seconds} segundos de GPU`,
    per: { hour: 'por hora', day: 'por día' },
  },

  info: {
    title: version => `Overscan ${version}`,
    what: 'Pinto lo que hay fuera del marco de una imagen.',
    models: names => `Modelos: ${names}`,
    device: device => `Se pinta en: ${device}`,
    busy: (running, waiting) => `Ahora mismo: ${running} en marcha, ${waiting} en espera`,
    left: what => `Te queda: ${what}`,
    leftPictures: (count, per) => `${pictures(count)} ${per}`,
    leftSeconds: (seconds, per) => `${seconds} segundos de GPU ${per}`,
    since: when => `Despierto: ${when}`,
  },

  models: {
    title: 'Modelos',
    fill: 'incorporado, no necesita pesos: continúa lo que hay en la imagen; no lee prompts',
    none: 'No hay ningún modelo de difusión instalado. Quien me administra puede poner uno en la carpeta models; docs/models.md dice cómo. Sin él, las imágenes se continúan a partir de sí mismas: los prompts se guardan pero no se leen, y /imaginar no tiene con qué pintar.',
    loras: 'LoRA que se escriben en los prompts para los checkpoints:',
  },

  recipe: {
    title: 'Receta',
    operation: 'Operación',
    prompt: 'Prompt',
    seed: 'Semilla',
    model: 'Modelo',
    source: 'Hecha a partir de',
    mask: 'Máscara',
    again: 'Lo mismo otra vez: /receta con esta imagen y, como fuente, la imagen de la que salió.',
  },

  dataDeleted: (settings, jobs) =>
    [
      settings ? 'Tus ajustes están borrados.' : 'No tenía ajustes tuyos.',
      jobs > 0 ? `Lo que tenías en la cola está cancelado (${jobs}).` : '',
      'Mi cuenta de lo que pintaste está borrada. Las imágenes están en los mensajes de Discord, no conmigo: «Borrar» debajo de una imagen la quita.',
    ]
      .filter(Boolean)
      .join(' '),

  help: {
    title: 'Cómo usarme',
    intro: [
      '**/alejar** y una imagen: cuatro versiones de lo que hay fuera de su marco.',
      'Debajo de cuatro imágenes: **U1–U4** saca una, **V1–V4** varía una, 🔄 las pinta de nuevo.',
      'Debajo de una imagen: alejar más, extender un lado, hacerla cuadrada, repintar una zona.',
      'En la imagen de cualquiera: clic derecho (o mantener pulsado) → **Aplicaciones** → Alejar, Extender, Repintar zona, Quitar.',
      'Para repintar una parte: **responde** a una de mis imágenes con una máscara, o con una copia en la que dibujaste con el marcador del teléfono; tus palabras son el prompt.',
    ],
    example: 'Por ejemplo',
    examples: {
      zoom: '/alejar imagen:vacaciones.jpg factor:2',
      extend: '/extender imagen:casa.png izquierda:25% derecha:25%',
      square: '/cuadrar imagen:retrato.jpg',
      fit: '/ajustar imagen:logo.png forma:banner del servidor',
      inpaint: '/repintar imagen:sala.jpg máscara:sala-máscara.png prompt:un sofá verde',
      remove: '/quitar imagen:playa.jpg máscara:playa-marcada.jpg',
      vary: '/variar imagen:overscan-1.png fuerza:sutil',
      imagine: '/imaginar prompt:un faro al atardecer proporción:16:9',
      queue: '/cola ver',
      settings: '/ajustes míos confirmar:solo si hay duda',
      info: '/info',
      help: '/ayuda comando:/alejar',
      models: '/modelos',
      recipe: '/receta imagen:overscan-1.png',
      'forget-me': '/olvídame',
    },
  },

  commands: {
    zoom: { name: 'alejar', description: 'Pinta lo que hay fuera del marco de una imagen' },
    extend: { name: 'extender', description: 'Añade a uno o varios lados de una imagen' },
    square: { name: 'cuadrar', description: 'Hace cuadrada una imagen pintando lo que falta' },
    fit: { name: 'ajustar', description: 'Da forma a una imagen pintando lo que falta, sin recortar' },
    inpaint: { name: 'repintar', description: 'Repinta una zona de una imagen' },
    remove: { name: 'quitar', description: 'Quita algo de una imagen' },
    vary: { name: 'variar', description: 'La misma imagen otra vez, pero distinta' },
    imagine: { name: 'imaginar', description: 'Pinta una imagen a partir de palabras' },
    queue: { name: 'cola', description: 'Qué espera y qué está en marcha' },
    settings: { name: 'ajustes', description: 'Cómo me comporto en este servidor y contigo' },
    info: { name: 'info', description: 'En qué funciono y cuánto tengo que hacer' },
    help: { name: 'ayuda', description: 'Lo que sé hacer, con ejemplos' },
    models: { name: 'modelos', description: 'Qué hay instalado para pintar' },
    recipe: { name: 'receta', description: 'Cómo se hizo una imagen; la misma otra vez' },
    'forget-me': { name: 'olvídame', description: 'Borra lo que hay guardado de mí' },
  },

  subcommands: {
    show: { name: 'ver', description: 'Muestra cómo está todo' },
    cancel: { name: 'cancelar', description: 'Cancela una petición mía' },
    pause: { name: 'pausar', description: 'No empieza nada; lo que espera se queda (administración)' },
    resume: { name: 'seguir', description: 'Continúa (administración)' },
    drain: { name: 'vaciar', description: 'Pinta lo que espera, no acepta nada nuevo (administración)' },
    clear: { name: 'limpiar', description: 'Cancela todo lo que espera (administración)' },
    mine: { name: 'míos', description: 'Tus propios valores' },
    channel: { name: 'canal', description: 'En qué canales pinto (administración)' },
    role: { name: 'rol', description: 'Quién puede pedirme que pinte (administración)' },
    first: { name: 'prioridad', description: 'A quién le toca antes que a los demás (administración)' },
    quota: { name: 'cuota', description: 'Cuánto puede pintar un rol; 0 la quita (administración)' },
    defaults: { name: 'valores', description: 'Máximo de variaciones, modelo y pasos (administración)' },
    words: { name: 'palabras', description: 'Palabras que no pueden estar en los prompts (administración)' },
    buttons: { name: 'botones', description: 'Quién puede pulsar los botones de una imagen (administración)' },
    language: { name: 'idioma', description: 'El idioma de lo que ven todos (administración)' },
    audit: { name: 'registro', description: 'Un canal que cuenta lo que se pintó; ninguno lo apaga (administración)' },
    safety: { name: 'seguridad', description: 'Spoilers y canales con restricción de edad (administración)' },
  },

  options: {
    image: { name: 'imagen', description: 'La imagen con la que empezar' },
    factor: { name: 'factor', description: 'Cuánto alejarse: 1.5×, 2× o un número de 1 a 4 (1.5)' },
    aspect: { name: 'proporción', description: 'Otra proporción, como 16:9' },
    keep: { name: 'conservar', description: 'Qué queda igual: el tamaño o mis píxeles (tamaño)' },
    left: { name: 'izquierda', description: 'Cuánto añadir a la izquierda, como 25% o 256' },
    right: { name: 'derecha', description: 'Cuánto añadir a la derecha' },
    top: { name: 'arriba', description: 'Cuánto añadir arriba' },
    bottom: { name: 'abajo', description: 'Cuánto añadir abajo' },
    shape: { name: 'forma', description: 'Una proporción como 16:9, o para qué es la imagen' },
    mask: { name: 'máscara', description: 'Se pinta lo blanco o transparente; o una copia de la imagen, dibujada' },
    area: { name: 'área', description: 'Lo que ve el modelo: toda la imagen o la parte enmascarada (toda)' },
    padding: { name: 'margen', description: 'Píxeles alrededor de la máscara que el modelo también ve (32)' },
    'mask-blur': { name: 'difuminado', description: 'En cuántos píxeles lo viejo pasa a lo nuevo (0)' },
    'mask-grow': { name: 'ampliar-máscara', description: 'Cuántos píxeles crece la máscara (0)' },
    size: { name: 'tamaño', description: 'Tamaño que toma antes la imagen, como 768x512 (el suyo)' },
    resize: { name: 'redimensión', description: 'De qué modo toma ese tamaño (solo redimensionar)' },
    preset: { name: 'preajuste', description: 'Un script de outpainting de A1111 (para modelos de difusión)' },
    'clip-skip': {
      name: 'clip-skip',
      description: 'Qué capa de CLIP se toma, desde el final (para modelos de difusión)',
    },
    refine: { name: 'refinar', description: 'Repasar las imágenes grandes por teselas (para modelos de difusión)' },
    seam: { name: 'costura', description: 'Pintar de nuevo el borde con lo viejo (para modelos de difusión)' },
    'masked-content': { name: 'contenido', description: 'Qué hay al principio bajo la máscara (lo elige el modelo)' },
    strength: { name: 'fuerza', description: 'Cuánto puede alejarse lo nuevo de lo viejo' },
    'denoising-strength': { name: 'denoising', description: 'Cuánto puede alejarse lo nuevo de lo viejo, 0.05 a 1' },
    invert: { name: 'invertir', description: 'Pinta lo que la máscara deja fuera' },
    prompt: { name: 'prompt', description: 'Lo que te gustaría ver ahí (para modelos que leen)' },
    variations: { name: 'variaciones', description: 'Cuántas imágenes pintar' },
    seed: { name: 'semilla', description: 'La misma semilla pinta las mismas imágenes (al azar)' },
    model: { name: 'modelo', description: 'Qué pinta' },
    spoiler: { name: 'spoiler', description: 'Oculta las imágenes hasta que se pulsen' },
    source: { name: 'fuente', description: 'La imagen de la que salió: la pinta otra vez' },
    command: { name: 'comando', description: 'Cuál' },
    job: { name: 'petición', description: 'Cuál de tus peticiones' },
    channel: { name: 'canal', description: 'Qué canal' },
    role: { name: 'rol', description: 'Qué rol' },
    allowed: { name: 'permitido', description: 'Si está permitido' },
    pictures: { name: 'imágenes', description: 'Cuántas imágenes; 0 para ningún límite' },
    seconds: { name: 'segundos', description: 'Cuántos segundos de GPU; 0 para ningún límite' },
    per: { name: 'por', description: 'En qué tiempo' },
    negative: { name: 'negativo', description: 'Lo que no debe verse (para modelos de difusión)' },
    sampler: { name: 'muestreador', description: 'El método (para modelos de difusión)' },
    guidance: { name: 'escala-cfg', description: 'Cuánto se sigue el prompt, de 1 a 30 (7; para modelos de difusión)' },
    steps: { name: 'pasos', description: 'Pasos del muestreador (para modelos de difusión)' },
    add: { name: 'prohibir', description: 'Una palabra o frase que prohibir' },
    allow: { name: 'permitir', description: 'Una palabra o frase que permitir de nuevo' },
    who: { name: 'quién', description: 'Quién puede pulsarlos' },
    language: { name: 'idioma', description: 'Qué idioma' },
    'restricted-only': { name: 'restringido', description: 'Pintar solo en canales con restricción de edad' },
    confirm: { name: 'confirmar', description: 'Mostrar lo que dice una máscara antes de pintar' },
  },

  choices: {
    sameSize: 'mismo tamaño',
    myPixels: 'mis píxeles',
    whole: 'toda la imagen',
    masked: 'solo la máscara',
    original: 'original',
    fill: 'relleno',
    'latent noise': 'ruido latente',
    'latent nothing': 'nada latente',
    'poor-mans-outpainting': 'script «Poor man’s outpainting»',
    'outpainting-mk2': 'outpainting mk2',
    'just resize': 'solo redimensionar',
    'crop and resize': 'recortar y redimensionar',
    'resize and fill': 'redimensionar y rellenar',
    subtle: 'sutil',
    strong: 'fuerte',
    serverBanner: 'banner del servidor (960×540)',
    inviteSplash: 'fondo de invitación (1920×1080)',
    icon: 'icono del servidor (512×512)',
    emoji: 'emoji (128×128)',
    phone: 'fondo de teléfono (1179×2556)',
    hour: 'por hora',
    day: 'por día',
    author: 'quien lo pidió',
    all: 'todos',
    never: 'nunca',
    always: 'siempre',
    unsure: 'solo si hay duda',
  },

  contextMenus: {
    'Zoom out': 'Alejar',
    'Extend…': 'Extender…',
    'Repaint region…': 'Repintar zona…',
    'Remove…': 'Quitar…',
  },
}
