import type { Edit, Length } from '../inference/pipeline/edit.js'
import type { ExceededLimit } from '../user-error.js'
import { type ConfigFaultTranslations, configFaultLines } from './config-faults.js'
import type { Translations } from './en.js'
import { pages } from './pages/fr.js'
import { relativeTime } from './relative-time.js'

const sizeLimit = (p: ExceededLimit) => (p.side ? `${p.side} pixels par côté` : `${p.limit} mégapixels`)

const sides = { left: 'à gauche', right: 'à droite', top: 'en haut', bottom: 'en bas' }

const anchors = {
  center: 'centre',
  top: 'haut',
  bottom: 'bas',
  left: 'gauche',
  right: 'droite',
  'top-left': 'en haut à gauche',
  'top-right': 'en haut à droite',
  'bottom-left': 'en bas à gauche',
  'bottom-right': 'en bas à droite',
}

const faults: ConfigFaultTranslations = {
  text: least => (least > 1 ? `un texte d’au moins ${least} caractères` : 'un texte'),
  number: (min, max) =>
    max === Number.MAX_SAFE_INTEGER ? `un nombre entier d’au moins ${min}` : `un nombre entier de ${min} à ${max}`,
  choice: of => `une de ces valeurs : ${of.join(', ')}`,
  url: schemes => `une URL qui commence par ${schemes.join(' ou ')}`,
  devices:
    'cuda, dml, coreml, webgpu ou cpu ; cuda:1 ou dml:1 pour la deuxième carte ; plusieurs, séparés par des virgules',
  ascii: 'des caractères ASCII imprimables sans espace',
  shards: 'auto, le nombre total de shards, ou la part de ce processus comme 0-3/16',
  malformed: (name, found, values) =>
    found === undefined
      ? `${name} n’est pas valide. Utilise ${values}.`
      : `${name} vaut « ${found} ». Utilise ${values}.`,
  unknown(name, line, meant) {
    const where = line === undefined ? 'L’environnement' : `La ligne ${line} de .env`
    const said =
      name === undefined
        ? `${where} définit un réglage inconnu.`
        : `${where} définit ${name}, qui n’est pas un réglage.`
    return meant
      ? `${said} Voulais-tu dire ${meant} ?`
      : `${said} Supprime-le ; docs/configuration.md liste tous les réglages.`
  },
  duplicate: (name, lines) =>
    `.env définit ${name} plusieurs fois, aux lignes ${lines.join(', ')}. Garde une seule ligne.`,
  unreadable: line => `La ligne ${line} de .env est illisible. Écris NOM=valeur, ou un commentaire qui commence par #.`,
  quotes: (name, mark) =>
    `${name} commence ou finit par le guillemet ${mark}, qui ferait partie de la valeur. Écris la valeur sans guillemets.`,
  encoding: encoding =>
    `.env est enregistré en ${encoding}. Enregistre-le en UTF-8, par exemple dans le Bloc-notes avec « Enregistrer sous ».`,
}

/** Why Discord refuses, within a sentence. */
const refusals = {
  automod: 'AutoMod bloque le message sur ce serveur',
  'explicit-content': 'le filtre de contenu explicite de Discord bloque le message',
  'thread-closed': 'ce fil est archivé ou verrouillé',
  forbidden: 'je ne peux ni publier dans ce salon ni t’envoyer de messages privés',
  'no-permission': 'je n’ai pas les permissions nécessaires ici',
  refused: 'Discord a refusé le message',
}

const problems: Translations['problems'] = {
  'no-such-file': p => `Le fichier ${p.path} n’existe pas. Vérifie le chemin.`,
  'cannot-read': p => `${p.path} ne peut pas être lu : ${p.reason}. Vérifie le chemin et ses permissions.`,
  'cannot-write': p =>
    `${p.path} ne peut pas être écrit : ${p.reason}. Choisis un autre emplacement, ou change ses permissions.`,
  'folder-empty': p => `Il n’y a pas d’images dans ${p.path}. Choisis un autre dossier.`,
  'output-is-input': p =>
    `Les résultats seraient enregistrés parmi les images de ${p.path}. Choisis un autre dossier de sortie.`,
  'mask-unmatched': p =>
    p.found === 0
      ? `${p.folder} ne contient pas de masque pour ${p.picture}. Donne au masque le nom de l’image.`
      : `${p.folder} contient ${p.found} masques pour ${p.picture}. N’en garde qu’un.`,
  'not-a-picture': () =>
    'Je ne peux pas lire ce fichier comme une image. Envoie un PNG, JPEG, WebP, GIF, TIFF ou AVIF.',
  'picture-format-unsupported': p =>
    `Cette image est au format ${p.format}, et je ne peux pas le lire. ` +
    'Enregistre-la en JPEG ou en PNG et envoie le nouveau fichier.' +
    (p.format === 'HEIC'
      ? ' Sur un iPhone, choisis Réglages → Appareil photo → Formats → « Le plus compatible » pour les nouvelles ' +
        'photos, ou envoie une capture d’écran.'
      : ''),
  'picture-depth-unsupported': () =>
    'Cette image enregistre ses couleurs en virgule flottante ou en 32 bits, et je ne peux pas les lire. ' +
    'Enregistre-la en 8 ou 16 bits par canal.',
  'picture-corrupt': () =>
    'Cette image est endommagée : seule une partie est lisible. Enregistre-la à nouveau et envoie le nouveau fichier.',
  'picture-too-large': p =>
    `Cette image a ${p.megapixels} mégapixels et son plus grand côté fait ${p.side} pixels. ` +
    `Les limites sont ${p.limit.megapixels} mégapixels et ${p.limit.side} pixels. Envoie une image plus petite.`,
  'picture-too-small': p =>
    `Cette image est trop petite (${p.width}×${p.height}). Envoies-en une d’au moins ${p.limit} pixels de chaque côté.`,
  'picture-transparent': () =>
    'Cette image est entièrement transparente : il n’y a rien à prolonger. Envoie une autre image.',
  'picture-too-demanding': () =>
    'Le traitement de cette image demandait trop de mémoire ou de temps et a été arrêté. Envoie une image plus petite, ou enregistre-la de nouveau en PNG ou en JPEG.',
  'picture-missing': () => 'Ce message ne contient pas d’image. Choisis un message avec une image.',
  'sticker-unsupported': () =>
    'Cet autocollant est une animation vectorielle, et je ne peux pas la lire. Choisis un message avec une image.',
  'file-too-large': p => `Ce fichier est trop gros (${p.megabytes} Mo). Envoie un fichier de ${p.limit} Mo au plus.`,
  'canvas-too-large': p =>
    `La nouvelle image ferait ${p.width}×${p.height} ; la limite est de ${sizeLimit(p)}. ` +
    'Ajoute moins, ou envoie une image plus petite.',
  'factor-out-of-range': p => `Je ne peux pas dézoomer ${p.factor}×. Utilise un facteur de ${p.min} à ${p.max}.`,
  'factor-invalid': p =>
    `« ${p.text} » n’est pas un facteur valide. Utilise un nombre de ${p.min} à ${p.max}, comme 1.5.`,
  'zoom-changes-nothing': () =>
    'Un facteur de 1 n’ajoute rien. Utilise un facteur plus grand, ou choisis aussi un autre format.',
  'length-invalid': p =>
    `« ${p.text} » n’est pas une longueur valide (${sides[p.side]}). Utilise des pixels ou un pourcentage, comme 256 ou 25%.`,
  'extend-changes-nothing': () => 'Rien ne serait ajouté. Indique au moins un côté, comme 25%.',
  'aspect-invalid': p => `« ${p.text} » n’est pas un format valide. Écris-le comme 16:9.`,
  'hires-too-large': p =>
    `Avec hires fix, l’image ferait ${p.width}×${p.height} ; la limite est de ${p.limit} mégapixels. Agrandis moins, ou choisis une taille plus petite.`,
  'upscale-too-large': p =>
    `L’image agrandie ferait ${p.width}×${p.height} ; la limite est de ${sizeLimit(p)}. ${p.scale > 2 ? 'Choisis 2×, ou envoie' : 'Envoie'} une image plus petite.`,
  'fit-changes-nothing': p => `L’image a déjà cette forme (${p.width}×${p.height}). Choisis une autre forme.`,
  'scale-out-of-range': p =>
    `Je ne peux pas placer l’image à l’échelle ${p.scale}. Utilise une échelle de ${p.min} à ${p.max}.`,
  'frame-out-of-range': p =>
    `Je ne peux pas faire un cadre de ${p.width}×${p.height}. Utilise de ${p.min} à ${p.max} pixels pour chaque côté.`,
  'place-outside-frame': p =>
    `L’image est hors du nouveau cadre (${p.width}×${p.height}). Déplace-la pour qu’une partie soit à l’intérieur.`,
  'place-covers-frame': p =>
    `L’image couvre tout le cadre (${p.width}×${p.height}) : il n’y a rien à peindre. Agrandis le cadre ou réduis l’image.`,
  'position-invalid': p =>
    `« ${p.text} » n’est pas une position valide. Indique les pixels depuis la gauche et le haut, comme 200,300, ou l’un de : ${p.anchors}.`,
  'mask-missing': () => 'Je ne sais pas où peindre. Envoie un masque, ou choisis des cases de la grille.',
  'holes-missing': () =>
    'Je ne sais pas où peindre : l’image n’a pas de parties transparentes. Envoie un masque, ou choisis des cases de la grille.',
  'history-missing': p =>
    p.isGone
      ? 'L’image dont celle-ci est issue est introuvable : il n’y a donc pas de détails à remettre. Elle doit encore se trouver dans ce salon, ou parmi les fichiers indiqués.'
      : 'Cette image n’a pas de version antérieure plus détaillée. Faites d’abord un zoom arrière, ou choisissez « Agrandir (subtil) ».',
  'mask-size-differs': p =>
    `Le masque fait ${p.mask}, mais l’image fait ${p.picture}. Envoie un masque au format de l’image.`,
  'mask-empty': () =>
    'Le masque ne marque rien. Rends la zone à repeindre blanche ou transparente, ou dessine par-dessus dans une copie de l’image.',
  'mask-low-contrast': () => 'Les marques sont trop pâles. Dessine-les plus épaisses, ou dans une couleur qui ressort.',
  'mask-not-recognized': () =>
    'Je ne peux pas lire cela comme un masque. Envoie une image en noir et blanc, une image avec des parties transparentes, ou une copie de l’image sur laquelle tu as dessiné.',
  'mask-full': () => 'Le masque couvre toute l’image : il ne resterait rien. Laisse une partie sans marque.',
  'selection-empty': () => 'Aucun objet n’est choisi. Indique un point dans l’objet, ou un cadre autour.',
  'selection-outside': p =>
    `${p.what} est en dehors de l’image, qui fait ${p.picture} pixels. Indique un point ou un cadre sur l’image.`,
  'selection-too-long': p => `Il y a trop de points. Indiques-en ${p.limit} au plus.`,
  'selection-found-nothing': () =>
    'Aucun objet n’a été trouvé à cet endroit. Essaie un autre point, ou un cadre autour de l’objet.',
  'segment-model-missing': () =>
    'Aucun modèle qui sélectionne des objets n’est installé. « overscan models add mobilesam » en installe un.',
  'objects-not-found': () =>
    'Je n’ai trouvé aucun objet sur cette image. Dessine un masque, ou choisis des cases de la grille.',
  'object-unknown': p => `Il n’y a pas d’objet ${p.number} sur cette image. Choisis de 1 à ${p.count}.`,
  'object-numbers-invalid': p => `« ${p.text} » n’est pas une liste de numéros d’objets. Écris-les sous la forme 1, 3.`,
  'mask-and-objects': () => 'Tu as donné un masque et des objets. N’indique que l’un des deux.',
  'prompt-too-long': p => `Le prompt a ${p.length} caractères. Utilise ${p.max} caractères au plus.`,
  'edit-invalid': p => `Cette modification n’est pas valide : ${p.detail}. Corrige-la et réessaie.`,
  'options-invalid': p => `Ces options ne sont pas valides : ${p.detail}. Corrige-les et réessaie.`,
  'variations-out-of-range': p => `Je ne peux pas peindre ${p.variations} variations. Choisis de 1 à ${p.max}.`,
  'seed-out-of-range': p => `${p.seed} n’est pas une graine valide. Utilise un nombre entier de 0 à ${p.max}.`,
  'engine-unknown': p => `Il n’y a pas de modèle « ${p.engine} ». Choisis parmi : ${p.known}.`,
  'model-incomplete': p => `Le modèle « ${p.model} » est incomplet. Il manque : ${p.missing}. Télécharge-le à nouveau.`,
  'checkpoint-is-pickle': p =>
    `« ${p.file} » est un fichier pickle, qui peut exécuter du code à l’ouverture. Utilise la version .safetensors du modèle, ou convertis-le avec diffusers (save_pretrained).`,
  'checkpoint-truncated': p =>
    `« ${p.file} » est incomplet : il fait ${p.has} octets et il en faut au moins ${p.needs}. Télécharge-le à nouveau.`,
  'checkpoint-corrupt': p =>
    `« ${p.file} » n’est pas un fichier .safetensors valide : ${p.detail}. Télécharge-le à nouveau.`,
  'upscaler-unknown': p =>
    `« ${p.file} » n’est pas un upscaler qu’Overscan prend en charge. Utilise ESRGAN, Real-ESRGAN ou un réseau compact (SRVGGNet) en .safetensors, ou un autre upscaler en .onnx.`,
  'checkpoint-unknown': p =>
    `« ${p.file} » n’est pas un modèle Stable Diffusion pris en charge par Overscan. Utilise un modèle Stable Diffusion 1.x, 2.x ou XL.`,
  'checkpoint-incomplete': p =>
    `Il manque des parties du modèle dans « ${p.file} » : ${p.missing}. Utilise un checkpoint complet.`,
  'checkpoint-is-lora': p =>
    `« ${p.file} » est un LoRA, pas un modèle. Mets-le dans models/lora et ajoute <lora:son-nom:0.8> au prompt.`,
  'lora-weight-invalid': p =>
    `« ${p.tag} » n’est pas un LoRA avec un poids. Écris-le comme <lora:nom:0.8> ou <lora:nom:te=0.5:unet=1>.`,
  'lora-unknown': p =>
    p.known
      ? `Il n’y a pas de LoRA « ${p.lora} ». Choisis parmi : ${p.known}.`
      : `Il n’y a pas de LoRA « ${p.lora} », et aucun n’est installé. Retire-le du prompt.`,
  'lora-incompatible': p =>
    `Le LoRA « ${p.lora} » a été fait pour un autre type de modèle que « ${p.model} ». Utilise un autre LoRA ou un autre modèle.`,
  'lora-kind-unsupported': p =>
    `Le LoRA « ${p.lora} » est illisible, car il utilise ${p.kind}. Utilise un LoRA ordinaire.`,
  'embedding-is-pickle': p =>
    `L’embedding « ${p.file} » ne peut pas être lu, car un tel fichier peut contenir un programme. Convertis-le en fichier .safetensors, ou retire son nom du prompt.`,
  'lora-needs-checkpoint': p =>
    `Les LoRA ne marchent qu’avec des checkpoints .safetensors, et « ${p.model} » n’en est pas un. Choisis un autre modèle, ou retire le LoRA.`,
  'download-failed': p =>
    `Le téléchargement de ${p.url} a échoué : ${p.reason}. Relance la même commande pour le continuer.`,
  'download-forbidden': p =>
    `${p.url} demande une autorisation. Accepte les conditions du modèle sur sa page et définis HF_TOKEN (Hugging Face) ou CIVITAI_TOKEN.`,
  'download-missing': p => `Rien n’a été trouvé à ${p.url}. Vérifie l’adresse.`,
  'download-is-page': p => `${p.url} est une page web et non un fichier. Copie l’adresse du bouton de téléchargement.`,
  'download-too-large': p =>
    `${p.file} dépasse les ${p.limit} autorisés. Le téléchargement a été arrêté. Vérifie d’où vient ce fichier.`,
  'redirect-refused': p =>
    `${p.from} redirige vers ${p.to}, ce qui n’est pas permis. Vérifie l’adresse, ou télécharge le fichier dans un navigateur et ajoute-le depuis ton disque.`,
  'path-outside-folder': p =>
    `La liste de fichiers nomme « ${p.path} », qui n’est pas dans le dossier du modèle. Rien n’a été téléchargé. Choisis une autre source pour ce modèle.`,
  'download-corrupt': p =>
    `« ${p.file} » ne correspond pas à sa somme de contrôle publiée et a été supprimé. Réessaie.`,
  'model-checksum-changed': p =>
    `${p.file} a changé : son SHA-256 est ${p.is}, avant c’était ${p.was}. Si tu fais confiance au nouveau fichier, supprime ses lignes de ${p.lock} et réessaie.`,
  'disk-space-low': p =>
    `Le téléchargement demande ${p.needs} Go, et ${p.path} a ${p.free} Go de libre. Libère de la place, ou définis un autre MODEL_FOLDER.`,
  'model-too-large': p =>
    `« ${p.model} » demande environ ${p.needs} Go de mémoire, et ${p.device} a ${p.has} Go. Lance « overscan models catalog » pour voir ce qui convient.`,
  'device-unusable': p =>
    `${p.device} ne fonctionne pas sur cette machine : ${p.reason}. Lance « overscan devices » pour voir ce qui fonctionne.`,
  'cuda-platform-unsupported': p =>
    `L’installation de CUDA ne prend en charge que Linux sur x64 et ARM64, et ceci est ${p.platform}. Utilise ${p.instead}, qui ne demande aucune installation.`,
  'cuda-not-installed': p =>
    `Les bibliothèques CUDA n’ont pas pu être installées : ${p.reason}. Rien d’autre n’a changé. Relance la même commande pour réessayer.`,
  'cuda-card-missing': () =>
    'Aucune carte NVIDIA n’a été trouvée : nvidia-smi n’en affiche aucune. Installe le pilote NVIDIA, et démarre un conteneur avec --gpus all. Pour une image, ajoute --without-card.',
  'cuda-driver-too-old': p =>
    `Le pilote NVIDIA est en version ${p.driver}, et CUDA 13 demande la version ${p.needs} ou plus récente. Mets le pilote à jour. D’ici là, DEVICE=webgpu utilise la carte.`,
  'cuda-card-too-old': p =>
    `CUDA 13 ne prend pas en charge cette carte (${p.card}). Il faut une GeForce GTX 16, RTX 20 ou plus récente. Mets DEVICE=webgpu pour utiliser la carte.`,
  'glibc-too-old': p =>
    `Les bibliothèques CUDA demandent glibc ${p.needs} ou plus récente, et ce Linux a ${p.has ? `glibc ${p.has}` : 'une autre bibliothèque C'}. Utilise un Linux plus récent, ou DEVICE=webgpu.`,
  'token-missing': () =>
    'Le jeton du bot manque. Crée-le sur https://discord.com/developers/applications et passe-le par --token-file, --token ou DISCORD_TOKEN.',
  'discord-unreachable': p => `Discord est injoignable : ${p.reason}. Vérifie la connexion réseau de cette machine.`,
  'discord-rejected': p =>
    `Discord accepte le jeton mais refuse la requête : ${p.reason} (${p.status}). Vérifie les réglages du bot dans le portail des développeurs.`,
  'repository-ambiguous': p =>
    `« ${p.repository} » n’a pas de modèle en un seul fichier qu’Overscan connaisse. ${p.files ? `Nomme l’un de ses fichiers : ${p.files}.` : 'Choisis un autre dépôt.'}`,
  'model-exists': p => `Un modèle nommé « ${p.model} » existe déjà. Choisis un autre --name.`,
  'model-name-invalid': p =>
    p.name === ''
      ? 'Le modèle a besoin d’un nom. Passe --name avec 80 lettres, chiffres, points et tirets au plus.'
      : `« ${p.name} » ne peut pas être le nom d’un modèle. Passe --name avec 80 lettres, chiffres, points et tirets au plus.`,
  'not-a-model': p =>
    `« ${p.path} » n’est pas un modèle. Ajoute un checkpoint (.safetensors), un modèle de suppression d’objets (.onnx) ou un dossier de modèle.`,
  'model-source-unknown': p =>
    `Aucun fichier, modèle du catalogue ou dépôt ne s’appelle « ${p.text} ». ${p.closest ? `Voulais-tu dire ${p.closest} ? ` : ''}Lance « overscan models catalog » pour voir les modèles à ajouter par leur nom.`,
  'model-name-too-long': p =>
    `Le modèle « ${p.model} » est laissé de côté : son nom a ${p.model.length} caractères, et Discord en accepte ${p.limit}. Renomme-le.`,
  'clip-skip': p =>
    `L’encodeur de texte de « ${p.model} » ne prend pas en charge clip skip ${p.clipSkip}. Laisse clip skip à sa valeur par défaut.`,
  'size-invalid': p =>
    `« ${p.text} » n’est pas une taille valide. Écris-la comme 768x512, chaque côté de ${p.min} à ${p.max} pixels.`,
  'model-overflowed': p =>
    `Le modèle « ${p.model} » a donné des valeurs qui ne sont pas des nombres : il n’y a pas d’image. En demi-précision, utilise sa version en pleine précision. Sinon, son fichier est endommagé : ajoute-le de nouveau.`,
  'model-unsupported': p =>
    `Le modèle « ${p.model} » est inutilisable, car Overscan ne prend pas en charge ${p.feature}. Choisis un autre modèle.`,
  'controlnet-unknown': p =>
    p.known === ''
      ? `Il n’y a pas de ControlNet « ${p.controlnet} » : aucun n’est installé. Mets-en un dans models/controlnet, en fichier .safetensors ou en dossier.`
      : `Il n’y a pas de ControlNet « ${p.controlnet} ». Choisis parmi : ${p.known}.`,
  'controlnet-unfit': p =>
    `Le ControlNet « ${p.controlnet} » ne convient pas au modèle « ${p.model} ». Choisis un ControlNet pour le même type de modèle.`,
  'controlnet-needs-checkpoint': p =>
    `« ${p.model} » se compose de graphes ONNX, qui ne fonctionnent pas avec les ControlNets. Choisis un modèle .safetensors.`,
  'controlnet-unsupported': p =>
    p.kind === 'other'
      ? `« ${p.controlnet} » n’est pas un ControlNet. Mets un ControlNet dans models/controlnet.`
      : `« ${p.controlnet} » est inutilisable : le fichier est de type « ${p.kind} », pas un ControlNet complet. Utilise la version complète.`,
  'model-is-refiner': p =>
    `« ${p.model} » est un affineur et ne peut pas commencer une image. Choisis un autre modèle, et « ${p.model} » comme affineur.`,
  'refiner-unfit': p =>
    `L’affineur « ${p.refiner} » ne convient pas au modèle « ${p.model} ». Choisis un affineur du même type, par exemple celui de SDXL pour un modèle SDXL.`,
  'sampler-unsupported': p =>
    `Le modèle « ${p.model} » ne fonctionne pas avec l’échantillonneur ${p.sampler}. Choisis-en un autre, comme Euler ou DPM++ 2M.`,
  'model-unreadable': p =>
    `Le modèle « ${p.model} » est inutilisable. Télécharge-le à nouveau, ou choisis-en un autre. Détails : ${p.detail}`,
  'out-of-memory': p =>
    `La mémoire ne suffit pas pour « ${p.model} », même en petites tuiles : ${p.detail}. Essaie une image plus petite ou un modèle plus petit, ou réessaie plus tard.`,
  'engine-killed': () =>
    'Le système a arrêté le processus qui peint, sans doute par manque de mémoire. Essaie une image plus petite ou un autre modèle.',
  'engine-crashed': () =>
    'Le processus qui peint a planté. Réessaie. S’il plante encore, essaie une image plus petite.',
  'needs-model': p =>
    ({
      vary: 'Sans modèle de diffusion, je ne peux varier que les images que j’ai peintes. Commence par dézoomer.',
      imagine:
        'Pour peindre à partir de texte seul, il me faut un modèle de diffusion, et aucun n’est installé. Regarde /modèles, ou commence avec une image et /dézoomer.',
      creative:
        'Agrandir (créatif) peint avec un modèle de diffusion, et aucun n’est installé. La personne qui gère le bot peut en ajouter un : overscan models add sd15. Agrandir (subtil) fonctionne sans.',
    })[p.what],
  'needs-another-model': p =>
    `${p.engine} ne peut varier que les images que j’ai peintes. Choisis un modèle qui peut varier n’importe quelle image : ${p.models}.`,
  'recipe-mismatch': () =>
    'Ce n’est pas l’image dont la recette est partie : le résultat serait différent. Envoie le fichier d’origine.',
  'attachment-missing': () => 'Je ne trouve plus cette image dans le message. Choisis-en une autre.',
  'attachment-deleted': () => 'Cette image a été supprimée, ou son lien a expiré. Renvoie-la avec /dézoomer.',
  'attachment-unreachable': () => 'Je n’ai pas pu télécharger cette image depuis Discord. Réessaie dans une minute.',
  'attachment-host-not-allowed': p =>
    `Je ne lis que les images envoyées sur Discord, pas celles de ${p.host}. Envoie-la sur Discord et réessaie.`,
  'button-unknown': () => 'Ce bouton est trop ancien, ou n’est pas à moi. Recommence avec /dézoomer.',
  'recipe-missing': () =>
    'Cette image ne contient pas sa recette, je ne peux donc pas la refaire. Recommence avec /dézoomer.',
  'source-missing': () =>
    'L’original de cette image n’est plus dans son message, je ne peux donc pas la refaire. Recommence avec /dézoomer.',
  'not-yours': () => 'Seule la personne qui a fait la demande peut faire cela. Fais la tienne avec /dézoomer.',
  'not-manager': () => 'Seules les personnes qui gèrent ce serveur peuvent faire cela. Demande à l’une d’elles.',
  'server-only': () => 'Cela ne marche que sur un serveur. Essaie depuis un serveur.',
  'channel-not-allowed': p => `Je ne peins pas dans ce salon. Utilise ${p.channels}.`,
  'role-not-allowed': p =>
    `Sur ce serveur, seuls ${p.roles} peuvent m’utiliser. Demande ce rôle à un responsable du serveur.`,
  'restricted-only': () => 'Sur ce serveur, je ne peins que dans les salons avec restriction d’âge. Utilises-en un.',
  'word-forbidden': p => `« ${p.word} » n’est pas autorisé dans les prompts sur ce serveur. Retire-le et réessaie.`,
  'queue-draining': () =>
    'Les responsables de ce serveur ont fermé la file aux nouvelles demandes. Réessaie plus tard.',
  'job-already-ended': () => 'Cette demande est déjà terminée. Fais-en une nouvelle avec /dézoomer.',
  'result-too-large': p =>
    `Le résultat dépasse la limite de ${p.limit} Mo de Discord, même compressé. Envoie une image plus petite.`,
  'result-kept': p =>
    `Je n’ai pas pu livrer tes images : ${refusals[p.why]}. Je les garde pendant un jour. Utilise /file miens pour les obtenir.`,
  'discord-refused': p => `Je n’ai pas pu faire cela : ${refusals[p.why]}. Réessaie dans un autre salon.`,
  'message-deleted': () => 'Ce message a été supprimé, ou je ne peux plus le voir. Recommence avec /dézoomer.',
  'direct-messages-closed': () =>
    'Je ne peux pas t’envoyer de messages privés. Autorise-les dans les paramètres de confidentialité de ce serveur, puis clique à nouveau sur le bouton.',
  'setting-missing': p => `${p.name} n’est pas défini. Ajoute-le à .env (voir docs/configuration.md).`,
  'setting-invalid': p => `Un réglage n’est pas valide : ${p.detail}. Corrige-le et réessaie.`,
  'configuration-invalid': p => configFaultLines(p.faults, faults),
  'bot-token-missing': p =>
    `DISCORD_TOKEN n’est pas défini, mais ${p.because} l’est : cela ressemble à un bot pour Discord. Ajoute le jeton à .env, ou lance « overscan playground », qui n’a besoin ni de l’un ni de l’autre.`,
  'setting-not-writable': p =>
    `La valeur de ${p.name} ne peut pas être enregistrée dans .env : elle contient # ou un saut de ligne, ainsi que toutes les sortes de guillemets. Définis-la comme variable d’environnement, ou choisis une autre valeur.`,
  'login-refused': () =>
    'Discord refuse DISCORD_TOKEN. Réinitialise le jeton du bot dans le portail des développeurs et copie le nouveau dans .env.',
  'queue-full': p => `La file est pleine (${p.waiting} demandes). Réessaie plus tard.`,
  'queue-full-for-person': p =>
    `Tu as déjà ${p.waiting} demandes dans la file ; la limite est ${p.limit}. Attends que l’une soit terminée.`,
  'queue-full-for-server': p =>
    `Ce serveur a déjà ${p.waiting} demandes dans la file ; la limite est ${p.limit}. Réessaie plus tard.`,
  'queue-unreachable': () =>
    'La file est injoignable pour l’instant. Les demandes qu’elle contient sont conservées. Réessaie dans une minute.',
  'no-capable-worker': p =>
    `Aucune machine connectée ne peut peindre ${p.megapixels} mégapixels avec ${p.engine}. Envoie une image plus petite, ou choisis un autre modèle.`,
  'job-lost': () =>
    'Cette demande est perdue : elle a attendu plus d’un jour, ou ses images n’existent plus. Renvoie-la.',
  'job-incompatible': () => 'Cette demande vient d’une autre version de ce bot. Renvoie-la.',
  'disk-full': () =>
    'Le disque de la machine qui héberge ce bot est plein : ta demande n’a pas été acceptée. Préviens la personne qui héberge ce bot, puis renvoie ta demande.',
  'folder-in-use': p => `Un autre Overscan utilise déjà ${p.path}. Arrête-le d’abord, ou définis un autre DATA_FOLDER.`,
  'port-taken': p => `Le port ${p.port} est utilisé par un autre programme. Définis un autre ${p.setting}.`,
  'pages-not-built': () => 'Les pages web n’ont pas été construites. Lance « npm run build ».',
  'activity-secret-rejected': () =>
    'Discord refuse le client secret du bot. La personne qui héberge ce bot peut copier un nouveau DISCORD_CLIENT_SECRET depuis la page OAuth2 du portail des développeurs.',
  'activity-login-refused': () => 'Discord n’a pas pu confirmer qui tu es. Ferme cette fenêtre et ouvre-la à nouveau.',
  'discord-not-responding': () => 'Discord ne répond pas. Réessaie dans un moment.',
  'quota-exceeded': p => {
    const quantity = p.what === 'pictures' ? pictures(p.limit) : `${p.limit} secondes de GPU`
    const whose = p.whose === 'server' ? 'Le quota de ce serveur' : 'Ton quota'
    return `${whose} est épuisé (${quantity} ${p.per === 'hour' ? 'par heure' : 'par jour'}). Réessaie ${relativeTime(p.until)}.`
  },
  'settings-corrupt': p =>
    `Les réglages dans ${p.path} sont illisibles. Répare le fichier, ou déplace-le pour repartir avec de nouveaux réglages.`,
  interrupted: () => 'Overscan a redémarré avant d’avoir pu commencer ta demande. Envoie-la de nouveau.',
  cancelled: () => 'Annulé.',
  stopped: () => 'Je redémarre, cette demande n’a donc pas été terminée. Renvoie-la dans une minute.',
  'operator-needed': p =>
    `Quelque chose dont ce bot a besoin ne fonctionne pas, et seule la personne qui l’héberge peut y remédier. Donne-lui ce code : ${p.incident}. La cause est dans le journal.`,
  bug: p =>
    `Quelque chose s’est mal passé de mon côté. Si cela recommence, donne ce code à la personne qui héberge ce bot : ${p.incident}.`,
}

const amount = (length: Length) => ('percent' in length ? `${length.percent}%` : `${length.pixels} px`)

const given = (length: Length) => ('percent' in length ? length.percent : length.pixels) > 0

const pictures = (count: number) => `${count} ${count < 2 ? 'image' : 'images'}`

function heading(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` en ${edit.aspect.width}:${edit.aspect.height}` : ''
      const at = edit.anchor ? ` (${anchors[edit.anchor]})` : ''
      return `Dézoomer ${edit.factor}×${to}${edit.grow ? ', mêmes pixels' : ''}${at}`
    }
    case 'extend': {
      const parts = (['left', 'right', 'top', 'bottom'] as const).filter(side => given(edit[side]))
      return `Étendre ${parts.map(side => `${sides[side]} ${amount(edit[side])}`).join(', ')}`
    }
    case 'square':
      return 'Rendre carré'
    case 'fit':
      return edit.exact ? `Adapter à ${edit.width}×${edit.height} pixels` : `Adapter à ${edit.width}:${edit.height}`
    case 'place':
      return `Placer dans ${edit.width}×${edit.height} pixels`
    case 'inpaint':
      return 'Varier (zone)'
    case 'remove':
      return 'Enlever'
    case 'vary':
      return edit.strength === 'subtle' ? 'Varier (subtil)' : 'Varier (fort)'
    case 'upscale':
      return edit.creative
        ? `Agrandir (créatif) ${edit.scale}×`
        : `Agrandir ${edit.scale}×${edit.history ? ', avec l’historique' : ''}`
    case 'imagine':
      return edit.hires ? `Imaginer (hires fix ${edit.hires.scale}×)` : 'Imaginer'
  }
}

/** The texts in French. */
export const fr: Translations = {
  problems,
  heading,
  sides,
  pages,

  progress: {
    next: 'Ta demande est la suivante',
    position: place => `Position ${place} dans la file d’attente`,
    starts: when => `commence ${when}`,
    paused: 'En attente : les responsables de ce serveur ont mis la file d’attente en pause',
    noWorker: 'Aucune machine capable de peindre n’est connectée. Ta demande commencera dès qu’il y en aura une',
    restarting: 'Je redémarre. Ta demande garde sa position et continue toute seule',
    preview: 'Aperçu de l’image inachevée',
  },

  result: {
    seeds: seeds => `${seeds.length > 1 ? 'graines' : 'graine'} ${seeds.join(', ')}`,
    seconds: seconds => `${seconds} s`,
    requestedBy: mention => `pour ${mention}`,
    pickedBy: mention => `choisie par ${mention}`,
    imageNumber: number => `Image n° ${number}`,
    originalTitle: 'L’original',
    journeyTitle: (pictures: number) => `Un voyage à travers ${pictures} images`,
    ignoredPrompt: (engine, instead) =>
      `Ton prompt a été ignoré : « ${engine} » ne sait pas lire le texte. ${instead ? `Choisis le modèle « ${instead} » pour l’utiliser` : 'La personne qui héberge le bot peut installer un modèle qui lit le texte'}`,
    ignoredOptions: (engine, options) => `« ${engine} » ignore : ${options.join(', ')}`,
    optionNames: {
      prompt: 'prompt',
      strength: 'force de débruitage',
      content: 'contenu masqué',
      negative: 'prompt négatif',
      steps: 'étapes',
      sampler: 'échantillonneur',
      guidance: 'échelle CFG',
      clipSkip: 'clip skip',
      refiner: 'affineur',
      preset: 'préréglage d’outpainting',
      refine: 'affinage',
      seam: 'passe de raccord',
      control: 'ControlNet',
    },
    cannotPost:
      'Je ne peux pas publier d’images dans ce salon (il manque « Envoyer des messages » et « Joindre des fichiers ») : je ne verrai pas les réponses à ce message',
    resampled: 'agrandie sans modèle : rééchantillonnée, avec le grain de l’image ; aucun détail nouveau',
    fromHistory: ({ pictures, end }) => {
      const shown =
        pictures === 1
          ? 'les détails d’une image antérieure ont été remis'
          : `les détails de ${pictures} images antérieures ont été remis`
      switch (end) {
        case 'first':
          return shown
        case 'missing':
          return `${shown} ; les images d’avant sont introuvables`
        case 'limit':
          return `${shown} ; avec plus, elle serait trop grande`
      }
    },
    memoryFallback: fallback => {
      switch (fallback.kind) {
        case 'device':
          return `${fallback.instead} a manqué de mémoire : ${fallback.device} a peint cette image`
        case 'smaller':
          return `la mémoire manquait : image peinte à environ ${fallback.side}×${fallback.side} pixels, puis agrandie`
        case 'tiles':
          return 'la mémoire manquait : le modèle a peint par tuiles'
        case 'parts':
          return 'la mémoire manquait : le modèle a été chargé par moitiés à chaque étape'
      }
    },
    conversions: {
      'first-frame': 'seule la première image de l’animation a été utilisée',
      'first-page': 'seule la première page du fichier a été utilisée',
      '8-bit': 'l’image a 16 bits par canal, le résultat 8',
      srgb: 'les couleurs ont été converties en sRGB',
    },
    control: ({ name, module, prefill, isDefault }) =>
      `ControlNet ${name} (${module}${prefill ? `, prérempli par ${prefill}` : ''})${isDefault ? ', choisi d’office ; « control: none » le désactive' : ''}`,
    channelGone: 'Je ne peux plus publier dans le salon de ta demande. Voici ton résultat :',
    /** Why a result did not come as a message in its channel. */
    blockedByAutoMod: 'AutoMod a bloqué mon message dans le salon de ta demande, voici donc ton résultat',
    blockedAsExplicit:
      'Le filtre de contenu explicite de Discord a bloqué mon message dans le salon de ta demande, voici donc ton résultat',
    threadClosed: 'Le fil de ta demande est archivé ou verrouillé, voici donc ton résultat',
    refusedInChannel: 'Discord a refusé mon message dans le salon de ta demande, voici donc ton résultat',
    kept: 'gardé pour toi, car je n’ai pas pu le livrer',
    altText: (title, seed, prompt) => `${title}, graine ${seed}${prompt && ` : ${prompt}`}`,
  },

  buttons: {
    cancel: 'Annuler',
    upscaleSubtle: 'Agrandir (subtil)',
    upscaleCreative: 'Agrandir (créatif)',
    upscaleHistory: 'Agrandir (historique)',
    varySubtle: 'Varier (subtil)',
    varyStrong: 'Varier (fort)',
    varyRegion: 'Varier (zone)',
    zoom2: 'Dézoomer 2×',
    zoom15: 'Dézoomer 1.5×',
    customZoom: 'Zoom personnalisé',
    square: 'Rendre carré',
    remix: 'Remix',
    sendToDirectMessages: 'Envoyer en MP',
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
      'Marque la zone à repeindre dans l’éditeur. Le lien fonctionne pendant 30 minutes. Tu peux aussi envoyer un masque ou choisir des cases de la grille.',
    openedInDiscord:
      'Marque la zone à repeindre dans l’éditeur qui s’ouvre ici. Le lien l’ouvre aussi. Tu peux aussi envoyer un masque ou choisir des cases de la grille.',
    openEditor: 'Ouvrir l’éditeur',
    sendMask: 'Masque ou cases de grille…',
    chooseObjects: 'Objets numérotés…',
    extend:
      'Fais glisser les côtés de l’image vers l’extérieur dans l’éditeur, ou place-la dans un nouveau cadre. Le lien fonctionne pendant 30 minutes. Tu peux aussi saisir des longueurs.',
    extendOpened:
      'Fais glisser les côtés de l’image vers l’extérieur dans l’éditeur qui s’ouvre ici, ou place-la dans un nouveau cadre. Le lien l’ouvre aussi. Tu peux aussi saisir des longueurs.',
    sendLengths: 'Longueurs…',
  },
  activity: {
    nothing: 'Clique sur « Varier (zone) » sous une image pour la modifier ici.',
    outside: 'Cette page fonctionne dans Discord. Clique sur « Varier (zone) » sous une image, dans Discord.',
    entering: 'Connexion à Discord…',
    silent: 'Discord ne répond pas. Ferme cette page et ouvre-la à nouveau.',
    declined:
      'Sans ton autorisation, Discord ne dit pas à cette page qui tu es, et elle ne trouve pas ton image. Elle ne lit que ton nom.',
    again: 'Réessayer',
  },
  modals: {
    whichPicture: 'Image',
    picture: number => `Image ${number}`,
    customZoom: 'Zoom personnalisé',
    factor: 'Facteur de zoom',
    factorHint: 'De 1 à 4 ; 1 seulement avec un autre format',
    aspect: 'Format',
    aspectHint: 'Comme 16:9 ; laisse vide pour garder celui de l’image',
    anchor: 'Ancrage',
    prompt: 'Prompt',
    promptHint: 'Ce que tu veux y voir',
    creativePromptHint: 'Pour Créatif : ce que montre l’image',
    remix: 'Modifier le prompt',
    extend: 'Étendre',
    lengthHint: 'Pixels ou pourcentage, comme 256 ou 25%',
    zoomOut: 'Dézoomer',
    square: 'Rendre carré',
    upscale: 'Agrandir',
    fit: 'Adapter',
    shape: 'Forme',
    shapeHint: 'Un format comme 16:9, ou une taille comme 960x540px',
    recipe: 'Recette',
    varyRegion: 'Varier (zone)',
    remove: 'Enlever',
    mask: 'Masque',
    maskOrHolesHint: 'Blanc/transparent = repeindre ; ou copie marquée. Vide = remplir les parties transparentes',
    maskOrObjectsHint: 'Blanc/transparent = repeindre ; ou copie marquée. Tout vide = choisir des objets numérotés',
    maskHint: 'Blanc ou transparent = repeindre ; ou une copie de l’image avec tes marques',
    cells: across => `Ou des cases d’une grille ${across}×${across}`,
    cell: (row, column) => `Ligne ${row}, colonne ${column}`,
  },

  confirmMask: {
    title: { inpaint: 'Repeindre cette zone ?', remove: 'Enlever ceci ?', fill: 'Remplir les parties transparentes ?' },
    areaShare: percent => `${percent} de l’image`,
    kinds: {
      'black-and-white': 'la partie blanche de ton masque',
      transparent: 'la partie transparente de ton masque',
      layer: 'ce que tu as dessiné sur le calque transparent',
      marked: 'ce que tu as marqué',
      cells: 'les cases choisies',
      objects: 'les objets choisis',
      holes: 'la partie transparente de l’image',
    },
    readAs: {
      'black-and-white': 'Peindre ce qui est blanc',
      transparent: 'Peindre ce qui est transparent',
      layer: 'Peindre ce que j’ai dessiné',
      marked: 'Peindre ce que j’ai marqué',
      cells: 'Peindre les cases',
      holes: 'Remplir les parties transparentes',
    },
    scaledToPicture: 'à l’échelle de l’image',
    lowConfidence: 'Je ne suis pas sûr d’avoir bien lu ton masque. Vérifie-le.',
    overlay: 'L’image ; la zone à peindre est hachurée et entourée',
  },

  objects: {
    title: 'Quels objets ?',
    hint: 'Choisis-en un ou plusieurs par leur numéro. Je te montre la zone avant de peindre.',
    choose: 'Choisir des objets',
    overlay: 'L’image ; ses objets sont entourés et numérotés',
  },

  direct: { sent: 'Envoyé dans tes messages privés.' },

  audit: {
    painted: (mention, title, link) => `${mention} : ${title} ${link}`,
    refused: (mention, channel, why) => `${mention} dans ${channel} : ${why}`,
    settings: (mention, what) => `${mention} a changé les réglages : ${what}`,
    queueCommand: (mention, what) => `${mention} : /file ${what}`,
  },

  queue: {
    nothingOfYours: 'Tu n’as aucune demande dans la file, et aucun résultat n’est gardé pour toi.',
    moreKept: (count: number) =>
      count === 1
        ? 'Un autre résultat est gardé pour toi. Utilise de nouveau /file miens.'
        : `${count} autres résultats sont gardés pour toi. Utilise de nouveau /file miens.`,
    title: 'File d’attente',
    empty: 'Rien n’est en attente ni en cours.',
    running: percent => `${percent}%`,
    pictures,
    otherServers: count => (count === 1 ? 'et 1 demande d’ailleurs' : `et ${count} demandes d’ailleurs`),
    paused: 'La file est en pause : les demandes attendent, et rien ne démarre.',
    draining: 'La file est fermée aux nouvelles demandes : celles qui sont en attente seront encore peintes.',
    open: 'La file est ouverte.',
    cancelledWaiting: count =>
      count < 2 ? `${count} demande en attente annulée.` : `${count} demandes en attente annulées.`,
    cancelled: 'Annulé.',
  },

  settings: {
    title: 'Réglages du serveur',
    ownTitle: 'Tes réglages',
    saved: 'Enregistré.',
    allChannels: 'tous les salons',
    everyone: 'tout le monde',
    none: 'aucun',
    unset: 'Par défaut',
    names: {
      channels: 'Salons',
      first: 'Priorité',
      roles: 'Rôles',
      quotas: 'Quotas',
      variations: 'Variations (maximum)',
      engine: 'Modèle',
      upscaler: 'Upscaler',
      steps: 'Étapes',
      colorMatch: 'Accorder les couleurs',
      forbidden: 'Mots bloqués',
      buttons: 'Qui peut utiliser les boutons',
      language: 'Langue',
      auditChannel: 'Salon de logs',
      spoiler: 'Spoilers',
      restrictedOnly: 'Seulement dans les salons avec restriction d’âge',
      line: 'File d’attente',
      confirmMasks: 'Confirmer les masques',
    },
    values: {
      author: 'la personne qui a fait la demande',
      all: 'tout le monde',
      never: 'jamais',
      always: 'toujours',
      unsure: 'seulement en cas de doute',
      yes: 'oui',
      no: 'non',
      open: 'ouverte',
      draining: 'fermée aux nouvelles demandes',
      paused: 'en pause',
    },
    quota: (role, amounts, per) => `${role} : ${amounts.join(', ')} ${per}`,
    quotaPictures: pictures,
    quotaSeconds: seconds => `${seconds} secondes de GPU`,
    per: { hour: 'par heure', day: 'par jour' },
  },

  info: {
    title: version => `Overscan ${version}`,
    description: 'Je peins ce qui se trouve hors du cadre d’une image.',
    models: names => `Modèles : ${names}`,
    device: device => `Appareil : ${device}`,
    queueLoad: (running, waiting) => `File d’attente : ${running} en cours, ${waiting} en attente`,
    remainingQuota: what => `Ton quota restant : ${what}`,
    remainingPictures: (count, per) => `${pictures(count)} ${per}`,
    remainingGpuSeconds: (seconds, per) => `${seconds} secondes de GPU ${per}`,
    started: when => `Démarré ${when}`,
  },

  models: {
    title: 'Modèles',
    fill: 'intégré, sans téléchargement ; prolonge l’image avec ce qu’elle montre déjà ; ne sait pas lire le texte',
    none: 'Aucun modèle de diffusion n’est installé. La personne qui héberge ce bot peut en ajouter un dans `models/` ; docs/models.md explique comment. Sans modèle, les prompts sont enregistrés mais ignorés, et /imaginer n’est pas disponible.',
    loras: 'LoRA à utiliser dans les prompts des modèles checkpoint :',
    controlNets: 'ControlNets pour l’option `control` :',
  },

  recipe: {
    title: 'Recette',
    operation: 'Opération',
    prompt: 'Prompt',
    seed: 'Graine',
    model: 'Modèle',
    source: 'Image d’origine',
    mask: 'Masque',
    howToRepeat: 'Pour la repeindre : /recette avec cette image, et son original comme source.',
  },

  dataDeleted: (settings, jobs) =>
    [
      settings ? 'Tes réglages sont supprimés.' : 'Tu n’avais aucun réglage enregistré.',
      jobs > 0 ? `Tes demandes dans la file sont annulées (${jobs}).` : '',
      'Ton compteur d’utilisation est supprimé. Les images ne sont stockées que dans les messages de Discord : clique sur « Supprimer » sous une image pour la supprimer.',
    ]
      .filter(Boolean)
      .join(' '),

  help: {
    title: 'Utiliser Overscan',
    intro: [
      '**/dézoomer** et une image : quatre versions de ce qui se trouve hors de son cadre.',
      'Sous quatre images : **U1–U4** en choisit une, **V1–V4** en varie une, 🔄 réessaie.',
      'Sous une image : dézoomer encore, étendre un côté, la rendre carrée, repeindre une zone.',
      'Sur l’image de n’importe qui : clic droit (sur mobile : appui long) → **Applications** → Dézoomer, Étendre, Repeindre une zone, Enlever.',
      'Pour repeindre une partie : **réponds** à une de mes images avec un masque, ou avec une copie sur laquelle tu as dessiné. Ton texte est le prompt.',
    ],
    example: 'Exemple',
    examples: {
      zoom: '/dézoomer image:vacances.jpg facteur:2',
      extend: '/étendre image:maison.png gauche:25% droite:25%',
      square: '/carré image:portrait.jpg',
      fit: '/adapter image:logo.png forme:bannière de serveur',
      inpaint: '/repeindre image:salon.jpg masque:salon-masque.png prompt:un canapé vert',
      remove: '/enlever image:plage.jpg masque:plage-marquée.jpg',
      vary: '/varier image:overscan-1.png force:subtil',
      imagine: '/imaginer prompt:un phare au crépuscule format:16:9',
      upscale: '/agrandir image:zoom.png echelle:4×',
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
    extend: { name: 'étendre', description: 'Étend un ou plusieurs côtés d’une image' },
    square: { name: 'carré', description: 'Rend une image carrée en peignant les parties manquantes' },
    fit: { name: 'adapter', description: 'Adapte une image à une forme en peignant ce qui manque, sans rogner' },
    inpaint: { name: 'repeindre', description: 'Repeint une zone d’une image' },
    remove: { name: 'enlever', description: 'Enlève un objet d’une image' },
    vary: { name: 'varier', description: 'Peint des variations d’une image' },
    imagine: { name: 'imaginer', description: 'Peint une image à partir de texte' },
    upscale: { name: 'agrandir', description: 'Agrandit une image 2× ou 4×' },
    queue: { name: 'file', description: 'Montre et gère la file d’attente' },
    settings: { name: 'réglages', description: 'Les réglages de ce serveur, et les tiens' },
    info: { name: 'infos', description: 'Version, modèles, appareil et charge de ce bot' },
    help: { name: 'aide', description: 'Comment utiliser ce bot, avec des exemples' },
    models: { name: 'modèles', description: 'Liste les modèles installés' },
    recipe: { name: 'recette', description: 'Montre comment une image a été faite, ou la repeint' },
    'forget-me': { name: 'oublie-moi', description: 'Supprime tout ce qui est enregistré sur toi' },
  },

  subcommands: {
    show: { name: 'voir', description: 'Montre l’état actuel' },
    cancel: { name: 'annuler', description: 'Annule une de tes demandes' },
    pause: { name: 'pause', description: 'Ne démarre rien ; les demandes attendent (responsables)' },
    resume: { name: 'reprendre', description: 'Relance la file (responsables)' },
    drain: { name: 'fermer', description: 'Termine ce qui attend, n’accepte rien de nouveau (responsables)' },
    clear: { name: 'tout-annuler', description: 'Annule toutes les demandes en attente (responsables)' },
    mine: { name: 'miens', description: 'Tes propres valeurs par défaut' },
    'queue-mine': { name: 'miens', description: 'Tes demandes, et les résultats que je n’ai pas pu livrer' },
    channel: { name: 'salon', description: 'Dans quels salons le bot peint (responsables)' },
    role: { name: 'rôle', description: 'Quels rôles peuvent utiliser le bot (responsables)' },
    first: { name: 'priorité', description: 'Quels rôles sont prioritaires dans la file (responsables)' },
    quota: { name: 'quota', description: 'Combien un rôle peut peindre ; 0 retire la limite (responsables)' },
    defaults: {
      name: 'défauts',
      description: 'Variations maximum ; modèle, upscaler et étapes par défaut (responsables)',
    },
    words: { name: 'mots', description: 'Les mots bloqués dans les prompts (responsables)' },
    buttons: { name: 'boutons', description: 'Qui peut utiliser les boutons sous une image (responsables)' },
    language: { name: 'langue', description: 'La langue des messages que tout le monde voit (responsables)' },
    audit: {
      name: 'audit',
      description: 'Le salon où consigner les images peintes ; vide pour arrêter (responsables)',
    },
    safety: { name: 'protection', description: 'Spoilers et salons avec restriction d’âge (responsables)' },
  },

  options: {
    image: { name: 'image', description: 'L’image de départ' },
    factor: { name: 'facteur', description: 'Facteur de zoom : 1.5×, 2× ou un nombre de 1 à 4 (1.5 par défaut)' },
    aspect: { name: 'format', description: 'Un autre format, comme 16:9' },
    keep: { name: 'garder', description: 'Ce qui reste pareil : la taille, ou tes pixels (par défaut : la taille)' },
    anchor: { name: 'ancrage', description: 'Où ton image se trouve dans la nouvelle (par défaut : centre)' },
    left: { name: 'gauche', description: 'Combien ajouter à gauche, comme 25% ou 256' },
    right: { name: 'droite', description: 'Combien ajouter à droite' },
    top: { name: 'haut', description: 'Combien ajouter en haut' },
    bottom: { name: 'bas', description: 'Combien ajouter en bas' },
    shape: { name: 'forme', description: 'Un format comme 16:9, ou un usage de la liste' },
    mask: {
      name: 'masque',
      description: 'Blanc ou transparent = repeindre ; ou une copie de l’image avec tes marques',
    },
    'inpaint-mask': {
      name: 'masque',
      description: 'Blanc/transparent = repeindre ; ou copie marquée. Sans masque, remplit les parties transparentes',
    },
    object: {
      name: 'objet',
      description: 'Numéros d’objets, comme 1, 3. Sans eux et sans masque, je montre les numéros',
    },
    'keep-alpha': {
      name: 'garder-transparence',
      description: 'Laisse transparent ce qui l’est ; sinon c’est peint aussi',
    },
    area: {
      name: 'zone',
      description: 'Zone d’inpaint : toute l’image, ou seulement le masque (par défaut : toute l’image)',
    },
    padding: {
      name: 'marge',
      description: 'Avec « seulement le masque » : pixels que le modèle voit autour du masque (32 par défaut)',
    },
    'mask-blur': { name: 'flou-masque', description: 'Flou du masque : largeur du bord doux en pixels (0 par défaut)' },
    'mask-grow': { name: 'agrandir-masque', description: 'Agrandit le masque de ce nombre de pixels (0 par défaut)' },
    size: { name: 'taille', description: 'Redimensionne d’abord l’image, comme 768x512 (par défaut : inchangée)' },
    resize: {
      name: 'redimensionnement',
      description: 'Mode de redimensionnement (par défaut : redimensionner simplement)',
    },
    preset: { name: 'préréglage', description: 'Un des scripts d’outpainting d’A1111 (modèles de diffusion)' },
    'clip-skip': {
      name: 'clip-skip',
      description: 'Clip skip : couche de CLIP utilisée, depuis la fin (modèles de diffusion)',
    },
    refiner: {
      name: 'affineur',
      description: 'Affineur (refiner) : second modèle qui peint les derniers pas (modèles de diffusion)',
    },
    'switch-at': {
      name: 'passage-à',
      description: 'Part des pas après laquelle l’affineur prend le relais (par défaut 0,8)',
    },
    control: {
      name: 'control',
      description: 'ControlNets : NOM, ou NOM:tile et d’autres après une virgule ; none pour aucun (diffusion)',
    },
    'control-weight': { name: 'control-poids', description: 'Poids des ControlNets, de 0 à 2 (par défaut 1)' },
    'control-start': {
      name: 'control-début',
      description: 'Part des pas à partir de laquelle les ControlNets agissent (par défaut 0)',
    },
    'control-end': {
      name: 'control-fin',
      description: 'Part des pas jusqu’à laquelle les ControlNets agissent (par défaut 1)',
    },
    'control-mode': { name: 'control-mode', description: 'Ce qui compte le plus (par défaut : équilibré)' },
    'downsampling-rate': {
      name: 'réduction',
      description: 'De combien :tile réduit d’abord l’image, de 1 à 8 (par défaut 1)',
    },
    refine: {
      name: 'affiner',
      description: 'Repeint les grandes images une seconde fois par tuiles (modèles de diffusion)',
    },
    'color-match': {
      name: 'accord-couleurs',
      description: 'Accorde les couleurs peintes à l’image au bord du masque (par défaut : oui)',
    },
    seam: { name: 'raccord', description: 'Repeint une seconde fois la limite ancien/nouveau (modèles de diffusion)' },
    'masked-content': {
      name: 'contenu-masqué',
      description: 'Contenu de départ de la zone masquée (par défaut : selon le modèle)',
    },
    strength: { name: 'force', description: 'À quel point l’image change' },
    'denoising-strength': {
      name: 'force-débruitage',
      description: 'Force de débruitage : à quel point l’image change, de 0.05 à 1',
    },
    invert: { name: 'inverser', description: 'Inverse le masque : repeint tout ce qui n’est pas masqué' },
    prompt: { name: 'prompt', description: 'Ce que tu veux y voir (modèles qui lisent le texte)' },
    variations: { name: 'variations', description: 'Combien d’images peindre' },
    seed: { name: 'graine', description: 'La même graine repeint les mêmes images (par défaut : au hasard)' },
    model: { name: 'modèle', description: 'Le modèle qui peint' },
    scale: { name: 'echelle', description: 'De combien elle devient plus large et plus haute : 2× (par défaut) ou 4×' },
    detail: { name: 'détails', description: 'Depuis l’historique : remet les détails des images dont elle est issue' },
    upscaler: { name: 'upscaler', description: 'L’upscaler : lanczos, ou un upscaler installé' },
    creative: {
      name: 'créatif',
      description: 'Repeint avec un modèle de diffusion : force de débruitage, souvent 0.3',
    },
    'hires-fix': {
      name: 'hires-fix',
      description: 'Hires fix : agrandir d’autant, de 1 à 4, puis repeindre (souvent 2)',
    },
    'hires-strength': {
      name: 'force-hires',
      description: 'Hires fix : force de débruitage, de 0.05 à 1, souvent 0.5',
    },
    spoiler: { name: 'spoiler', description: 'Cache les images jusqu’à ce qu’on clique dessus' },
    source: { name: 'source', description: 'L’image d’origine ; repeint la recette' },
    command: { name: 'commande', description: 'La commande à expliquer' },
    job: { name: 'demande', description: 'La demande à annuler' },
    channel: { name: 'salon', description: 'Le salon' },
    role: { name: 'rôle', description: 'Le rôle' },
    allowed: { name: 'permis', description: 'Si c’est permis' },
    pictures: { name: 'images', description: 'Nombre d’images ; 0 pour aucune limite' },
    seconds: { name: 'secondes', description: 'Secondes de GPU ; 0 pour aucune limite' },
    per: { name: 'par', description: 'La durée du quota' },
    negative: { name: 'négatif', description: 'Prompt négatif : ce que tu ne veux pas voir (modèles de diffusion)' },
    sampler: { name: 'échantillonneur', description: 'Méthode d’échantillonnage (modèles de diffusion)' },
    guidance: {
      name: 'échelle-cfg',
      description: 'Fidélité au prompt, de 1 à 30 (7 par défaut ; modèles de diffusion)',
    },
    steps: { name: 'étapes', description: 'Étapes d’échantillonnage (modèles de diffusion)' },
    add: { name: 'bloquer', description: 'Un mot ou une expression à bloquer' },
    allow: { name: 'permettre', description: 'Un mot ou une expression à permettre à nouveau' },
    who: { name: 'qui', description: 'Qui peut les utiliser' },
    language: { name: 'langue', description: 'La langue' },
    'restricted-only': { name: 'restreint', description: 'Ne peindre que dans les salons avec restriction d’âge' },
    confirm: { name: 'confirmer', description: 'Demande avant de peindre ce que marque un masque' },
  },

  choices: {
    ...anchors,
    balanced: 'Équilibré',
    'my prompt': 'Mon prompt compte plus',
    controlnet: 'Le ControlNet compte plus',
    fromHistory: 'depuis l’historique',
    sameSize: 'même taille',
    myPixels: 'mes pixels',
    whole: 'toute l’image',
    masked: 'seulement le masque',
    original: 'original',
    fill: 'remplissage',
    'latent noise': 'bruit latent',
    'latent nothing': 'vide latent',
    blur: 'alentours floutés',
    'edge color': 'couleur du bord',
    'matched noise': 'bruit semblable aux alentours',
    'poor-mans-outpainting': 'script « Poor man’s outpainting »',
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
    author: 'la personne qui a fait la demande',
    all: 'tout le monde',
    never: 'jamais',
    always: 'toujours',
    unsure: 'seulement en cas de doute',
  },

  contextMenus: {
    'Zoom out': 'Dézoomer',
    'Make Square': 'Rendre carré',
    'Fit…': 'Adapter…',
    Upscale: 'Agrandir',
    'Extend…': 'Étendre…',
    'Repaint region…': 'Repeindre une zone…',
    'Remove…': 'Enlever…',
    Recipe: 'Recette',
  },
}
