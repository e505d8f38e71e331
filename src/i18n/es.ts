import type { Edit, Length } from '../inference/pipeline/edit.js'
import type { ExceededLimit } from '../user-error.js'
import { type ConfigFaultTranslations, configFaultLines } from './config-faults.js'
import type { Translations } from './en.js'
import { pages } from './pages/es.js'
import { relativeTime } from './relative-time.js'

const sizeLimit = (p: ExceededLimit) => (p.side ? `${p.side} píxeles por lado` : `${p.limit} megapíxeles`)

const sides = { left: 'izquierda', right: 'derecha', top: 'arriba', bottom: 'abajo' }

const anchors = {
  center: 'centro',
  top: 'arriba',
  bottom: 'abajo',
  left: 'izquierda',
  right: 'derecha',
  'top-left': 'arriba a la izquierda',
  'top-right': 'arriba a la derecha',
  'bottom-left': 'abajo a la izquierda',
  'bottom-right': 'abajo a la derecha',
}

const faults: ConfigFaultTranslations = {
  text: least => (least > 1 ? `un texto de al menos ${least} caracteres` : 'un texto'),
  number: (min, max) =>
    max === Number.MAX_SAFE_INTEGER ? `un número entero a partir de ${min}` : `un número entero de ${min} a ${max}`,
  choice: of => `uno de estos valores: ${of.join(', ')}`,
  url: schemes => `una URL que empiece por ${schemes.join(' o ')}`,
  devices: 'cuda, dml, coreml, webgpu o cpu; cuda:1 o dml:1 para la segunda tarjeta; varios, separados por comas',
  ascii: 'caracteres ASCII imprimibles sin espacios',
  shards: 'auto, el número total de shards, o la parte de este proceso como 0-3/16',
  malformed: (name, found, values) =>
    found === undefined ? `${name} no es válido. Usa ${values}.` : `${name} es «${found}». Usa ${values}.`,
  unknown(name, line, meant) {
    const where = line === undefined ? 'El entorno' : `La línea ${line} de .env`
    const said =
      name === undefined ? `${where} define un ajuste desconocido.` : `${where} define ${name}, que no es un ajuste.`
    return meant
      ? `${said} ¿Querías decir ${meant}?`
      : `${said} Quítalo; docs/configuration.md muestra todos los ajustes.`
  },
  duplicate: (name, lines) => `.env define ${name} más de una vez, en las líneas ${lines.join(', ')}. Deja solo una.`,
  unreadable: line =>
    `La línea ${line} de .env no se puede leer. Escribe NOMBRE=valor o un comentario que empiece por #.`,
  quotes: (name, mark) =>
    `${name} empieza o acaba con la comilla ${mark}, que formaría parte del valor. Escribe el valor sin comillas.`,
  encoding: encoding =>
    `.env está guardado como ${encoding}. Guárdalo como UTF-8, por ejemplo en el Bloc de notas con «Guardar como».`,
}

/** Why Discord refuses, within a sentence. */
const refusals = {
  automod: 'AutoMod bloquea el mensaje en ese servidor',
  'explicit-content': 'el filtro de contenido explícito de Discord bloquea el mensaje',
  'thread-closed': 'ese hilo está archivado o bloqueado',
  forbidden: 'no puedo publicar en ese canal ni enviarte mensajes directos',
  'no-permission': 'no tengo los permisos necesarios aquí',
  refused: 'Discord ha rechazado el mensaje',
}

const problems: Translations['problems'] = {
  'no-such-file': p => `El archivo ${p.path} no existe. Comprueba la ruta.`,
  'cannot-read': p => `${p.path} no se puede leer: ${p.reason}. Comprueba la ruta y sus permisos.`,
  'cannot-write': p => `${p.path} no se puede escribir: ${p.reason}. Elige otro lugar o cambia sus permisos.`,
  'folder-empty': p => `No hay imágenes en ${p.path}. Elige otra carpeta.`,
  'output-is-input': p => `Los resultados se guardarían entre las imágenes de ${p.path}. Elige otra carpeta de salida.`,
  'mask-unmatched': p =>
    p.found === 0
      ? `${p.folder} no tiene ninguna máscara para ${p.picture}. Ponle a la máscara el nombre de la imagen.`
      : `${p.folder} tiene ${p.found} máscaras para ${p.picture}. Deja solo una.`,
  'not-a-picture': () => 'No puedo leer ese archivo como imagen. Envía un PNG, JPEG, WebP, GIF, TIFF o AVIF.',
  'picture-format-unsupported': p =>
    `Esa imagen está en formato ${p.format} y no puedo leerlo. Guárdala como JPEG o PNG y envía el archivo nuevo.` +
    (p.format === 'HEIC'
      ? ' En un iPhone, elige Ajustes → Cámara → Formatos → «Más compatible» para las fotos nuevas, ' +
        'o envía una captura de pantalla.'
      : ''),
  'picture-depth-unsupported': () =>
    'Esa imagen guarda sus colores en coma flotante o en 32 bits y no puedo leerlos. ' +
    'Guárdala con 8 o 16 bits por canal.',
  'picture-corrupt': () =>
    'Esa imagen está dañada: solo se puede leer una parte. Guárdala otra vez y envía el archivo nuevo.',
  'picture-too-large': p =>
    `Esa imagen tiene ${p.megapixels} megapíxeles y su lado más largo mide ${p.side} píxeles. ` +
    `Los límites son ${p.limit.megapixels} megapíxeles y ${p.limit.side} píxeles. Envía una más pequeña.`,
  'picture-too-small': p =>
    `Esa imagen es demasiado pequeña (${p.width}×${p.height}). Envía una de al menos ${p.limit} píxeles por lado.`,
  'picture-transparent': () =>
    'Esa imagen es completamente transparente, así que no hay nada que continuar. Envía otra.',
  'picture-too-demanding': () =>
    'Procesar esa imagen requería demasiada memoria o demasiado tiempo, así que se detuvo. Envía una más pequeña o guárdala de nuevo como PNG o JPEG.',
  'picture-missing': () => 'Ese mensaje no tiene ninguna imagen. Elige un mensaje que tenga una.',
  'sticker-unsupported': () =>
    'Ese sticker es una animación vectorial, y no puedo leerla. Elige un mensaje con una imagen.',
  'file-too-large': p => `Ese archivo es demasiado grande (${p.megabytes} MB). Envía uno de ${p.limit} MB como máximo.`,
  'canvas-too-large': p =>
    `La nueva imagen sería de ${p.width}×${p.height}; el límite es de ${sizeLimit(p)}. ` +
    'Añade menos o envía una imagen más pequeña.',
  'factor-out-of-range': p => `No puedo alejar ${p.factor}×. Usa un factor de ${p.min} a ${p.max}.`,
  'factor-invalid': p => `«${p.text}» no es un factor válido. Usa un número de ${p.min} a ${p.max}, como 1.5.`,
  'zoom-changes-nothing': () =>
    'Un factor de 1 no añade nada. Usa un factor mayor o elige también otra relación de aspecto.',
  'length-invalid': p =>
    `«${p.text}» no es una longitud válida (${sides[p.side]}). Usa píxeles o un porcentaje, como 256 o 25%.`,
  'extend-changes-nothing': () => 'No se añadiría nada. Indica al menos un lado, como 25%.',
  'aspect-invalid': p => `«${p.text}» no es una relación de aspecto válida. Escríbela como 16:9.`,
  'hires-too-large': p =>
    `Con hires fix la imagen sería de ${p.width}×${p.height}; el límite es de ${p.limit} megapíxeles. Amplía menos o elige un tamaño menor.`,
  'upscale-too-large': p =>
    `La imagen escalada tendría ${p.width}×${p.height}; el límite es de ${sizeLimit(p)}. ${p.scale > 2 ? 'Elige 2×, o envía' : 'Envía'} una imagen más pequeña.`,
  'fit-changes-nothing': p => `La imagen ya tiene esa forma (${p.width}×${p.height}). Elige otra forma.`,
  'scale-out-of-range': p =>
    `No puedo colocar la imagen a una escala de ${p.scale}. Usa una escala de ${p.min} a ${p.max}.`,
  'frame-out-of-range': p =>
    `No puedo hacer un marco de ${p.width}×${p.height}. Usa de ${p.min} a ${p.max} píxeles en cada lado.`,
  'place-outside-frame': p =>
    `La imagen queda fuera del nuevo marco (${p.width}×${p.height}). Muévela para que una parte quede dentro.`,
  'place-covers-frame': p =>
    `La imagen cubre todo el marco (${p.width}×${p.height}), así que no hay nada que pintar. Agranda el marco o reduce la imagen.`,
  'position-invalid': p =>
    `«${p.text}» no es una posición válida. Indica los píxeles desde la izquierda y desde arriba, como 200,300, o uno de: ${p.anchors}.`,
  'mask-missing': () => 'No sé dónde pintar. Envía una máscara o elige casillas de la cuadrícula.',
  'holes-missing': () =>
    'No sé dónde pintar: la imagen no tiene partes transparentes. Envía una máscara o elige casillas de la cuadrícula.',
  'history-missing': p =>
    p.isGone
      ? 'No se ha encontrado la imagen de la que salió esta, así que no hay detalle que recuperar. Tiene que seguir en este canal o estar entre los archivos que indiques.'
      : 'Esta imagen no tiene ninguna versión anterior con más detalle. Aleja primero una imagen o elige «Escalar (sutil)».',
  'mask-size-differs': p =>
    `La máscara es de ${p.mask}, pero la imagen es de ${p.picture}. Envía una máscara con la relación de aspecto de la imagen.`,
  'mask-empty': () =>
    'La máscara no marca nada. Haz blanca o transparente la zona que quieres repintar, o dibuja encima en una copia de la imagen.',
  'mask-low-contrast': () => 'Las marcas son demasiado débiles. Dibújalas más gruesas o en un color que destaque.',
  'mask-not-recognized': () =>
    'No puedo leer eso como máscara. Envía una imagen en blanco y negro, una con partes transparentes o una copia de la imagen en la que hayas dibujado.',
  'mask-full': () => 'La máscara cubre toda la imagen, así que no quedaría nada. Deja una parte sin marcar.',
  'selection-empty': () => 'No hay ningún objeto elegido. Indica un punto dentro del objeto, o un recuadro alrededor.',
  'selection-outside': p =>
    `${p.what} está fuera de la imagen, que mide ${p.picture} píxeles. Indica un punto o un recuadro dentro de la imagen.`,
  'selection-too-long': p => `Hay demasiados puntos. Indica como máximo ${p.limit}.`,
  'selection-found-nothing': () =>
    'No se encontró ningún objeto ahí. Prueba con otro punto, o con un recuadro alrededor del objeto.',
  'segment-model-missing': () =>
    'No hay instalado ningún modelo que seleccione objetos. «overscan models add mobilesam» instala uno.',
  'objects-not-found': () =>
    'No he encontrado objetos en esta imagen. Dibuja una máscara o elige casillas de la cuadrícula.',
  'object-unknown': p => `En esta imagen no hay ningún objeto ${p.number}. Elige del 1 al ${p.count}.`,
  'object-numbers-invalid': p => `«${p.text}» no es una lista de números de objetos. Escríbelos así: 1, 3.`,
  'mask-and-objects': () => 'Has indicado una máscara y objetos. Usa solo una de las dos cosas.',
  'prompt-too-long': p => `El prompt tiene ${p.length} caracteres. Usa ${p.max} como máximo.`,
  'edit-invalid': p => `Esa edición no es válida: ${p.detail}. Corrígela e inténtalo de nuevo.`,
  'options-invalid': p => `Estas opciones no son válidas: ${p.detail}. Corrígelas e inténtalo de nuevo.`,
  'variations-out-of-range': p => `No puedo pintar ${p.variations} variaciones. Elige de 1 a ${p.max}.`,
  'seed-out-of-range': p => `${p.seed} no es una semilla válida. Usa un número entero de 0 a ${p.max}.`,
  'engine-unknown': p => `No hay ningún modelo «${p.engine}». Elige uno de estos: ${p.known}.`,
  'model-incomplete': p => `El modelo «${p.model}» está incompleto. Falta: ${p.missing}. Descárgalo de nuevo.`,
  'checkpoint-is-pickle': p =>
    `«${p.file}» es un archivo pickle, que puede ejecutar código al abrirse. Usa la versión .safetensors del modelo o conviértelo con diffusers (save_pretrained).`,
  'checkpoint-truncated': p =>
    `«${p.file}» está incompleto: tiene ${p.has} bytes y necesita al menos ${p.needs}. Descárgalo de nuevo.`,
  'checkpoint-corrupt': p => `«${p.file}» no es un archivo .safetensors válido: ${p.detail}. Descárgalo de nuevo.`,
  'upscaler-unknown': p =>
    `“${p.file}” no es un escalador que Overscan admita. Usa ESRGAN, Real-ESRGAN o una red compacta (SRVGGNet) en .safetensors, u otro escalador en .onnx.`,
  'checkpoint-unknown': p =>
    `«${p.file}» no es un modelo de Stable Diffusion compatible con Overscan. Usa un modelo de Stable Diffusion 1.x, 2.x o XL.`,
  'checkpoint-incomplete': p => `A «${p.file}» le faltan partes del modelo: ${p.missing}. Usa un checkpoint completo.`,
  'checkpoint-is-lora': p =>
    `«${p.file}» es un LoRA, no un modelo. Ponlo en models/lora y añade <lora:su-nombre:0.8> al prompt.`,
  'lora-weight-invalid': p =>
    `«${p.tag}» no es un LoRA con peso. Escríbelo como <lora:nombre:0.8> o <lora:nombre:te=0.5:unet=1>.`,
  'lora-unknown': p =>
    p.known
      ? `No hay ningún LoRA «${p.lora}». Elige uno de estos: ${p.known}.`
      : `No hay ningún LoRA «${p.lora}», y no hay ninguno instalado. Quítalo del prompt.`,
  'lora-incompatible': p =>
    `El LoRA «${p.lora}» se hizo para otro tipo de modelo que «${p.model}». Usa otro LoRA u otro modelo.`,
  'lora-kind-unsupported': p => `El LoRA «${p.lora}» no se puede leer porque usa ${p.kind}. Usa un LoRA normal.`,
  'embedding-is-pickle': p =>
    `El embedding «${p.file}» no se puede leer, porque estos archivos pueden contener programas. Conviértelo en un archivo .safetensors o quita su nombre del prompt.`,
  'lora-needs-checkpoint': p =>
    `Los LoRA solo funcionan con checkpoints .safetensors, y «${p.model}» no lo es. Elige otro modelo o quita el LoRA.`,
  'download-failed': p =>
    `La descarga de ${p.url} ha fallado: ${p.reason}. Ejecuta el mismo comando otra vez para continuarla.`,
  'download-forbidden': p =>
    `${p.url} requiere autorización. Acepta las condiciones del modelo en su página y define HF_TOKEN (Hugging Face) o CIVITAI_TOKEN.`,
  'download-missing': p => `No se encontró nada en ${p.url}. Comprueba la dirección.`,
  'download-is-page': p => `${p.url} es una página web y no un archivo. Copia la dirección del botón de descarga.`,
  'download-too-large': p =>
    `${p.file} supera los ${p.limit} permitidos, así que la descarga se detuvo. Comprueba de dónde viene.`,
  'redirect-refused': p =>
    `${p.from} redirige a ${p.to}, y eso no está permitido. Comprueba la dirección, o descarga el archivo en un navegador y añádelo desde ahí.`,
  'path-outside-folder': p =>
    `La lista de archivos nombra «${p.path}», que no está dentro de la carpeta del modelo. No se descargó nada. Elige otra fuente para este modelo.`,
  'download-corrupt': p =>
    `«${p.file}» no coincide con su suma de comprobación publicada y se ha eliminado. Inténtalo de nuevo.`,
  'model-checksum-changed': p =>
    `${p.file} ha cambiado: su SHA-256 es ${p.is} y antes era ${p.was}. Si confías en el archivo nuevo, borra sus líneas de ${p.lock} e inténtalo de nuevo.`,
  'disk-space-low': p =>
    `La descarga necesita ${p.needs} GB, y en ${p.path} hay ${p.free} GB libres. Libera espacio o define otro MODEL_FOLDER.`,
  'model-too-large': p =>
    `«${p.model}» necesita unos ${p.needs} GB de memoria, y ${p.device} tiene ${p.has} GB. Ejecuta «overscan models catalog» para ver qué cabe.`,
  'device-unusable': p =>
    `${p.device} no funciona en esta máquina: ${p.reason}. Ejecuta «overscan devices» para ver qué funciona.`,
  'cuda-platform-unsupported': p =>
    `La instalación de CUDA solo es compatible con Linux en x64 y ARM64, y esto es ${p.platform}. Usa ${p.instead}, que no necesita instalación.`,
  'cuda-not-installed': p =>
    `No se pudieron instalar las bibliotecas de CUDA: ${p.reason}. No ha cambiado nada más. Ejecuta el mismo comando para intentarlo de nuevo.`,
  'cuda-card-missing': () =>
    'No se encontró ninguna tarjeta NVIDIA: nvidia-smi no muestra ninguna. Instala el controlador de NVIDIA e inicia el contenedor con --gpus all. Para una imagen, añade --without-card.',
  'cuda-driver-too-old': p =>
    `El controlador de NVIDIA tiene la versión ${p.driver}, y CUDA 13 necesita la ${p.needs} o posterior. Actualiza el controlador. Hasta entonces, DEVICE=webgpu usa la tarjeta.`,
  'cuda-card-too-old': p =>
    `CUDA 13 no es compatible con esta tarjeta (${p.card}). Necesita una GeForce GTX 16, RTX 20 o más nueva. Pon DEVICE=webgpu para usar la tarjeta.`,
  'glibc-too-old': p =>
    `Las bibliotecas de CUDA necesitan glibc ${p.needs} o posterior, y este Linux tiene ${p.has ? `glibc ${p.has}` : 'otra biblioteca de C'}. Usa un Linux más nuevo o DEVICE=webgpu.`,
  'token-missing': () =>
    'Falta el token del bot. Crea uno en https://discord.com/developers/applications y pásalo con --token-file, --token o DISCORD_TOKEN.',
  'discord-unreachable': p =>
    `No se puede conectar con Discord: ${p.reason}. Comprueba la conexión de red de esta máquina.`,
  'discord-rejected': p =>
    `Discord acepta el token, pero rechaza la solicitud: ${p.reason} (${p.status}). Revisa los ajustes del bot en el portal de desarrolladores.`,
  'repository-ambiguous': p =>
    `«${p.repository}» no tiene ningún modelo de un solo archivo que Overscan conozca. ${p.files ? `Indica uno de sus archivos: ${p.files}.` : 'Elige otro repositorio.'}`,
  'model-exists': p => `Ya existe un modelo llamado «${p.model}». Elige otro --name.`,
  'model-name-invalid': p =>
    p.name === ''
      ? 'El modelo necesita un nombre. Pasa --name con un máximo de 80 letras, números, puntos y guiones.'
      : `«${p.name}» no puede ser el nombre de un modelo. Pasa --name con un máximo de 80 letras, números, puntos y guiones.`,
  'not-a-model': p =>
    `«${p.path}» no es un modelo. Añade un checkpoint (.safetensors), un modelo para quitar objetos (.onnx) o una carpeta de modelo.`,
  'model-source-unknown': p =>
    `No hay ningún archivo, modelo del catálogo ni repositorio llamado «${p.text}». ${p.closest ? `¿Querías decir ${p.closest}? ` : ''}Ejecuta «overscan models catalog» para ver los modelos que puedes añadir por su nombre.`,
  'model-name-too-long': p =>
    `El modelo «${p.model}» queda fuera: su nombre tiene ${p.model.length} caracteres y Discord acepta ${p.limit}. Cámbiale el nombre.`,
  'clip-skip': p =>
    `El codificador de texto de «${p.model}» no admite clip skip ${p.clipSkip}. Deja clip skip en su valor predeterminado.`,
  'size-invalid': p =>
    `«${p.text}» no es un tamaño válido. Escríbelo como 768x512, con cada lado de ${p.min} a ${p.max} píxeles.`,
  'model-overflowed': p =>
    `El modelo «${p.model}» dio valores que no son números, así que no hay imagen. Si es de media precisión, usa su versión de precisión completa. Si no, su archivo está dañado: añádelo otra vez.`,
  'model-unsupported': p =>
    `El modelo «${p.model}» no se puede usar porque Overscan no admite ${p.feature}. Elige otro modelo.`,
  'controlnet-unknown': p =>
    p.known === ''
      ? `No hay ningún ControlNet «${p.controlnet}»: no hay ninguno instalado. Pon uno en models/controlnet, como archivo .safetensors o como carpeta.`
      : `No hay ningún ControlNet «${p.controlnet}». Elige uno de estos: ${p.known}.`,
  'controlnet-unfit': p =>
    `El ControlNet «${p.controlnet}» no encaja con el modelo «${p.model}». Elige un ControlNet para el mismo tipo de modelo.`,
  'controlnet-needs-checkpoint': p =>
    `«${p.model}» se compone de grafos ONNX, que no funcionan con ControlNets. Elige un modelo .safetensors.`,
  'controlnet-unsupported': p =>
    p.kind === 'other'
      ? `«${p.controlnet}» no es un ControlNet. Pon un ControlNet en models/controlnet.`
      : `«${p.controlnet}» no se puede usar: el archivo es de tipo «${p.kind}», no un ControlNet completo. Usa la versión completa.`,
  'model-is-refiner': p =>
    `«${p.model}» es un refinador y no puede empezar una imagen. Elige otro modelo, y «${p.model}» como su refinador.`,
  'refiner-unfit': p =>
    `El refinador «${p.refiner}» no encaja con el modelo «${p.model}». Elige un refinador del mismo tipo, por ejemplo el de SDXL para un modelo SDXL.`,
  'sampler-unsupported': p =>
    `El modelo «${p.model}» no funciona con el muestreador ${p.sampler}. Elige otro, como Euler o DPM++ 2M.`,
  'model-unreadable': p =>
    `El modelo «${p.model}» no se puede usar. Descárgalo de nuevo o elige otro. Detalles: ${p.detail}`,
  'out-of-memory': p =>
    `No hay memoria suficiente para «${p.model}», ni siquiera en mosaicos pequeños: ${p.detail}. Prueba con una imagen más pequeña, con un modelo más pequeño o más tarde.`,
  'engine-killed': () =>
    'El sistema terminó el proceso que pinta, seguramente porque se agotó la memoria. Prueba con una imagen más pequeña o con otro modelo.',
  'engine-crashed': () =>
    'El proceso que pinta se ha bloqueado. Inténtalo de nuevo. Si vuelve a fallar, prueba con una imagen más pequeña.',
  'needs-model': p =>
    ({
      vary: 'Sin un modelo de difusión solo puedo variar imágenes que he pintado yo. Prueba primero con Alejar.',
      imagine:
        'Para pintar solo a partir de texto necesito un modelo de difusión, y no hay ninguno instalado. Mira /modelos o empieza con una imagen y /alejar.',
      creative:
        'Escalar (creativo) pinta con un modelo de difusión y no hay ninguno instalado. Quien administra el bot puede añadir uno: overscan models add sd15. Escalar (sutil) funciona sin modelo.',
    })[p.what],
  'needs-another-model': p =>
    `${p.engine} solo puede variar imágenes que he pintado yo. Elige un modelo que pueda variar cualquier imagen: ${p.models}.`,
  'recipe-mismatch': () =>
    'Esa no es la imagen con la que se hizo la receta, así que el resultado sería distinto. Envía el archivo original.',
  'attachment-missing': () => 'Ya no encuentro esa imagen en el mensaje. Elige otra.',
  'attachment-deleted': () => 'Esa imagen se ha eliminado o su enlace ha caducado. Envíala de nuevo con /alejar.',
  'attachment-unreachable': () => 'No he podido descargar esa imagen de Discord. Inténtalo de nuevo en un minuto.',
  'attachment-host-not-allowed': p =>
    `Solo leo imágenes subidas a Discord, no imágenes de ${p.host}. Súbela e inténtalo de nuevo.`,
  'button-unknown': () => 'Ese botón es demasiado antiguo o no es mío. Empieza de nuevo con /alejar.',
  'recipe-missing': () => 'Esa imagen no contiene su receta, así que no puedo repetirla. Empieza de nuevo con /alejar.',
  'source-missing': () =>
    'El original de esa imagen ya no está en su mensaje, así que no puedo repetirla. Empieza de nuevo con /alejar.',
  'not-yours': () => 'Solo puede hacerlo quien hizo la petición. Haz la tuya con /alejar.',
  'not-manager': () => 'Solo pueden hacerlo las personas que administran este servidor. Pídeselo a una de ellas.',
  'server-only': () => 'Eso solo funciona en un servidor. Pruébalo allí.',
  'channel-not-allowed': p => `No pinto en este canal. Usa ${p.channels}.`,
  'role-not-allowed': p =>
    `En este servidor solo pueden usarme ${p.roles}. Pide ese rol a alguien que administre el servidor.`,
  'restricted-only': () => 'En este servidor solo pinto en canales con restricción de edad. Usa uno de ellos.',
  'word-forbidden': p => `«${p.word}» no está permitido en los prompts de este servidor. Quítalo e inténtalo de nuevo.`,
  'queue-draining': () =>
    'La administración de este servidor ha cerrado la cola a nuevas peticiones. Inténtalo más tarde.',
  'job-already-ended': () => 'Esa petición ya ha terminado. Haz una nueva con /alejar.',
  'result-too-large': p =>
    `El resultado no cabe en el límite de ${p.limit} MB de Discord, ni siquiera comprimido. Envía una imagen más pequeña.`,
  'result-kept': p =>
    `No he podido entregar tus imágenes: ${refusals[p.why]}. Las guardo durante un día. Usa /cola míos para obtenerlas.`,
  'discord-refused': p => `No he podido hacerlo: ${refusals[p.why]}. Inténtalo en otro canal.`,
  'message-deleted': () => 'Ese mensaje se ha eliminado, o ya no puedo verlo. Empieza de nuevo con /alejar.',
  'direct-messages-closed': () =>
    'No puedo enviarte mensajes directos. Permítelos en los ajustes de privacidad de este servidor y vuelve a hacer clic en el botón.',
  'setting-missing': p => `${p.name} no está definido. Añádelo a .env (consulta docs/configuration.md).`,
  'setting-invalid': p => `Un ajuste no es válido: ${p.detail}. Corrígelo e inténtalo de nuevo.`,
  'configuration-invalid': p => configFaultLines(p.faults, faults),
  'bot-token-missing': p =>
    `DISCORD_TOKEN no está definido, pero ${p.because} sí, así que esto parece un bot para Discord. Añade el token a .env o ejecuta «overscan playground», que no necesita ninguno de los dos.`,
  'setting-not-writable': p =>
    `El valor de ${p.name} no se puede guardar en .env: contiene # o un salto de línea junto con todos los tipos de comillas. Defínelo como variable de entorno o elige otro valor.`,
  'login-refused': () =>
    'Discord rechaza DISCORD_TOKEN. Restablece el token del bot en el portal de desarrolladores y copia el nuevo en .env.',
  'queue-full': p => `La cola está llena (${p.waiting} peticiones). Inténtalo más tarde.`,
  'queue-full-for-person': p =>
    `Ya tienes ${p.waiting} peticiones en la cola; el límite es ${p.limit}. Espera a que termine una.`,
  'queue-full-for-server': p =>
    `Este servidor ya tiene ${p.waiting} peticiones en la cola; el límite es ${p.limit}. Inténtalo más tarde.`,
  'queue-unreachable': () =>
    'Ahora no se puede acceder a la cola. Las peticiones que contiene se conservan. Inténtalo de nuevo en un minuto.',
  'no-capable-worker': p =>
    `Ninguna máquina conectada puede pintar ${p.megapixels} megapíxeles con ${p.engine}. Envía una imagen más pequeña o elige otro modelo.`,
  'job-lost': () => 'Esta petición se ha perdido: esperó más de un día o sus imágenes ya no existen. Envíala de nuevo.',
  'job-incompatible': () => 'Esta petición se hizo con otra versión de este bot. Envíala de nuevo.',
  'disk-full': () =>
    'El disco de la máquina que aloja este bot está lleno, así que no se aceptó tu petición. Avisa a quien aloja este bot y vuelve a enviar la petición.',
  'folder-in-use': p => `Otro Overscan ya usa ${p.path}. Detenlo primero o define otro DATA_FOLDER.`,
  'port-taken': p => `Otro programa usa el puerto ${p.port}. Define otro ${p.setting}.`,
  'pages-not-built': () => 'Las páginas web no están compiladas. Ejecuta «npm run build».',
  'activity-secret-rejected': () =>
    'Discord rechaza el client secret del bot. Quien aloja este bot puede copiar un nuevo DISCORD_CLIENT_SECRET de la página OAuth2 del portal de desarrolladores.',
  'activity-login-refused': () => 'Discord no pudo confirmar quién eres. Cierra esto y ábrelo de nuevo.',
  'discord-not-responding': () => 'Discord no responde. Inténtalo de nuevo en un momento.',
  'quota-exceeded': p => {
    const quantity = p.what === 'pictures' ? pictures(p.limit) : `${p.limit} segundos de GPU`
    const whose = p.whose === 'server' ? 'Este servidor ha' : 'Has'
    return `${whose} agotado la cuota de ${quantity} ${p.per === 'hour' ? 'por hora' : 'por día'}. Inténtalo de nuevo ${relativeTime(p.until)}.`
  },
  'settings-corrupt': p =>
    `Los ajustes de ${p.path} no se pueden leer. Corrige el archivo o muévelo a otro lugar para empezar con ajustes nuevos.`,
  interrupted: () => 'Overscan se reinició antes de empezar con tu solicitud. Envíala otra vez.',
  cancelled: () => 'Cancelado.',
  stopped: () => 'Me estoy reiniciando, así que esta petición no se terminó. Envíala de nuevo en un minuto.',
  'operator-needed': p =>
    `Algo que este bot necesita no funciona, y solo quien lo aloja puede arreglarlo. Dale este código: ${p.incident}. La causa está en el registro.`,
  bug: p =>
    `Algo ha fallado por mi parte. Si vuelve a ocurrir, dale este código a quien aloja este bot: ${p.incident}.`,
}

const amount = (length: Length) => ('percent' in length ? `${length.percent}%` : `${length.pixels} px`)

const given = (length: Length) => ('percent' in length ? length.percent : length.pixels) > 0

const pictures = (count: number) => (count === 1 ? '1 imagen' : `${count} imágenes`)

function heading(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` a ${edit.aspect.width}:${edit.aspect.height}` : ''
      const at = edit.anchor ? ` (${anchors[edit.anchor]})` : ''
      return `Alejar ${edit.factor}×${to}${edit.grow ? ', mismos píxeles' : ''}${at}`
    }
    case 'extend': {
      const parts = (['left', 'right', 'top', 'bottom'] as const).filter(side => given(edit[side]))
      return `Extender ${parts.map(side => `${sides[side]} ${amount(edit[side])}`).join(', ')}`
    }
    case 'square':
      return 'Hacer cuadrada'
    case 'fit':
      return edit.exact ? `Ajustar a ${edit.width}×${edit.height} píxeles` : `Ajustar a ${edit.width}:${edit.height}`
    case 'place':
      return `Colocar en ${edit.width}×${edit.height} píxeles`
    case 'inpaint':
      return 'Variar (zona)'
    case 'remove':
      return 'Quitar'
    case 'vary':
      return edit.strength === 'subtle' ? 'Variar (sutil)' : 'Variar (fuerte)'
    case 'upscale':
      return edit.creative
        ? `Escalar (creativo) ${edit.scale}×`
        : `Escalar ${edit.scale}×${edit.history ? ', con el historial' : ''}`
    case 'imagine':
      return edit.hires ? `Imaginar (hires fix ${edit.hires.scale}×)` : 'Imaginar'
  }
}

/** The texts in Spanish. */
export const es: Translations = {
  problems,
  heading,
  sides,
  pages,

  progress: {
    next: 'Tu petición es la siguiente',
    position: place => `Posición ${place} en la cola`,
    starts: when => `empieza ${when}`,
    paused: 'En espera: la administración de este servidor ha pausado la cola',
    noWorker: 'No hay conectada ninguna máquina que pueda pintar. Tu petición empezará en cuanto haya una',
    restarting: 'Me estoy reiniciando. Tu petición conserva su posición y continúa sola',
    preview: 'Vista previa de la imagen sin terminar',
  },

  result: {
    seeds: seeds => `${seeds.length > 1 ? 'semillas' : 'semilla'} ${seeds.join(', ')}`,
    seconds: seconds => `${seconds} s`,
    requestedBy: mention => `para ${mention}`,
    pickedBy: mention => `elegida por ${mention}`,
    imageNumber: number => `Imagen n.º ${number}`,
    originalTitle: 'El original',
    journeyTitle: (pictures: number) => `Un viaje por ${pictures} imágenes`,
    ignoredPrompt: (engine, instead) =>
      `Tu prompt se ha ignorado: «${engine}» no puede leer texto. ${instead ? `Elige el modelo «${instead}» para usarlo` : 'Quien gestiona el bot puede instalar un modelo que lea texto'}`,
    ignoredOptions: (engine, options) => `«${engine}» ignora: ${options.join(', ')}`,
    optionNames: {
      prompt: 'prompt',
      strength: 'intensidad de reducción de ruido',
      content: 'contenido enmascarado',
      negative: 'prompt negativo',
      steps: 'pasos',
      sampler: 'muestreador',
      guidance: 'escala CFG',
      clipSkip: 'clip skip',
      refiner: 'refinador',
      preset: 'preajuste de outpainting',
      refine: 'pasada de refinado',
      seam: 'pasada de costura',
      control: 'ControlNet',
    },
    cannotPost:
      'No puedo publicar imágenes en este canal (faltan «Enviar mensajes» y «Adjuntar archivos»), así que no veré las respuestas a este mensaje',
    resampled: 'ampliada sin modelo: remuestreada, con el grano de la imagen; sin detalles nuevos',
    fromHistory: ({ pictures, end }) => {
      const shown =
        pictures === 1
          ? 'se ha recuperado el detalle de 1 imagen anterior'
          : `se ha recuperado el detalle de ${pictures} imágenes anteriores`
      switch (end) {
        case 'first':
          return shown
        case 'missing':
          return `${shown}; las imágenes previas no se han encontrado`
        case 'limit':
          return `${shown}; con más sería demasiado grande`
      }
    },
    memoryFallback: fallback => {
      switch (fallback.kind) {
        case 'device':
          return `${fallback.instead} se quedó sin memoria, así que lo pintó ${fallback.device}`
        case 'smaller':
          return `faltaba memoria, así que se pintó a unos ${fallback.side}×${fallback.side} píxeles y se amplió`
        case 'tiles':
          return 'faltaba memoria, así que el modelo pintó por mosaicos'
        case 'parts':
          return 'faltaba memoria, así que el modelo se cargó por mitades en cada paso'
      }
    },
    conversions: {
      'first-frame': 'solo se usó el primer fotograma de la animación',
      'first-page': 'solo se usó la primera página del archivo',
      '8-bit': 'la imagen tiene 16 bits por canal; el resultado, 8',
      srgb: 'los colores se convirtieron a sRGB',
    },
    control: ({ name, module, prefill, isDefault }) =>
      `ControlNet ${name} (${module}${prefill ? `, rellenado antes por ${prefill}` : ''})${isDefault ? ', elegido automáticamente; «control: none» lo desactiva' : ''}`,
    channelGone: 'Ya no puedo publicar en el canal donde lo pediste. Aquí tienes el resultado:',
    /** Why a result did not come as a message in its channel. */
    blockedByAutoMod: 'AutoMod ha bloqueado mi mensaje en el canal donde preguntaste, así que aquí está tu resultado',
    blockedAsExplicit:
      'El filtro de contenido explícito de Discord ha bloqueado mi mensaje en el canal donde preguntaste, así que aquí está tu resultado',
    threadClosed: 'El hilo donde preguntaste está archivado o bloqueado, así que aquí está tu resultado',
    refusedInChannel: 'Discord ha rechazado mi mensaje en el canal donde preguntaste, así que aquí está tu resultado',
    kept: 'guardado para ti, porque no he podido entregarlo',
    altText: (title, seed, prompt) => `${title}, semilla ${seed}${prompt && `: ${prompt}`}`,
  },

  buttons: {
    cancel: 'Cancelar',
    upscaleSubtle: 'Escalar (sutil)',
    upscaleCreative: 'Escalar (creativo)',
    upscaleHistory: 'Escalar (historial)',
    varySubtle: 'Variar (sutil)',
    varyStrong: 'Variar (fuerte)',
    varyRegion: 'Variar (zona)',
    zoom2: 'Alejar 2×',
    zoom15: 'Alejar 1.5×',
    customZoom: 'Zoom personalizado',
    square: 'Hacer cuadrada',
    remix: 'Remix',
    sendToDirectMessages: 'Enviar por MD',
    delete: 'Eliminar',
    recipe: 'Receta',
    original: 'Original',
    journey: 'Viaje',
    paint: 'Pintar',
    flip: 'Invertir',
    grow: 'Ampliar',
    shrink: 'Reducir',
  },

  drawingPage: {
    title:
      'Marca en el editor la zona que quieres repintar. El enlace funciona durante 30 minutos. También puedes enviar una máscara o elegir casillas de la cuadrícula.',
    openedInDiscord:
      'Marca en el editor que se abre aquí la zona que quieres repintar. El enlace también lo abre. También puedes enviar una máscara o elegir casillas de la cuadrícula.',
    openEditor: 'Abrir el editor',
    sendMask: 'Máscara o casillas…',
    chooseObjects: 'Objetos numerados…',
    extend:
      'Arrastra los lados de la imagen hacia fuera en el editor, o colócala en un nuevo marco. El enlace funciona durante 30 minutos. También puedes escribir longitudes.',
    extendOpened:
      'Arrastra los lados de la imagen hacia fuera en el editor que se abre aquí, o colócala en un nuevo marco. El enlace también lo abre. También puedes escribir longitudes.',
    sendLengths: 'Longitudes…',
  },
  activity: {
    nothing: 'Haz clic en «Variar (zona)» debajo de una imagen para editarla aquí.',
    outside: 'Esta página funciona dentro de Discord. Haz clic allí en «Variar (zona)» debajo de una imagen.',
    entering: 'Conectando con Discord…',
    silent: 'Discord no responde. Cierra esta página y ábrela de nuevo.',
    declined:
      'Sin tu permiso, Discord no le dice a esta página quién eres, así que no encuentra tu imagen. Solo lee tu nombre.',
    again: 'Intentar de nuevo',
  },
  modals: {
    whichPicture: 'Imagen',
    picture: number => `Imagen ${number}`,
    customZoom: 'Zoom personalizado',
    factor: 'Factor de zoom',
    factorHint: 'De 1 a 4; 1 solo con otra relación de aspecto',
    aspect: 'Relación de aspecto',
    aspectHint: 'Como 16:9; déjala vacía para usar la de la imagen',
    anchor: 'Anclaje',
    prompt: 'Prompt',
    promptHint: 'Lo que quieres ver ahí',
    creativePromptHint: 'Para Creativo: lo que muestra la imagen',
    remix: 'Editar el prompt',
    extend: 'Extender',
    lengthHint: 'Píxeles o porcentaje, como 256 o 25%',
    zoomOut: 'Alejar',
    square: 'Hacer cuadrada',
    upscale: 'Escalar',
    fit: 'Ajustar',
    shape: 'Forma',
    shapeHint: 'Una relación de aspecto como 16:9, o un tamaño como 960x540px',
    recipe: 'Receta',
    varyRegion: 'Variar (zona)',
    remove: 'Quitar',
    mask: 'Máscara',
    maskOrHolesHint: 'Blanco/transparente = repintar; o copia marcada. Vacío = rellenar las partes transparentes',
    maskOrObjectsHint: 'Blanco/transparente = repintar; o copia marcada. Todo vacío = elegir objetos numerados',
    maskHint: 'Blanco o transparente = repintar; o una copia de la imagen con tus marcas',
    cells: across => `O casillas de una cuadrícula de ${across}×${across}`,
    cell: (row, column) => `Fila ${row}, columna ${column}`,
  },

  confirmMask: {
    title: { inpaint: '¿Repintar esta zona?', remove: '¿Quitar esto?', fill: '¿Rellenar las partes transparentes?' },
    areaShare: percent => `${percent} de la imagen`,
    kinds: {
      'black-and-white': 'la parte blanca de tu máscara',
      transparent: 'la parte transparente de tu máscara',
      layer: 'lo que dibujaste en la capa transparente',
      marked: 'lo que marcaste',
      cells: 'las casillas que elegiste',
      objects: 'los objetos que elegiste',
      holes: 'la parte transparente de la imagen',
    },
    readAs: {
      'black-and-white': 'Pintar lo blanco',
      transparent: 'Pintar lo transparente',
      layer: 'Pintar lo dibujado',
      marked: 'Pintar lo marcado',
      cells: 'Pintar las casillas',
      holes: 'Rellenar las partes transparentes',
    },
    scaledToPicture: 'a escala de la imagen',
    lowConfidence: 'No estoy seguro de haber leído bien tu máscara. Compruébala.',
    overlay: 'La imagen; la zona que se va a pintar está rayada y contorneada',
  },

  objects: {
    title: '¿Qué objetos?',
    hint: 'Elige uno o varios por su número. Te enseño la zona antes de pintar.',
    choose: 'Elegir objetos',
    overlay: 'La imagen; sus objetos están contorneados y numerados',
  },

  direct: { sent: 'Enviado a tus mensajes directos.' },

  audit: {
    painted: (mention, title, link) => `${mention}: ${title} ${link}`,
    refused: (mention, channel, why) => `${mention} en ${channel}: ${why}`,
    settings: (mention, what) => `${mention} cambió los ajustes: ${what}`,
    queueCommand: (mention, what) => `${mention}: /cola ${what}`,
  },

  queue: {
    nothingOfYours: 'No tienes peticiones en la cola, y no hay resultados guardados para ti.',
    moreKept: (count: number) =>
      count === 1
        ? 'Hay otro resultado guardado para ti. Usa /cola míos de nuevo.'
        : `Hay otros ${count} resultados guardados para ti. Usa /cola míos de nuevo.`,
    title: 'Cola',
    empty: 'No hay nada en espera ni en curso.',
    running: percent => `${percent}%`,
    pictures,
    otherServers: count => (count === 1 ? 'y 1 petición de otro lugar' : `y ${count} peticiones de otros lugares`),
    paused: 'La cola está en pausa: las peticiones esperan y no empieza nada.',
    draining: 'La cola está cerrada a nuevas peticiones: las que están en espera se pintan.',
    open: 'La cola está abierta.',
    cancelledWaiting: count =>
      count === 1 ? 'Se canceló 1 petición en espera.' : `Se cancelaron ${count} peticiones en espera.`,
    cancelled: 'Cancelado.',
  },

  settings: {
    title: 'Ajustes del servidor',
    ownTitle: 'Tus ajustes',
    saved: 'Guardado.',
    allChannels: 'todos los canales',
    everyone: 'todos',
    none: 'ninguno',
    unset: 'Predeterminado',
    names: {
      channels: 'Canales',
      first: 'Prioridad',
      roles: 'Roles',
      quotas: 'Cuotas',
      variations: 'Variaciones (máximo)',
      engine: 'Modelo',
      upscaler: 'Escalador',
      steps: 'Pasos',
      colorMatch: 'Igualar colores',
      forbidden: 'Palabras bloqueadas',
      buttons: 'Quién puede usar los botones',
      language: 'Idioma',
      auditChannel: 'Canal de registro',
      spoiler: 'Spoilers',
      restrictedOnly: 'Solo en canales con restricción de edad',
      line: 'Cola',
      confirmMasks: 'Confirmar máscaras',
    },
    values: {
      author: 'quien hizo la petición',
      all: 'todos',
      never: 'nunca',
      always: 'siempre',
      unsure: 'solo en caso de duda',
      yes: 'sí',
      no: 'no',
      open: 'abierta',
      draining: 'cerrada a nuevas peticiones',
      paused: 'en pausa',
    },
    quota: (role, amounts, per) => `${role}: ${amounts.join(', ')} ${per}`,
    quotaPictures: pictures,
    quotaSeconds: seconds => `${seconds} segundos de GPU`,
    per: { hour: 'por hora', day: 'por día' },
  },

  info: {
    title: version => `Overscan ${version}`,
    description: 'Pinto lo que hay fuera del marco de una imagen.',
    models: names => `Modelos: ${names}`,
    device: device => `Dispositivo: ${device}`,
    queueLoad: (running, waiting) => `Cola: ${running} en curso, ${waiting} en espera`,
    remainingQuota: what => `Tu cuota restante: ${what}`,
    remainingPictures: (count, per) => `${pictures(count)} ${per}`,
    remainingGpuSeconds: (seconds, per) => `${seconds} segundos de GPU ${per}`,
    started: when => `Iniciado ${when}`,
  },

  models: {
    title: 'Modelos',
    fill: 'integrado, no necesita descarga; continúa la imagen a partir de lo que ya muestra; no puede leer texto',
    none: 'No hay ningún modelo de difusión instalado. Quien aloja este bot puede añadir uno a `models/`; docs/models.md explica cómo. Sin un modelo, los prompts se guardan pero se ignoran, y /imaginar no está disponible.',
    loras: 'LoRA para usar en los prompts de los modelos checkpoint:',
    controlNets: 'ControlNets para la opción `control`:',
  },

  recipe: {
    title: 'Receta',
    operation: 'Operación',
    prompt: 'Prompt',
    seed: 'Semilla',
    model: 'Modelo',
    source: 'Imagen original',
    mask: 'Máscara',
    howToRepeat: 'Para pintarla otra vez: /receta con esta imagen y con su original como fuente.',
  },

  dataDeleted: (settings, jobs) =>
    [
      settings ? 'Tus ajustes se han eliminado.' : 'No tenías ajustes guardados.',
      jobs > 0 ? `Tus peticiones en la cola se han cancelado (${jobs}).` : '',
      'Tu contador de uso se ha eliminado. Las imágenes solo están guardadas en los mensajes de Discord: haz clic en «Eliminar» debajo de una imagen para eliminarla.',
    ]
      .filter(Boolean)
      .join(' '),

  help: {
    title: 'Cómo usar Overscan',
    intro: [
      '**/alejar** y una imagen: cuatro versiones de lo que hay fuera de su marco.',
      'Debajo de cuatro imágenes: **U1–U4** elige una, **V1–V4** varía una, 🔄 lo intenta de nuevo.',
      'Debajo de una imagen: alejar más, extender un lado, hacerla cuadrada, repintar una zona.',
      'En la imagen de cualquiera: clic derecho (en el móvil: mantén pulsado) → **Aplicaciones** → Alejar, Extender, Repintar zona, Quitar.',
      'Para repintar una parte: **responde** a una de mis imágenes con una máscara o con una copia en la que hayas dibujado. Tu texto es el prompt.',
    ],
    example: 'Ejemplo',
    examples: {
      zoom: '/alejar imagen:vacaciones.jpg factor:2',
      extend: '/extender imagen:casa.png izquierda:25% derecha:25%',
      square: '/cuadrar imagen:retrato.jpg',
      fit: '/ajustar imagen:logo.png forma:banner del servidor',
      inpaint: '/repintar imagen:sala.jpg máscara:sala-máscara.png prompt:un sofá verde',
      remove: '/quitar imagen:playa.jpg máscara:playa-marcada.jpg',
      vary: '/variar imagen:overscan-1.png intensidad:sutil',
      imagine: '/imaginar prompt:un faro al atardecer aspecto:16:9',
      upscale: '/escalar imagen:zoom.png escala:4×',
      queue: '/cola ver',
      settings: '/ajustes míos confirmar:solo en caso de duda',
      info: '/info',
      help: '/ayuda comando:/alejar',
      models: '/modelos',
      recipe: '/receta imagen:overscan-1.png',
      'forget-me': '/olvídame',
    },
  },

  commands: {
    zoom: { name: 'alejar', description: 'Aleja: pinta lo que hay fuera del marco de una imagen' },
    extend: { name: 'extender', description: 'Extiende uno o varios lados de una imagen' },
    square: { name: 'cuadrar', description: 'Hace cuadrada una imagen pintando las partes que faltan' },
    fit: { name: 'ajustar', description: 'Ajusta una imagen a una forma pintando lo que falta, sin recortar' },
    inpaint: { name: 'repintar', description: 'Repinta una zona de una imagen' },
    remove: { name: 'quitar', description: 'Quita un objeto de una imagen' },
    vary: { name: 'variar', description: 'Pinta variaciones de una imagen' },
    imagine: { name: 'imaginar', description: 'Pinta una imagen a partir de texto' },
    upscale: { name: 'escalar', description: 'Amplía una imagen 2× o 4×' },
    queue: { name: 'cola', description: 'Muestra y gestiona la cola' },
    settings: { name: 'ajustes', description: 'Los ajustes de este servidor y los tuyos' },
    info: { name: 'info', description: 'Versión, modelos, dispositivo y carga de este bot' },
    help: { name: 'ayuda', description: 'Cómo usar este bot, con ejemplos' },
    models: { name: 'modelos', description: 'Muestra los modelos instalados' },
    recipe: { name: 'receta', description: 'Muestra cómo se hizo una imagen o la pinta otra vez' },
    'forget-me': { name: 'olvídame', description: 'Elimina todo lo que hay guardado sobre ti' },
  },

  subcommands: {
    show: { name: 'ver', description: 'Muestra el estado actual' },
    cancel: { name: 'cancelar', description: 'Cancela una de tus peticiones' },
    pause: { name: 'pausar', description: 'No empieza nada nuevo; las peticiones esperan (administración)' },
    resume: { name: 'reanudar', description: 'Reanuda la cola (administración)' },
    drain: { name: 'cerrar', description: 'Termina lo que está en espera y no acepta nada nuevo (administración)' },
    clear: { name: 'cancelar-todas', description: 'Cancela todas las peticiones en espera (administración)' },
    mine: { name: 'míos', description: 'Tus propios valores predeterminados' },
    'queue-mine': { name: 'míos', description: 'Tus peticiones, y los resultados que no he podido entregar' },
    channel: { name: 'canal', description: 'En qué canales pinta el bot (administración)' },
    role: { name: 'rol', description: 'Qué roles pueden usar el bot (administración)' },
    first: { name: 'prioridad', description: 'Qué roles tienen prioridad en la cola (administración)' },
    quota: { name: 'cuota', description: 'Cuánto puede pintar un rol; 0 quita el límite (administración)' },
    defaults: {
      name: 'predeterminados',
      description: 'Máximo de variaciones; modelo, escalador y pasos predeterminados (administración)',
    },
    words: { name: 'palabras', description: 'Palabras bloqueadas en los prompts (administración)' },
    buttons: { name: 'botones', description: 'Quién puede usar los botones debajo de una imagen (administración)' },
    language: { name: 'idioma', description: 'El idioma de los mensajes que ven todos (administración)' },
    audit: {
      name: 'registro',
      description: 'Registra las imágenes en un canal; déjalo vacío para parar (administración)',
    },
    safety: { name: 'seguridad', description: 'Spoilers y canales con restricción de edad (administración)' },
  },

  options: {
    image: { name: 'imagen', description: 'La imagen de partida' },
    factor: { name: 'factor', description: 'Factor de zoom: 1.5×, 2× o un número de 1 a 4 (1.5 por defecto)' },
    aspect: { name: 'aspecto', description: 'Otra relación de aspecto, como 16:9' },
    keep: { name: 'conservar', description: 'Qué queda igual: el tamaño o tus píxeles (por defecto: el tamaño)' },
    anchor: { name: 'anclaje', description: 'Dónde queda tu imagen en la nueva (por defecto: centro)' },
    left: { name: 'izquierda', description: 'Cuánto añadir a la izquierda, como 25% o 256' },
    right: { name: 'derecha', description: 'Cuánto añadir a la derecha' },
    top: { name: 'arriba', description: 'Cuánto añadir arriba' },
    bottom: { name: 'abajo', description: 'Cuánto añadir abajo' },
    shape: { name: 'forma', description: 'Una relación de aspecto como 16:9 o un uso de la lista' },
    mask: {
      name: 'máscara',
      description: 'Blanco o transparente = repintar; o una copia de la imagen con tus marcas',
    },
    'inpaint-mask': {
      name: 'máscara',
      description: 'Blanco/transparente = repintar; o copia marcada. Sin máscara, rellena las partes transparentes',
    },
    object: {
      name: 'objeto',
      description: 'Números de objetos, como 1, 3. Sin ellos y sin máscara te enseño los números',
    },
    'keep-alpha': {
      name: 'conservar-transparencia',
      description: 'Deja transparente lo que lo es; si no, también se pinta',
    },
    area: { name: 'área', description: 'Área de inpaint: toda la imagen o solo lo enmascarado (por defecto: toda)' },
    padding: {
      name: 'margen',
      description: 'Píxeles alrededor de la máscara que ve el modelo con «solo enmascarado» (32 por defecto)',
    },
    'mask-blur': {
      name: 'desenfoque-máscara',
      description: 'Desenfoque de máscara: ancho del borde suave en píxeles (0 por defecto)',
    },
    'mask-grow': { name: 'ampliar-máscara', description: 'Amplía la máscara en estos píxeles (0 por defecto)' },
    size: { name: 'tamaño', description: 'Redimensiona primero la imagen, como 768x512 (por defecto: sin cambios)' },
    resize: { name: 'modo-redimensión', description: 'Modo de redimensión (por defecto: solo redimensionar)' },
    preset: { name: 'preajuste', description: 'Uno de los scripts de outpainting de A1111 (modelos de difusión)' },
    'clip-skip': {
      name: 'clip-skip',
      description: 'Clip skip: la capa de CLIP usada, contada desde el final (modelos de difusión)',
    },
    refiner: {
      name: 'refinador',
      description: 'Refinador (refiner): segundo modelo que pinta los últimos pasos (modelos de difusión)',
    },
    'switch-at': {
      name: 'cambio-en',
      description: 'Parte de los pasos tras la que empieza el refinador (por defecto 0,8)',
    },
    control: {
      name: 'control',
      description: 'ControlNets: NOMBRE, o NOMBRE:tile y más con comas; none para ninguno (modelos de difusión)',
    },
    'control-weight': { name: 'control-peso', description: 'Cuánto cuentan los ControlNets, de 0 a 2 (por defecto 1)' },
    'control-start': {
      name: 'control-inicio',
      description: 'Parte de los pasos desde la que actúan los ControlNets (por defecto 0)',
    },
    'control-end': {
      name: 'control-fin',
      description: 'Parte de los pasos hasta la que actúan los ControlNets (por defecto 1)',
    },
    'control-mode': { name: 'control-modo', description: 'Qué es más importante (por defecto: equilibrado)' },
    'downsampling-rate': {
      name: 'reducción',
      description: 'Cuánto reduce :tile la imagen antes, de 1 a 8 (por defecto 1)',
    },
    refine: {
      name: 'refinar',
      description: 'Repinta las imágenes grandes otra vez por mosaicos (modelos de difusión)',
    },
    'color-match': {
      name: 'igualar-color',
      description: 'Iguala los colores pintados a la imagen en el borde de la máscara (por defecto: sí)',
    },
    seam: { name: 'costura', description: 'Repinta otra vez el borde entre lo viejo y lo nuevo (modelos de difusión)' },
    'masked-content': {
      name: 'contenido-enmascarado',
      description: 'Con qué empieza la zona enmascarada (por defecto: lo elige el modelo)',
    },
    strength: { name: 'intensidad', description: 'Cuánto cambia la imagen' },
    'denoising-strength': {
      name: 'reducción-de-ruido',
      description: 'Intensidad de reducción de ruido: cuánto cambia, de 0.05 a 1',
    },
    invert: { name: 'invertir', description: 'Invierte la máscara: repinta todo lo que no está enmascarado' },
    prompt: { name: 'prompt', description: 'Lo que quieres ver ahí (modelos que leen texto)' },
    variations: { name: 'variaciones', description: 'Cuántas imágenes pintar' },
    seed: { name: 'semilla', description: 'La misma semilla pinta las mismas imágenes (por defecto: al azar)' },
    model: { name: 'modelo', description: 'El modelo que pinta' },
    scale: { name: 'escala', description: 'Cuántas veces más ancha y alta: 2× (por defecto) o 4×' },
    detail: { name: 'detalle', description: 'Del historial: recupera el detalle de las imágenes de las que salió' },
    upscaler: { name: 'escalador', description: 'El escalador: lanczos, o uno instalado' },
    creative: {
      name: 'creativo',
      description: 'Repinta con un modelo de difusión: intensidad de reducción de ruido, normalmente 0.3',
    },
    'hires-fix': {
      name: 'hires-fix',
      description: 'Hires fix: cuántas veces ampliar, de 1 a 4, y repintar (normalmente 2)',
    },
    'hires-strength': {
      name: 'intensidad-hires',
      description: 'Hires fix: intensidad de reducción de ruido, de 0.05 a 1, normalmente 0.5',
    },
    spoiler: { name: 'spoiler', description: 'Oculta las imágenes hasta que se haga clic en ellas' },
    source: { name: 'fuente', description: 'La imagen original; pinta la receta otra vez' },
    command: { name: 'comando', description: 'El comando que quieres ver explicado' },
    job: { name: 'petición', description: 'La petición que quieres cancelar' },
    channel: { name: 'canal', description: 'El canal' },
    role: { name: 'rol', description: 'El rol' },
    allowed: { name: 'permitido', description: 'Si está permitido' },
    pictures: { name: 'imágenes', description: 'Número de imágenes; 0 para no poner límite' },
    seconds: { name: 'segundos', description: 'Segundos de GPU; 0 para no poner límite' },
    per: { name: 'periodo', description: 'El periodo de la cuota' },
    negative: {
      name: 'prompt-negativo',
      description: 'Prompt negativo: lo que no quieres ver (modelos de difusión)',
    },
    sampler: { name: 'muestreador', description: 'Método de muestreo (modelos de difusión)' },
    guidance: {
      name: 'escala-cfg',
      description: 'Escala CFG: fidelidad al prompt, de 1 a 30 (7 por defecto; modelos de difusión)',
    },
    steps: { name: 'pasos', description: 'Pasos de muestreo (modelos de difusión)' },
    add: { name: 'bloquear', description: 'Una palabra o frase que bloquear' },
    allow: { name: 'permitir', description: 'Una palabra o frase que permitir de nuevo' },
    who: { name: 'quién', description: 'Quién puede usarlos' },
    language: { name: 'idioma', description: 'El idioma' },
    'restricted-only': { name: 'restringido', description: 'Pinta solo en canales con restricción de edad' },
    confirm: { name: 'confirmar', description: 'Pregunta antes de pintar lo que marca una máscara' },
  },

  choices: {
    ...anchors,
    balanced: 'Equilibrado',
    'my prompt': 'Mi prompt es más importante',
    controlnet: 'El ControlNet es más importante',
    fromHistory: 'del historial',
    sameSize: 'mismo tamaño',
    myPixels: 'mis píxeles',
    whole: 'toda la imagen',
    masked: 'solo enmascarado',
    original: 'original',
    fill: 'relleno',
    'latent noise': 'ruido latente',
    'latent nothing': 'latente vacío',
    blur: 'alrededores difuminados',
    'edge color': 'color del borde',
    'matched noise': 'ruido como los alrededores',
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
    phone: 'fondo de pantalla de móvil (1179×2556)',
    hour: 'por hora',
    day: 'por día',
    author: 'quien hizo la petición',
    all: 'todos',
    never: 'nunca',
    always: 'siempre',
    unsure: 'solo en caso de duda',
  },

  contextMenus: {
    'Zoom out': 'Alejar',
    'Make Square': 'Hacer cuadrada',
    'Fit…': 'Ajustar…',
    Upscale: 'Escalar',
    'Extend…': 'Extender…',
    'Repaint region…': 'Repintar zona…',
    'Remove…': 'Quitar…',
    Recipe: 'Receta',
  },
}
