import type { Edit, Length } from '../inference/pipeline/edit.js'
import { type ConfigFaultTranslations, configFaultLines } from './config-faults.js'
import type { Translations } from './en.js'
import { relativeTime } from './relative-time.js'

const sides = { left: 'à gauche', right: 'à droite', top: 'en haut', bottom: 'en bas' }

const faults: ConfigFaultTranslations = {
  text: least => (least > 1 ? `un texte d’au moins ${least} caractères` : 'un texte'),
  number: (min, max) =>
    max === Number.MAX_SAFE_INTEGER ? `un nombre entier à partir de ${min}` : `un nombre entier de ${min} à ${max}`,
  choice: of => `l’un de ${of.join(', ')}`,
  address: schemes => `une adresse qui commence par ${schemes.join(' ou ')}`,
  devices:
    'cuda, dml, coreml, webgpu ou cpu ; cuda:1 ou dml:1 est la deuxième carte, et plusieurs se séparent par des virgules',
  malformed: (name, found, values) =>
    found === undefined
      ? `${name} ne convient pas tel quel : il faut ${values}.`
      : `${name} est « ${found} » ; il faut ${values}.`,
  unknown(name, line, meant) {
    const said = name === undefined ? 'quelque chose qui n’est pas un réglage' : `${name}, qui n’est pas un réglage`
    const where = line === undefined ? `L’environnement définit ${said}.` : `La ligne ${line} de .env définit ${said}.`
    return meant
      ? `${where} Voulais-tu dire ${meant} ?`
      : `${where} Enlève-le ; docs/configuration.md dit lesquels existent.`
  },
  twice: (name, lines) => `.env définit ${name} plus d’une fois, aux lignes ${lines.join(', ')}. N’en garde qu’une.`,
  unreadable: line =>
    `La ligne ${line} de .env est illisible : ce n’est ni NOM=valeur ni un commentaire, qui commence par #.`,
}

const problems: Translations['problems'] = {
  'no-such-file': p => `Il n’y a pas de fichier ${p.path}.`,
  'cannot-read': p => `Je ne peux pas lire ${p.path} : ${p.reason}.`,
  'cannot-write': p => `Je ne peux pas écrire dans ${p.path} : ${p.reason}.`,
  'not-a-picture': () =>
    'Ce fichier n’est pas une image que je sais lire. Envoie un PNG, JPEG, WebP, GIF, TIFF ou AVIF.',
  'picture-corrupt': () =>
    'Cette image est abîmée : j’arrive à lire le début, mais pas tout. Enregistre-la à nouveau et réessaie.',
  'picture-too-large': p =>
    `Cette image a ${p.megapixels} mégapixels et un plus long côté de ${p.side} ; ` +
    `je prends ${p.limit.megapixels} mégapixels et ${p.limit.side} pixels. Envoie-en une plus petite.`,
  'picture-too-small': p =>
    `Une image de ${p.width}×${p.height} est trop petite ; il me faut au moins ${p.limit} pixels par côté.`,
  'picture-transparent': () => 'Cette image est entièrement transparente : il n’y a rien à continuer.',
  'picture-missing': () => 'Il n’y a pas d’image dans ce message.',
  'file-too-large': p => `Ce fichier fait ${p.megabytes} Mo ; je prends ${p.limit} Mo. Envoie-en un plus petit.`,
  'canvas-too-large': p =>
    `La nouvelle image ferait ${p.width}×${p.height} ; je peux peindre ${p.limit} mégapixels. ` +
    'Demande moins, ou envoie une image plus petite.',
  'factor-out-of-range': p => `Je ne peux pas dézoomer ${p.factor}×. Choisis un facteur de ${p.min} à ${p.max}.`,
  'factor-invalid': p => `« ${p.text} » n’est pas un facteur. Écris un nombre de ${p.min} à ${p.max}, par exemple 1.5.`,
  'zoom-changes-nothing': () => 'Un facteur de 1 n’ajoute rien. Choisis-en un plus grand, ou un autre format avec.',
  'length-invalid': p =>
    `« ${p.text} » n’est pas une longueur (${sides[p.side]}). Écris des pixels ou un pourcentage, comme 256 ou 25%.`,
  'extend-changes-nothing': () => 'Rien ne serait ajouté. Dis combien pour au moins un côté, par exemple 25%.',
  'aspect-invalid': p => `« ${p.text} » n’est pas un format. Écris-le comme 16:9.`,
  'fit-changes-nothing': p => `L’image a déjà cette forme (${p.width}×${p.height}) : il n’y a rien à peindre.`,
  'mask-missing': () => 'Dis où : envoie un masque, ou choisis des cases de la grille.',
  'mask-size-differs': p =>
    `Le masque fait ${p.mask} mais l’image ${p.picture}. Envoie un masque de la même forme que l’image.`,
  'mask-empty': () =>
    'Le masque ne marque rien. Rends blanche ou transparente la partie à repeindre, ou dessine par-dessus sur une copie de l’image.',
  'mask-low-contrast': () =>
    'Je vois que quelque chose est marqué, mais trop faiblement pour en être sûr. Dessine plus franchement, ou avec plus de contraste.',
  'mask-not-recognized': () =>
    'Je n’y reconnais pas de masque : ce n’est ni du noir et blanc, ni de la transparence, ni une copie de l’image avec un dessin dessus.',
  'mask-full': () =>
    'Le masque marque toute l’image : il ne resterait rien à partir de quoi continuer. Laisse une partie en noir.',
  'edit-invalid': p => `Je ne comprends pas ce qu’il faut faire : ${p.detail}.`,
  'options-invalid': p => `Ces options ne conviennent pas : ${p.detail}.`,
  'variations-out-of-range': p => `Je ne peux pas peindre ${p.variations} variations. Choisis de 1 à ${p.max}.`,
  'seed-out-of-range': p => `${p.seed} n’est pas une graine. Choisis un nombre entier de 0 à ${p.max}.`,
  'engine-unknown': p => `Il n’y a pas de modèle « ${p.engine} ». Choisis parmi : ${p.known}.`,
  'model-incomplete': p => `Le modèle « ${p.model} » n’est pas complet. Il manque : ${p.missing}.`,
  'checkpoint-is-pickle': p =>
    `« ${p.file} » est un pickle, qui peut exécuter du code à la lecture. Prends le même modèle en fichier .safetensors.`,
  'checkpoint-truncated': p =>
    `« ${p.file} » est tronqué : il a ${p.has} octets et devrait en avoir au moins ${p.needs}. Télécharge-le de nouveau.`,
  'checkpoint-corrupt': p => `« ${p.file} » n’est pas un fichier .safetensors correct : ${p.detail}.`,
  'checkpoint-unknown': p =>
    `« ${p.file} » ne contient aucun modèle Stable Diffusion que je connaisse (1.x, 2.x ou XL).`,
  'checkpoint-incomplete': p => `Il manque des parties du modèle à « ${p.file} » : ${p.missing}.`,
  'checkpoint-is-lora': p =>
    `« ${p.file} » est un LoRA, pas un modèle. Mets-le dans models/lora et écris <lora:son-nom:0.8> dans le prompt.`,
  'lora-unknown': p => `Il n’y a pas de LoRA nommé « ${p.lora} ». Il y a : ${p.known || 'aucun'}.`,
  'lora-incompatible': p =>
    `Le LoRA « ${p.lora} » ne va pas avec le modèle « ${p.model} » : il a été fait pour un autre genre.`,
  'lora-needs-checkpoint': p =>
    `Les LoRA vont avec les modèles en fichiers .safetensors ; « ${p.model} » n’en est pas un.`,
  'download-failed': p =>
    `${p.url} n’a pas pu être téléchargé : ${p.reason}. La même commande reprend où celle-ci s’est arrêtée.`,
  'download-forbidden': p =>
    `${p.url} n’est pas ouvert à tous. Mets ton jeton dans HF_TOKEN (Hugging Face) ou CIVITAI_TOKEN, et accepte là-bas les conditions du modèle.`,
  'download-missing': p => `Il n’y a rien à ${p.url}.`,
  'download-corrupt': p => `« ${p.file} » est arrivé autrement qu’il a été publié et a été jeté. Réessaie.`,
  'model-checksum-changed': p =>
    `${p.file} n’est plus ce qu’il était : son SHA-256 est ${p.is} et était ${p.was}. Si tu te fies à ce qu’il est maintenant, efface ses lignes de ${p.lock} et réessaie.`,
  'disk-space-low': p =>
    `${p.needs} Go doivent venir, et ${p.path} a de la place pour ${p.free} Go. Fais de la place, ou choisis un autre MODEL_FOLDER.`,
  'model-too-large': p =>
    `« ${p.model} » demande environ ${p.needs} Go de mémoire, et ${p.device} en a ${p.has} ici. « overscan models catalogue » montre ce qui convient.`,
  'device-unusable': p => `${p.device} ne marche pas ici : ${p.reason}. « overscan devices » dit ce qui marche.`,
  'cuda-platform-unsupported': p =>
    `Les bibliothèques de CUDA ne viennent par ce chemin que pour Linux sur x64, et ceci est ${p.platform}. Ici, ${p.instead} peut calculer les modèles, sans rien installer.`,
  'cuda-not-installed': p =>
    `Les bibliothèques de CUDA n’ont pas pu être installées : ${p.reason}. Rien d’autre n’a changé ; la même commande réessaie.`,
  'token-missing': () =>
    'Le jeton du bot manque, et il n’y a personne à qui le demander. Donne-le par --token-file, --token ou DISCORD_TOKEN ; il se crée sur https://discord.com/developers/applications.',
  'discord-unreachable': p => `Discord est injoignable : ${p.reason}. Cette machine est-elle sur le réseau ?`,
  'discord-rejected': p => `Discord accepte le jeton, mais refuse : ${p.reason} (${p.status}).`,
  'repository-ambiguous': p =>
    `« ${p.repository} » n’a pas de modèle d’un seul tenant que je connaisse. ${p.files ? `Nomme l’un de ses fichiers : ${p.files}.` : ''}`,
  'model-exists': p => `Il y a déjà un modèle nommé « ${p.model} ». Choisis un autre --name.`,
  'model-name-invalid': () =>
    'Cela ne dit pas comment appeler le modèle. Choisis un --name de lettres, chiffres, points et tirets.',
  'clip-skip': p =>
    `L’encodeur de texte du modèle « ${p.model} » ne donne pas ce que demande clip skip ${p.clipSkip}. N’utilise pas clip skip.`,
  'size-invalid': p =>
    `« ${p.text} » n’est pas une taille. Écris-la comme 768x512, chaque côté de ${p.min} à ${p.max} pixels.`,
  'model-overflowed': p =>
    `Le modèle « ${p.model} » a calculé des valeurs trop grandes pour sa précision : il n’y a pas d’image. Utilise-le en pleine précision.`,
  'model-unreadable': p => `Le modèle « ${p.model} » est inutilisable : ${p.detail}`,
  'out-of-memory': p =>
    `La mémoire ne suffit pas ici pour « ${p.model} », même en petits morceaux : ${p.detail}. Une image ou un modèle plus petits tiendront peut-être ; réessaie plus tard si autre chose occupe la mémoire.`,
  'engine-killed': () =>
    'Le processus de peinture a été arrêté de l’extérieur, sans doute parce que cette machine manquait de mémoire. Une image plus petite ou un autre modèle tiendra peut-être.',
  'engine-crashed': () =>
    'Le processus de peinture est tombé en panne. Réessaie ; si cela recommence, prends une image plus petite.',
  'needs-model': p =>
    ({
      vary: 'Je ne peux varier que ce que j’ai peint moi-même : aucun modèle de diffusion n’est installé ici pour changer n’importe quelle image. Commence par dézoomer.',
      imagine:
        'Pour peindre à partir de mots seuls, il me faut un modèle de diffusion, et aucun n’est installé ici : /modèles en dit plus. D’ici là, commence avec une image et /dézoomer.',
    })[p.what],
  'needs-another-model': p =>
    `${p.engine} ne peut varier que ce que j’ai peint moi-même. Choisis un modèle qui peut changer n’importe quelle image : ${p.models}.`,
  'recipe-mismatch': () =>
    'Ce n’est pas l’image à partir de laquelle la recette a été faite ; le résultat serait différent. Envoie le fichier d’origine.',
  'attachment-missing': () => 'Je ne trouve plus cette image dans le message. Recommence à partir d’une autre.',
  'attachment-deleted': () =>
    'Cette image n’est plus là : elle a été supprimée, ou son lien a expiré. Renvoie-la avec /dézoomer.',
  'attachment-unreachable': () => 'Je n’ai pas réussi à récupérer cette image chez Discord. Réessaie dans une minute.',
  'attachment-host-not-allowed': p => `Je ne récupère que des images envoyées sur Discord, pas de ${p.host}.`,
  'button-unknown': () => 'Ce bouton n’est pas à moi, ou il est trop vieux pour moi. Recommence avec /dézoomer.',
  'recipe-missing': () =>
    'Cette image ne dit pas comment elle a été faite, je ne peux donc pas la refaire. Recommence avec /dézoomer.',
  'source-missing': () =>
    'L’image à partir de laquelle celle-ci a été faite n’est pas gardée avec elle, je ne peux donc pas la refaire. Recommence avec /dézoomer.',
  'not-yours': () => 'Seule la personne qui l’a demandé peut faire cela.',
  'not-manager': () => 'Seules les personnes qui gèrent ce serveur peuvent faire cela.',
  'server-only': () => 'Cela ne marche que dans un serveur.',
  'channel-not-allowed': p => `Je ne peins pas dans ce salon. Va dans ${p.channels}.`,
  'role-not-allowed': p => `Sur ce serveur, seuls ${p.roles} peuvent me demander de peindre.`,
  'restricted-only': () => 'Sur ce serveur, je ne peins que dans les salons avec restriction d’âge.',
  'word-forbidden': p => `« ${p.word} » n’est pas permis dans les prompts de ce serveur. Enlève-le.`,
  'queue-draining': () =>
    'Les responsables de ce serveur me laissent finir ce qui attend et ne rien prendre de nouveau. Réessaie plus tard.',
  'job-already-ended': () => 'C’est déjà terminé.',
  'result-too-large': p =>
    `Le résultat ne tient pas dans les ${p.limit} Mo de Discord, même compressé. Envoie une image plus petite.`,
  'direct-messages-closed': () =>
    'Tu n’acceptes pas mes messages privés. Autorise-les dans les paramètres de confidentialité de ce serveur, puis appuie à nouveau.',
  'setting-missing': p => `${p.name} n’est pas défini. Mets-le dans .env (docs/configuration.md dit ce que c’est).`,
  'setting-invalid': p => `Un réglage est faux : ${p.detail}.`,
  'configuration-invalid': p => configFaultLines(p.faults, faults),
  'bot-token-missing': p =>
    `DISCORD_TOKEN n’est pas défini, mais ${p.because} l’est : ce doit donc être un bot sur Discord. Mets le jeton dans .env, ou essaie le bac à sable, qui n’a besoin ni de l’un ni de l’autre, avec « overscan playground ».`,
  'setting-not-writable': p =>
    `${p.name} ne peut pas être écrit dans .env : avec # ou un saut de ligne et toutes les sortes de guillemets, il ne serait pas relu tel quel. Définis-le dans l’environnement, ou choisis-en un autre.`,
  'login-refused': () =>
    'Discord refuse DISCORD_TOKEN. Copie à nouveau le jeton du bot depuis le portail des développeurs.',
  'queue-full': p => `${p.waiting} demandes attendent déjà, c’est tout ce que je prends. Réessaie plus tard.`,
  'queue-full-for-person': p =>
    `Tu as déjà ${p.waiting} demandes en attente, et j’en garde ${p.limit} par personne. Laisse-en finir quelques-unes.`,
  'queue-full-for-server': p =>
    `${p.waiting} demandes de ce serveur attendent déjà, et j’en garde ${p.limit} par serveur. Réessaie plus tard.`,
  'queue-unreachable': () =>
    'La file des demandes est injoignable pour l’instant. Ce qui y attend est conservé. Réessaie dans une minute.',
  'no-capable-worker': p =>
    `Aucune machine connectée ne peut peindre ${p.megapixels} mégapixels avec ${p.engine}. Demande une image plus petite.`,
  'job-lost': () =>
    'Cette demande s’est perdue en route : elle a attendu plus d’un jour, ou ses images n’existent plus. Redemande.',
  'job-incompatible': () => 'Cette demande vient d’une autre version de moi que je ne comprends pas. Redemande.',
  'disk-full': () =>
    'Le disque de ma machine est plein, rien n’a donc été accepté. Préviens le propriétaire du bot, puis redemande.',
  'folder-in-use': p =>
    `Un autre Overscan travaille déjà dans ${p.path}. Arrête-le d’abord, ou choisis un autre DATA_FOLDER.`,
  'port-taken': p => `Le port ${p.port} est pris par un autre programme. Choisis un autre ${p.setting}.`,
  'pages-not-built': () => 'Les pages n’ont pas été construites. Lance npm run build.',
  'activity-secret-rejected': () =>
    'Discord n’accepte pas le client secret du bot. La personne qui l’exploite doit redéfinir DISCORD_CLIENT_SECRET, d’après sa page OAuth2 dans le portail développeur de Discord.',
  'activity-login-refused': () => 'Discord ne confirme pas qui tu es. Ferme ceci et ouvre-le de nouveau.',
  'discord-not-responding': () => 'Discord ne dit pas pour l’instant qui tu es. Réessaie dans un moment.',
  'quota-exceeded': p => {
    const quantity = p.what === 'pictures' ? pictures(p.limit) : `${p.limit} secondes de GPU`
    const whose = p.whose === 'server' ? 'Ce serveur a' : 'Tu as'
    return `${whose} épuisé ${quantity} ${p.per === 'hour' ? 'par heure' : 'par jour'}. Ça reprend ${relativeTime(p.until)}.`
  },
  'settings-corrupt': p =>
    `Les réglages dans ${p.path} sont illisibles. Répare le fichier, ou déplace-le pour repartir de zéro.`,
  cancelled: () => 'Annulé.',
  stopped: () => 'On me redémarre, ceci n’a donc pas été terminé. Redemande dans une minute.',
  bug: p =>
    `Quelque chose s’est mal passé de mon côté. Si cela recommence, donne ce numéro au propriétaire du bot : ${p.incident}.`,
}

const amount = (length: Length) => ('percent' in length ? `${length.percent}%` : `${length.pixels} px`)

const given = (length: Length) => ('percent' in length ? length.percent : length.pixels) > 0

const pictures = (count: number) => `${count} ${count < 2 ? 'image' : 'images'}`

function heading(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` en ${edit.aspect.width}:${edit.aspect.height}` : ''
      return `Dézoomer ${edit.factor}×${to}${edit.grow ? ', mêmes pixels' : ''}`
    }
    case 'extend': {
      const parts = (['left', 'right', 'top', 'bottom'] as const).filter(side => given(edit[side]))
      return `Étendre ${parts.map(side => `${sides[side]} ${amount(edit[side])}`).join(', ')}`
    }
    case 'square':
      return 'Rendre carré'
    case 'fit':
      return edit.exact ? `Adapter à ${edit.width}×${edit.height} pixels` : `Adapter à ${edit.width}:${edit.height}`
    case 'inpaint':
      return 'Varier (zone)'
    case 'remove':
      return 'Enlever'
    case 'vary':
      return edit.strength === 'subtle' ? 'Varier (subtil)' : 'Varier (fort)'
    case 'imagine':
      return 'Imaginer'
  }
}

/** What Overscan says, in French. */
export const fr: Translations = {
  problems,
  heading,
  sides,

  progress: {
    next: 'Prochain de la file',
    position: place => `Numéro ${place} dans la file`,
    starts: when => `commence ${when}`,
    paused: 'En attente : les responsables de ce serveur ont mis la file en pause',
    noWorker: 'Aucune machine qui peint n’est connectée. Cela commencera dès qu’il y en aura une',
    restarting: 'On me redémarre. Cette demande garde sa place et continuera d’elle-même',
    preview: 'Un aperçu de l’image inachevée',
  },

  result: {
    seeds: seeds => `${seeds.length > 1 ? 'graines' : 'graine'} ${seeds.join(', ')}`,
    seconds: seconds => `${seconds} s`,
    requestedBy: mention => `pour ${mention}`,
    pickedBy: mention => `choisie par ${mention}`,
    imageNumber: number => `Image n° ${number}`,
    originalTitle: 'L’original',
    journeyTitle: (pictures: number) => `Un voyage à travers ${pictures} images`,
    ignoredOptions: (engine, options) => `${engine} ne fait rien de : ${options.join(', ')}`,
    optionNames: {
      prompt: 'prompt',
      strength: 'force',
      content: 'contenu masqué',
      negative: 'prompt négatif',
      steps: 'étapes',
      sampler: 'échantillonneur',
      guidance: 'échelle CFG',
      clipSkip: 'clip skip',
      preset: 'préréglage',
      refine: 'affinage',
      seam: 'passe de raccord',
    },
    cannotPost:
      'Je n’ai pas le droit de poster des images dans ce salon (Envoyer des messages et Joindre des fichiers) : les réponses à ce message ne m’arrivent pas',
    memoryFallback: saving => {
      switch (saving.kind) {
        case 'device':
          return `${saving.instead} n’a pas assez de mémoire pour cela, c’est donc ${saving.device} qui a peint`
        case 'smaller':
          return `la mémoire manquait : peint à environ ${saving.side}×${saving.side} pixels, puis agrandi`
        case 'tiles':
          return 'la mémoire manquait : le modèle a fait l’image par carreaux'
      }
    },
    channelGone: 'Le salon où tu as demandé a disparu ou m’est fermé, alors voici :',
    altText: (title, seed, prompt) => `${title}, graine ${seed}${prompt && ` : ${prompt}`}`,
  },

  buttons: {
    cancel: 'Annuler',
    varySubtle: 'Varier (subtil)',
    varyStrong: 'Varier (fort)',
    varyRegion: 'Varier (zone)',
    zoom2: 'Dézoomer 2×',
    zoom15: 'Dézoomer 1.5×',
    customZoom: 'Zoom personnalisé',
    square: 'Rendre carré',
    remix: 'Remix',
    direct: 'M’envoyer',
    delete: 'Supprimer',
    recipe: 'Recette',
    original: 'Original',
    journey: 'Voyage',
    paint: 'Peindre',
    flip: 'Inverser',
    grow: 'Agrandir',
    shrink: 'Réduire',
  },

  drawingPage: {
    title:
      'Dessine ce qu’il faut repeindre, sur une page ouverte pour toi pendant une demi-heure ; ou envoie un masque, ou nomme des cases.',
    opened:
      'Dessine ce qu’il faut repeindre sur la page qui s’ouvre ici. Le lien ouvre la même page ; ou envoie un masque, ou nomme des cases.',
    draw: 'Dessiner',
    mask: 'Masque ou cases…',
  },
  activity: {
    nothing: 'Appuie sur Varier (zone) sous une image pour dessiner dessus.',
    outside: 'Cette page s’ouvre dans Discord : appuie là-bas sur Varier (zone) sous une image.',
    entering: 'On demande à Discord qui tu es…',
    silent: 'Discord ne répond pas à cette page. Ferme-la et ouvre-la de nouveau.',
    declined:
      'Sans ton accord, Discord ne dit pas qui tu es et la page ne trouve pas ton image. Elle ne demande que ton nom.',
    again: 'Réessayer',
  },
  modals: {
    which: 'Quelle image',
    picture: number => `Image ${number}`,
    customZoom: 'Zoom personnalisé',
    factor: 'De combien reculer',
    factorHint: 'De 1 à 4 ; 1 seulement avec un autre format',
    aspect: 'Format',
    aspectHint: 'Comme 16:9 ; vide pour celui de l’image',
    prompt: 'Prompt',
    promptHint: 'Ce que tu aimerais y voir',
    remix: 'Modifier le prompt',
    extend: 'Étendre',
    lengthHint: 'Pixels ou pourcentage, comme 256 ou 25%',
    zoomOut: 'Dézoomer',
    region: 'Varier (zone)',
    remove: 'Enlever',
    mask: 'Masque',
    maskHint: 'Le blanc ou le transparent est peint ; ou une copie de l’image avec ton dessin dessus',
    cells: across => `Ou des cases d’une grille ${across}×${across}`,
    cell: (row, column) => `Ligne ${row}, colonne ${column}`,
  },

  confirmMask: {
    title: 'Est-ce bien cela que je dois peindre ?',
    share: percent => `${percent} de l’image`,
    kinds: {
      'black-and-white': 'la partie blanche de ton masque',
      'see-through': 'la partie transparente de ton masque',
      marked: 'ce que tu as dessiné par-dessus',
      cells: 'les cases que tu as choisies',
    },
    scaled: 'mis à l’échelle de l’image',
    unsure: 'Je n’en suis pas sûr : jette un coup d’œil.',
    overlay: 'L’image ; ce qui sera peint est hachuré et entouré',
  },

  direct: { sent: 'Je te l’ai envoyée.' },

  audit: {
    done: (mention, title, link) => `${mention} : ${title} ${link}`,
    refused: (mention, channel, why) => `${mention} dans ${channel} : ${why}`,
    settings: (mention, what) => `${mention} a changé les réglages : ${what}`,
    line: (mention, what) => `${mention} : /file ${what}`,
  },

  queue: {
    title: 'La file',
    empty: 'Rien n’attend et rien ne tourne.',
    running: percent => `${percent}%`,
    pictures,
    elsewhere: count => (count === 1 ? 'et une demande d’ailleurs' : `et ${count} demandes d’ailleurs`),
    paused: 'La file est en pause : ce qui attend reste, rien ne commence.',
    draining: 'La file se vide : ce qui attend est peint, rien de nouveau n’est pris.',
    open: 'La file est ouverte.',
    cleared: count => (count < 2 ? `${count} demande en attente annulée.` : `${count} demandes en attente annulées.`),
    cancelled: 'Annulé.',
  },

  settings: {
    title: 'Réglages de ce serveur',
    mine: 'Tes propres réglages',
    saved: 'Enregistré.',
    everywhere: 'tous les salons',
    everybody: 'tout le monde',
    none: 'aucun',
    names: {
      channels: 'Salons',
      first: 'Priorité',
      roles: 'Rôles',
      quotas: 'Quotas',
      variations: 'Variations au plus',
      engine: 'Modèle',
      steps: 'Étapes',
      forbidden: 'Mots interdits',
      buttons: 'Qui peut appuyer sur les boutons',
      language: 'Langue',
      auditChannel: 'Salon d’audit',
      spoiler: 'Spoilers',
      restrictedOnly: 'Seulement dans les salons avec restriction d’âge',
      line: 'File',
      confirmMasks: 'Demander pour les masques',
    },
    values: {
      author: 'la personne qui a demandé',
      all: 'tout le monde',
      never: 'jamais',
      always: 'toujours',
      unsure: 'seulement en cas de doute',
      yes: 'oui',
      no: 'non',
      open: 'ouverte',
      draining: 'se vide',
      paused: 'en pause',
    },
    quota: (role, amounts, per) => `${role} : ${amounts.join(', ')} ${per}`,
    quotaPictures: pictures,
    quotaSeconds: seconds => `${seconds} secondes de GPU`,
    per: { hour: 'par heure', day: 'par jour' },
  },

  info: {
    title: version => `Overscan ${version}`,
    what: 'Je peins ce qui se trouve hors du cadre d’une image.',
    models: names => `Modèles : ${names}`,
    device: device => `Peint sur : ${device}`,
    busy: (running, waiting) => `En ce moment : ${running} en cours, ${waiting} en attente`,
    left: what => `Il te reste : ${what}`,
    leftPictures: (count, per) => `${pictures(count)} ${per}`,
    leftSeconds: (seconds, per) => `${seconds} secondes de GPU ${per}`,
    since: when => `Réveillé : ${when}`,
  },

  models: {
    title: 'Modèles',
    fill: 'intégré, sans poids à télécharger : continue ce qu’il y a dans l’image ; ne lit pas les prompts',
    none: 'Aucun modèle de diffusion n’est installé. Qui me fait tourner peut en mettre un dans le dossier models ; docs/models.md dit comment. Sans lui, les images sont continuées à partir d’elles-mêmes : les prompts sont gardés mais pas lus, et /imaginer n’a rien pour peindre.',
    loras: 'LoRA à écrire dans les prompts pour les checkpoints :',
  },

  recipe: {
    title: 'Recette',
    operation: 'Opération',
    prompt: 'Prompt',
    seed: 'Graine',
    model: 'Modèle',
    source: 'Faite à partir de',
    mask: 'Masque',
    again: 'Encore la même : /recette avec cette image, et comme source celle dont elle a été faite.',
  },

  dataDeleted: (settings, jobs) =>
    [
      settings ? 'Tes réglages sont supprimés.' : 'Je n’avais aucun réglage de toi.',
      jobs > 0 ? `Ce que tu avais dans la file est annulé (${jobs}).` : '',
      'Mon décompte de ce que tu as peint est supprimé. Les images sont dans les messages de Discord, pas chez moi : « Supprimer » sous une image l’enlève.',
    ]
      .filter(Boolean)
      .join(' '),

  help: {
    title: 'Comment m’utiliser',
    intro: [
      '**/dézoomer** et une image : quatre versions de ce qui se trouve hors de son cadre.',
      'Sous quatre images : **U1–U4** en sort une, **V1–V4** en varie une, 🔄 les repeint.',
      'Sous une image : dézoomer encore, étendre un côté, la rendre carrée, repeindre une zone.',
      'Sur l’image de n’importe qui : clic droit (ou appui long) → **Applications** → Dézoomer, Étendre, Repeindre une zone, Enlever.',
      'Pour repeindre une partie : **réponds** à une de mes images avec un masque, ou avec une copie sur laquelle tu as dessiné avec le marqueur de ton téléphone ; tes mots sont le prompt.',
    ],
    example: 'Par exemple',
    examples: {
      zoom: '/dézoomer image:vacances.jpg facteur:2',
      extend: '/étendre image:maison.png gauche:25% droite:25%',
      square: '/carré image:portrait.jpg',
      fit: '/adapter image:logo.png forme:bannière de serveur',
      inpaint: '/repeindre image:salon.jpg masque:salon-masque.png prompt:un canapé vert',
      remove: '/enlever image:plage.jpg masque:plage-marquée.jpg',
      vary: '/varier image:overscan-1.png force:subtil',
      imagine: '/imaginer prompt:un phare au crépuscule format:16:9',
      queue: '/file voir',
      settings: '/réglages miens confirmer:seulement en cas de doute',
      info: '/infos',
      help: '/aide commande:/dézoomer',
      models: '/modèles',
      recipe: '/recette image:overscan-1.png',
      'forget-me': '/oublie-moi',
    },
  },

  commands: {
    zoom: { name: 'dézoomer', description: 'Peint ce qui se trouve hors du cadre d’une image' },
    extend: { name: 'étendre', description: 'Ajoute à un ou plusieurs côtés d’une image' },
    square: { name: 'carré', description: 'Rend une image carrée en peignant ce qui manque' },
    fit: { name: 'adapter', description: 'Met une image en forme en peignant ce qui manque, sans rogner' },
    inpaint: { name: 'repeindre', description: 'Repeint une zone d’une image' },
    remove: { name: 'enlever', description: 'Enlève quelque chose d’une image' },
    vary: { name: 'varier', description: 'La même image encore, mais différente' },
    imagine: { name: 'imaginer', description: 'Peint une image à partir de mots' },
    queue: { name: 'file', description: 'Ce qui attend et ce qui tourne' },
    settings: { name: 'réglages', description: 'Comment je me comporte sur ce serveur, et pour toi' },
    info: { name: 'infos', description: 'Sur quoi je tourne, et combien j’ai à faire' },
    help: { name: 'aide', description: 'Ce que je sais faire, avec des exemples' },
    models: { name: 'modèles', description: 'Ce qui est installé pour peindre' },
    recipe: { name: 'recette', description: 'Comment une image a été faite ; encore la même' },
    'forget-me': { name: 'oublie-moi', description: 'Supprime ce qui est enregistré sur moi' },
  },

  subcommands: {
    show: { name: 'voir', description: 'Montre où on en est' },
    cancel: { name: 'annuler', description: 'Annule une de mes demandes' },
    pause: { name: 'pause', description: 'Ne commence rien ; ce qui attend reste (responsables)' },
    resume: { name: 'reprendre', description: 'Continue (responsables)' },
    drain: { name: 'vider', description: 'Peint ce qui attend, ne prend rien de nouveau (responsables)' },
    clear: { name: 'effacer', description: 'Annule tout ce qui attend (responsables)' },
    mine: { name: 'miens', description: 'Tes propres valeurs par défaut' },
    channel: { name: 'salon', description: 'Dans quels salons je peins (responsables)' },
    role: { name: 'rôle', description: 'Qui peut me demander de peindre (responsables)' },
    first: { name: 'priorité', description: 'Qui passe avant les autres (responsables)' },
    quota: { name: 'quota', description: 'Combien un rôle peut peindre ; 0 le lève (responsables)' },
    defaults: { name: 'défauts', description: 'Variations au plus, modèle et étapes (responsables)' },
    words: { name: 'mots', description: 'Les mots interdits dans les prompts (responsables)' },
    buttons: { name: 'boutons', description: 'Qui peut appuyer sur les boutons sous une image (responsables)' },
    language: { name: 'langue', description: 'La langue de ce que tout le monde voit (responsables)' },
    audit: {
      name: 'audit',
      description: 'Un salon qui raconte ce qui a été peint ; aucun pour l’arrêter (responsables)',
    },
    safety: { name: 'protection', description: 'Spoilers et salons avec restriction d’âge (responsables)' },
  },

  options: {
    image: { name: 'image', description: 'L’image de départ' },
    factor: { name: 'facteur', description: 'De combien reculer : 1.5×, 2× ou un nombre de 1 à 4 (1.5)' },
    aspect: { name: 'format', description: 'Un autre format, comme 16:9' },
    keep: { name: 'garder', description: 'Ce qui reste pareil : la taille, ou mes pixels (taille)' },
    left: { name: 'gauche', description: 'Combien ajouter à gauche, comme 25% ou 256' },
    right: { name: 'droite', description: 'Combien ajouter à droite' },
    top: { name: 'haut', description: 'Combien ajouter en haut' },
    bottom: { name: 'bas', description: 'Combien ajouter en bas' },
    shape: { name: 'forme', description: 'Un format comme 16:9, ou l’usage de l’image' },
    mask: {
      name: 'masque',
      description: 'Le blanc ou le transparent est peint ; ou une copie de l’image avec un dessin',
    },
    area: { name: 'étendue', description: 'Ce que voit le modèle : toute l’image, ou la partie masquée (toute)' },
    padding: { name: 'marge', description: 'Pixels autour de la partie masquée que le modèle voit aussi (32)' },
    'mask-blur': { name: 'flou', description: 'Sur combien de pixels l’ancien se fond dans le nouveau (0)' },
    'mask-grow': { name: 'agrandir-masque', description: 'De combien de pixels le masque est agrandi (0)' },
    size: { name: 'taille', description: 'Taille que l’image prend d’abord, comme 768x512 (la sienne)' },
    resize: { name: 'redimensionnement', description: 'De quelle façon elle prend cette taille (simple)' },
    preset: { name: 'préréglage', description: 'Un script d’outpainting d’A1111 (pour les modèles de diffusion)' },
    'clip-skip': {
      name: 'clip-skip',
      description: 'Couche de CLIP prise, depuis la fin (pour les modèles de diffusion)',
    },
    refine: { name: 'affiner', description: 'Repasser les grandes images par tuiles (pour les modèles de diffusion)' },
    seam: { name: 'raccord', description: 'Repeindre la limite avec l’ancien (pour les modèles de diffusion)' },
    'masked-content': { name: 'contenu', description: 'Ce qu’il y a d’abord sous le masque (choix du modèle)' },
    strength: { name: 'force', description: 'Jusqu’où le nouveau peut s’éloigner de l’ancien' },
    'denoising-strength': {
      name: 'débruitage',
      description: 'Jusqu’où le nouveau peut s’éloigner de l’ancien, 0.05 à 1',
    },
    invert: { name: 'inverser', description: 'Peint ce que le masque laisse de côté' },
    prompt: { name: 'prompt', description: 'Ce que tu aimerais y voir (pour les modèles qui lisent)' },
    variations: { name: 'variations', description: 'Combien d’images peindre' },
    seed: { name: 'graine', description: 'La même graine repeint les mêmes images (au hasard)' },
    model: { name: 'modèle', description: 'Ce qui peint' },
    spoiler: { name: 'spoiler', description: 'Cache les images jusqu’à ce qu’on clique dessus' },
    source: { name: 'source', description: 'L’image dont elle a été faite : la repeint' },
    command: { name: 'commande', description: 'Laquelle' },
    job: { name: 'demande', description: 'Laquelle de tes demandes' },
    channel: { name: 'salon', description: 'Quel salon' },
    role: { name: 'rôle', description: 'Quel rôle' },
    allowed: { name: 'permis', description: 'Si c’est permis' },
    pictures: { name: 'images', description: 'Combien d’images ; 0 pour aucune limite' },
    seconds: { name: 'secondes', description: 'Combien de secondes de GPU ; 0 pour aucune limite' },
    per: { name: 'par', description: 'Dans quel délai' },
    negative: { name: 'négatif', description: 'Ce qu’on ne doit pas voir (pour les modèles de diffusion)' },
    sampler: { name: 'échantillonneur', description: 'La méthode (pour les modèles de diffusion)' },
    guidance: { name: 'échelle-cfg', description: 'Fidélité au prompt, de 1 à 30 (7 ; pour les modèles de diffusion)' },
    steps: { name: 'étapes', description: 'Étapes de l’échantillonneur (pour les modèles de diffusion)' },
    add: { name: 'interdire', description: 'Un mot ou une expression à interdire' },
    allow: { name: 'permettre', description: 'Un mot ou une expression à permettre à nouveau' },
    who: { name: 'qui', description: 'Qui peut appuyer' },
    language: { name: 'langue', description: 'Quelle langue' },
    'restricted-only': { name: 'restreint', description: 'Ne peindre que dans les salons avec restriction d’âge' },
    confirm: { name: 'confirmer', description: 'Montrer ce que dit un masque avant de peindre' },
  },

  choices: {
    sameSize: 'même taille',
    myPixels: 'mes pixels',
    whole: 'toute l’image',
    masked: 'seulement le masque',
    original: 'original',
    fill: 'remplissage',
    'latent noise': 'bruit latent',
    'latent nothing': 'rien de latent',
    'poor-mans-outpainting': 'script « Poor man’s outpainting »',
    'outpainting-mk2': 'outpainting mk2',
    'just resize': 'redimensionner simplement',
    'crop and resize': 'recadrer et redimensionner',
    'resize and fill': 'redimensionner et remplir',
    subtle: 'subtil',
    strong: 'fort',
    serverBanner: 'bannière de serveur (960×540)',
    inviteSplash: 'fond d’invitation (1920×1080)',
    icon: 'icône de serveur (512×512)',
    emoji: 'émoji (128×128)',
    phone: 'fond d’écran de téléphone (1179×2556)',
    hour: 'par heure',
    day: 'par jour',
    author: 'la personne qui a demandé',
    all: 'tout le monde',
    never: 'jamais',
    always: 'toujours',
    unsure: 'seulement en cas de doute',
  },

  contextMenus: {
    'Zoom out': 'Dézoomer',
    'Extend…': 'Étendre…',
    'Repaint region…': 'Repeindre une zone…',
    'Remove…': 'Enlever…',
  },
}
