import type { Edit, Length } from '../inference/pipeline/edit.js'
import type { ExceededLimit } from '../user-error.js'
import { type ConfigFaultTranslations, configFaultLines } from './config-faults.js'
import type { Translations } from './en.js'
import { pages } from './pages/de.js'
import { relativeTime } from './relative-time.js'

const sizeLimit = (p: ExceededLimit) => (p.side ? `${p.side} Pixel pro Seite` : `${p.limit} Megapixel`)

const sides = { left: 'links', right: 'rechts', top: 'oben', bottom: 'unten' }

const anchors = {
  center: 'Mitte',
  top: 'oben',
  bottom: 'unten',
  left: 'links',
  right: 'rechts',
  'top-left': 'oben links',
  'top-right': 'oben rechts',
  'bottom-left': 'unten links',
  'bottom-right': 'unten rechts',
}

const faults: ConfigFaultTranslations = {
  text: least => (least > 1 ? `einen Text mit mindestens ${least} Zeichen` : 'einen Text'),
  number: (min, max) =>
    max === Number.MAX_SAFE_INTEGER ? `eine ganze Zahl ab ${min}` : `eine ganze Zahl von ${min} bis ${max}`,
  choice: of => `einen dieser Werte: ${of.join(', ')}`,
  url: schemes => `eine URL, die mit ${schemes.join(' oder ')} beginnt`,
  devices: 'cuda, dml, coreml, webgpu oder cpu; cuda:1 oder dml:1 für die zweite Karte; mehrere durch Kommas getrennt',
  ascii: 'druckbare ASCII-Zeichen ohne Leerzeichen',
  shards: 'auto, die Anzahl aller Shards oder den Anteil dieses Prozesses wie 0-3/16',
  malformed: (name, found, values) =>
    found === undefined ? `${name} ist ungültig. Verwende ${values}.` : `${name} ist „${found}“. Verwende ${values}.`,
  unknown(name, line, meant) {
    const where = line === undefined ? 'Die Umgebung' : `Zeile ${line} von .env`
    const said =
      name === undefined
        ? `${where} setzt eine unbekannte Einstellung.`
        : `${where} setzt ${name}. Diese Einstellung gibt es nicht.`
    return meant
      ? `${said} Meintest du ${meant}?`
      : `${said} Entferne sie; docs/configuration.md listet alle Einstellungen auf.`
  },
  duplicate: (name, lines) => `${name} steht mehrmals in .env, in den Zeilen ${lines.join(', ')}. Behalte eine davon.`,
  unreadable: line =>
    `Zeile ${line} von .env kann nicht gelesen werden. Schreib NAME=Wert oder einen Kommentar, der mit # beginnt.`,
  quotes: (name, mark) =>
    `${name} beginnt oder endet mit dem Anführungszeichen ${mark}, das zum Wert gehören würde. Schreib den Wert ohne Anführungszeichen.`,
  encoding: encoding =>
    `.env ist als ${encoding} gespeichert. Speichere die Datei als UTF-8, zum Beispiel im Editor mit „Speichern unter“.`,
}

/** Why Discord refuses, within a sentence. */
const refusals = {
  automod: 'AutoMod blockiert die Nachricht auf diesem Server',
  'explicit-content': 'Discords Filter für anstößige Inhalte blockiert die Nachricht',
  'thread-closed': 'der Thread ist archiviert oder gesperrt',
  forbidden: 'Ich kann in diesem Kanal nicht posten und dir keine Direktnachrichten schicken',
  'no-permission': 'mir fehlen hier die Berechtigungen',
  refused: 'Discord hat die Nachricht abgelehnt',
}

const problems: Translations['problems'] = {
  'no-such-file': p => `Es gibt keine Datei ${p.path}. Prüfe den Pfad.`,
  'cannot-read': p => `${p.path} kann nicht gelesen werden: ${p.reason}. Prüfe den Pfad und die Zugriffsrechte.`,
  'cannot-write': p =>
    `${p.path} kann nicht geschrieben werden: ${p.reason}. Wähl einen anderen Ort oder ändere die Zugriffsrechte.`,
  'folder-empty': p => `In ${p.path} sind keine Bilder. Wähl einen anderen Ordner.`,
  'output-is-input': p =>
    `Die Ergebnisse würden zwischen den Bildern in ${p.path} gespeichert. Wähl einen anderen Ausgabeordner.`,
  'mask-unmatched': p =>
    p.found === 0
      ? `${p.folder} enthält keine Maske für ${p.picture}. Benenn die Maske wie das Bild.`
      : `${p.folder} enthält ${p.found} Masken für ${p.picture}. Behalte nur eine davon.`,
  'not-a-picture': () => 'Ich kann diese Datei nicht als Bild lesen. Schick PNG, JPEG, WebP, GIF, TIFF oder AVIF.',
  'picture-format-unsupported': p =>
    `Dieses Bild hat das Format ${p.format}, und das kann ich nicht lesen. ` +
    'Speichere es als JPEG oder PNG und schick die neue Datei.' +
    (p.format === 'HEIC'
      ? ' Auf dem iPhone stellst du für neue Fotos Einstellungen → Kamera → Formate auf „Maximale Kompatibilität“, ' +
        'oder du schickst einen Screenshot.'
      : ''),
  'picture-depth-unsupported': () =>
    'Dieses Bild speichert seine Farben als Gleitkomma- oder 32-Bit-Zahlen, und die kann ich nicht lesen. ' +
    'Speichere es mit 8 oder 16 Bit pro Kanal.',
  'picture-corrupt': () =>
    'Dieses Bild ist beschädigt: Nur ein Teil ist lesbar. Speichere es noch einmal und schick die neue Datei.',
  'picture-too-large': p =>
    `Dieses Bild hat ${p.megapixels} Megapixel, und seine längste Seite hat ${p.side} Pixel. ` +
    `Möglich sind ${p.limit.megapixels} Megapixel und ${p.limit.side} Pixel. Schick ein kleineres.`,
  'picture-too-small': p =>
    `Dieses Bild ist zu klein (${p.width}×${p.height}). Schick eines mit mindestens ${p.limit} Pixeln auf jeder Seite.`,
  'picture-transparent': () =>
    'Dieses Bild ist vollständig transparent, es gibt also nichts fortzusetzen. Schick ein anderes.',
  'picture-too-demanding': () =>
    'Die Verarbeitung dieses Bildes brauchte zu viel Speicher oder Zeit und wurde abgebrochen. Schick ein kleineres, oder speichere es noch einmal als PNG oder JPEG.',
  'picture-missing': () => 'Diese Nachricht enthält kein Bild. Wähl eine Nachricht mit Bild.',
  'sticker-unsupported': () =>
    'Dieser Sticker ist eine Vektoranimation, und die kann ich nicht lesen. Wähle eine Nachricht mit einem Bild.',
  'file-too-large': p => `Diese Datei ist zu groß (${p.megabytes} MB). Schick eine mit höchstens ${p.limit} MB.`,
  'canvas-too-large': p =>
    `Das neue Bild wäre ${p.width}×${p.height} groß; möglich sind ${sizeLimit(p)}. ` +
    'Füge weniger hinzu oder schick ein kleineres Bild.',
  'factor-out-of-range': p => `Ich kann nicht ${p.factor}× herauszoomen. Wähl einen Faktor von ${p.min} bis ${p.max}.`,
  'factor-invalid': p => `„${p.text}“ ist kein gültiger Faktor. Gib eine Zahl von ${p.min} bis ${p.max} ein, etwa 1.5.`,
  'zoom-changes-nothing': () =>
    'Der Faktor 1 fügt nichts hinzu. Wähl einen größeren Faktor oder zusätzlich ein anderes Seitenverhältnis.',
  'length-invalid': p =>
    `„${p.text}“ ist keine gültige Länge (${sides[p.side]}). Gib Pixel oder Prozent ein, etwa 256 oder 25%.`,
  'extend-changes-nothing': () => 'Es würde nichts hinzugefügt. Gib mindestens eine Seite an, etwa 25%.',
  'aspect-invalid': p => `„${p.text}“ ist kein gültiges Seitenverhältnis. Schreib es so: 16:9.`,
  'hires-too-large': p =>
    `Mit Hires-Fix wäre das Bild ${p.width}×${p.height} groß; die Grenze sind ${p.limit} Megapixel. Skaliere weniger hoch, oder wähl eine kleinere Größe.`,
  'upscale-too-large': p =>
    `Das hochskalierte Bild wäre ${p.width}×${p.height} groß; die Grenze sind ${sizeLimit(p)}. ${p.scale > 2 ? 'Wähl 2×, oder schick' : 'Schick'} ein kleineres Bild.`,
  'fit-changes-nothing': p => `Das Bild hat diese Form schon (${p.width}×${p.height}). Wähl eine andere Form.`,
  'scale-out-of-range': p =>
    `Ich kann das Bild nicht im Maßstab ${p.scale} einsetzen. Gib einen Maßstab von ${p.min} bis ${p.max} an.`,
  'frame-out-of-range': p =>
    `Einen Rahmen von ${p.width}×${p.height} kann ich nicht machen. Gib für jede Seite ${p.min} bis ${p.max} Pixel an.`,
  'place-outside-frame': p =>
    `Das Bild liegt außerhalb des neuen Rahmens (${p.width}×${p.height}). Verschieb es so, dass ein Teil im Rahmen liegt.`,
  'place-covers-frame': p =>
    `Das Bild bedeckt den ganzen Rahmen (${p.width}×${p.height}), es gibt also nichts zu malen. Vergrößere den Rahmen oder verkleinere das Bild.`,
  'position-invalid': p =>
    `„${p.text}“ ist keine gültige Position. Gib Pixel von links und von oben an, etwa 200,300, oder eines von: ${p.anchors}.`,
  'mask-missing': () => 'Ich weiß nicht, wo ich malen soll. Schick eine Maske oder wähl Rasterfelder.',
  'holes-missing': () =>
    'Ich weiß nicht, wo ich malen soll: Das Bild hat keine transparenten Stellen. Schick eine Maske oder wähl Rasterfelder.',
  'history-missing': p =>
    p.isGone
      ? 'Das Bild, aus dem dieses entstanden ist, wurde nicht gefunden, also gibt es keine Details zum Einsetzen. Es muss noch in diesem Kanal sein oder unter den Dateien, die du angibst.'
      : 'Von diesem Bild gibt es keine frühere Fassung mit mehr Details. Zoome zuerst aus einem Bild heraus, oder wähle „Hochskalieren (leicht)“.',
  'mask-size-differs': p =>
    `Die Maske ist ${p.mask} groß, das Bild aber ${p.picture}. Schick eine Maske mit dem Seitenverhältnis des Bildes.`,
  'mask-empty': () =>
    'Die Maske markiert nichts. Mach den Bereich weiß oder transparent, oder übermale ihn in einer Kopie des Bildes.',
  'mask-low-contrast': () => 'Die Markierung ist zu schwach. Zeichne kräftiger oder in einer Farbe, die sich abhebt.',
  'mask-not-recognized': () =>
    'Ich kann das nicht als Maske lesen. Schick ein Schwarzweißbild, ein Bild mit transparenten Teilen oder eine Kopie des Bildes, auf die du gezeichnet hast.',
  'mask-full': () => 'Die Maske bedeckt das ganze Bild, es bliebe also nichts übrig. Lass einen Teil unmarkiert.',
  'selection-empty': () => 'Es ist kein Objekt gewählt. Gib einen Punkt im Objekt an, oder einen Rahmen darum.',
  'selection-outside': p =>
    `${p.what} liegt außerhalb des Bilds (${p.picture} Pixel). Gib einen Punkt oder einen Rahmen auf dem Bild an.`,
  'selection-too-long': p => `Das sind zu viele Punkte. Gib höchstens ${p.limit} an.`,
  'selection-found-nothing': () =>
    'Dort wurde kein Objekt gefunden. Versuch es mit einem anderen Punkt, oder mit einem Rahmen um das Objekt.',
  'segment-model-missing': () =>
    'Kein Modell zum Auswählen von Objekten ist installiert. „overscan models add mobilesam“ installiert eins.',
  'objects-not-found': () =>
    'Auf diesem Bild habe ich keine Objekte gefunden. Zeichne eine Maske oder wähl Rasterfelder.',
  'object-unknown': p => `Auf diesem Bild gibt es kein Objekt ${p.number}. Wähle aus 1 bis ${p.count}.`,
  'object-numbers-invalid': p => `„${p.text}“ ist keine Liste von Objektnummern. Schreib sie wie 1, 3.`,
  'mask-and-objects': () => 'Du hast eine Maske und Objekte angegeben. Nimm nur eins davon.',
  'prompt-too-long': p => `Der Prompt hat ${p.length} Zeichen. Erlaubt sind höchstens ${p.max}. Kürze ihn.`,
  'edit-invalid': p => `Diese Bearbeitung ist ungültig: ${p.detail}. Korrigiere sie und versuch es noch einmal.`,
  'options-invalid': p => `Diese Optionen sind ungültig: ${p.detail}. Korrigiere sie und versuch es noch einmal.`,
  'variations-out-of-range': p => `Ich kann nicht ${p.variations} Variationen malen. Wähl 1 bis ${p.max}.`,
  'seed-out-of-range': p => `${p.seed} ist kein gültiger Seed. Wähl eine ganze Zahl von 0 bis ${p.max}.`,
  'engine-unknown': p => `Es gibt kein Modell „${p.engine}“. Wähl eines von diesen: ${p.known}.`,
  'model-incomplete': p =>
    `Das Modell „${p.model}“ ist unvollständig. Es fehlt: ${p.missing}. Lade es noch einmal herunter.`,
  'checkpoint-is-pickle': p =>
    `„${p.file}“ ist eine Pickle-Datei, die beim Öffnen Code ausführen kann. Verwende die .safetensors-Version des Modells, oder wandle es mit diffusers um (save_pretrained).`,
  'checkpoint-truncated': p =>
    `„${p.file}“ ist unvollständig: Die Datei hat ${p.has} Bytes und braucht mindestens ${p.needs}. Lade sie noch einmal herunter.`,
  'checkpoint-corrupt': p =>
    `„${p.file}“ ist keine gültige .safetensors-Datei: ${p.detail}. Lade sie noch einmal herunter.`,
  'upscaler-unknown': p =>
    `„${p.file}“ ist kein Upscaler, den Overscan unterstützt. Nimm ESRGAN, Real-ESRGAN oder ein kompaktes Netz (SRVGGNet) als .safetensors, oder einen anderen Upscaler als .onnx.`,
  'checkpoint-unknown': p =>
    `„${p.file}“ ist kein Stable-Diffusion-Modell, das Overscan unterstützt. Verwende ein Modell von Stable Diffusion 1.x, 2.x oder XL.`,
  'checkpoint-incomplete': p =>
    `„${p.file}“ fehlen Teile des Modells: ${p.missing}. Verwende einen vollständigen Checkpoint.`,
  'checkpoint-is-lora': p =>
    `„${p.file}“ ist ein LoRA, kein Modell. Leg es in models/lora und schreib <lora:sein-Name:0.8> in den Prompt.`,
  'lora-weight-invalid': p =>
    `„${p.tag}“ ist kein LoRA mit Gewicht. Schreib es wie <lora:name:0.8> oder <lora:name:te=0.5:unet=1>.`,
  'lora-unknown': p =>
    p.known
      ? `Es gibt kein LoRA „${p.lora}“. Wähl eines von diesen: ${p.known}.`
      : `Es gibt kein LoRA „${p.lora}“, und keines ist installiert. Entferne es aus dem Prompt.`,
  'lora-incompatible': p =>
    `Das LoRA „${p.lora}“ wurde für eine andere Art von Modell gemacht als „${p.model}“. Verwende ein anderes LoRA oder ein anderes Modell.`,
  'lora-kind-unsupported': p =>
    `Das LoRA „${p.lora}“ kann nicht gelesen werden, weil es ${p.kind} verwendet. Verwende ein gewöhnliches LoRA.`,
  'embedding-is-pickle': p =>
    `Das Embedding „${p.file}“ kann nicht gelesen werden, weil solche Dateien Programme enthalten können. Wandle es in eine .safetensors-Datei um, oder nimm den Namen aus dem Prompt.`,
  'lora-needs-checkpoint': p =>
    `LoRAs funktionieren nur mit .safetensors-Checkpoints, und „${p.model}“ ist keiner. Wähl ein anderes Modell oder entferne das LoRA.`,
  'download-failed': p =>
    `Der Download von ${p.url} ist fehlgeschlagen: ${p.reason}. Führe denselben Befehl noch einmal aus, um fortzufahren.`,
  'download-forbidden': p =>
    `${p.url} braucht eine Freigabe. Stimme auf der Seite des Modells den Bedingungen zu und setze HF_TOKEN (Hugging Face) oder CIVITAI_TOKEN.`,
  'download-missing': p => `Unter ${p.url} wurde nichts gefunden. Prüfe die Adresse.`,
  'download-is-page': p => `${p.url} ist eine Webseite und keine Datei. Kopiere die Adresse des Download-Knopfs.`,
  'download-too-large': p =>
    `${p.file} ist größer als die erlaubten ${p.limit}. Der Download wurde abgebrochen. Prüf, woher die Datei kommt.`,
  'redirect-refused': p =>
    `${p.from} leitet auf ${p.to} weiter. Das ist nicht erlaubt. Prüf die Adresse, oder lade die Datei im Browser herunter und füge sie von dort hinzu.`,
  'path-outside-folder': p =>
    `Die Dateiliste nennt „${p.path}“. Das ist nicht im Ordner des Modells. Nichts wurde heruntergeladen. Nimm eine andere Quelle für dieses Modell.`,
  'download-corrupt': p =>
    `„${p.file}“ stimmt nicht mit der veröffentlichten Prüfsumme überein und wurde gelöscht. Versuch es noch einmal.`,
  'model-checksum-changed': p =>
    `${p.file} hat sich geändert: Die SHA-256-Prüfsumme ist ${p.is}, vorher war sie ${p.was}. Wenn du der neuen Datei vertraust, lösch ihre Zeilen aus ${p.lock} und versuch es noch einmal.`,
  'disk-space-low': p =>
    `Der Download braucht ${p.needs} GB, und in ${p.path} sind ${p.free} GB frei. Schaff Platz oder setze einen anderen MODEL_FOLDER.`,
  'model-too-large': p =>
    `„${p.model}“ braucht etwa ${p.needs} GB Speicher, und ${p.device} hat ${p.has} GB. „overscan models catalog“ zeigt, was passt.`,
  'device-unusable': p =>
    `${p.device} funktioniert auf diesem Rechner nicht: ${p.reason}. „overscan devices“ zeigt, was funktioniert.`,
  'cuda-platform-unsupported': p =>
    `Die CUDA-Einrichtung unterstützt nur Linux auf x64 und ARM64, und das hier ist ${p.platform}. Verwende ${p.instead}; das braucht keine Einrichtung.`,
  'cuda-not-installed': p =>
    `Die CUDA-Bibliotheken konnten nicht installiert werden: ${p.reason}. Sonst hat sich nichts geändert. Führe denselben Befehl noch einmal aus.`,
  'cuda-card-missing': () =>
    'Es wurde keine NVIDIA-Karte gefunden: nvidia-smi zeigt keine an. Installiere den Treiber von NVIDIA, und starte einen Container mit --gpus all. Für ein Image verwende --without-card.',
  'cuda-driver-too-old': p =>
    `Der NVIDIA-Treiber hat die Version ${p.driver}, und CUDA 13 braucht mindestens ${p.needs}. Aktualisiere den Treiber. Bis dahin nutzt DEVICE=webgpu die Karte.`,
  'cuda-card-too-old': p =>
    `CUDA 13 unterstützt diese Karte nicht (${p.card}). Es braucht eine GeForce GTX 16, RTX 20 oder neuer. Setze DEVICE=webgpu, um die Karte zu nutzen.`,
  'glibc-too-old': p =>
    `Die CUDA-Bibliotheken brauchen mindestens glibc ${p.needs}, und dieses Linux hat ${p.has ? `glibc ${p.has}` : 'eine andere C-Bibliothek'}. Verwende ein neueres Linux oder DEVICE=webgpu.`,
  'token-missing': () =>
    'Das Token des Bots fehlt. Erstelle eines unter https://discord.com/developers/applications und übergib es mit --token-file, --token oder DISCORD_TOKEN.',
  'discord-unreachable': p =>
    `Discord ist nicht erreichbar: ${p.reason}. Prüfe die Netzwerkverbindung dieses Rechners.`,
  'discord-rejected': p =>
    `Discord nimmt das Token an, lehnt aber die Anfrage ab: ${p.reason} (${p.status}). Prüfe die Einstellungen des Bots im Developer Portal.`,
  'repository-ambiguous': p =>
    `„${p.repository}“ hat kein Modell in einer Datei, das Overscan kennt. ${p.files ? `Nenn eine der Dateien: ${p.files}.` : 'Wähl ein anderes Repository.'}`,
  'model-exists': p => `Es gibt schon ein Modell „${p.model}“. Wähl einen anderen --name.`,
  'model-name-invalid': p =>
    p.name === ''
      ? 'Das Modell braucht einen Namen. Übergib --name mit höchstens 80 Buchstaben, Ziffern, Punkten und Bindestrichen.'
      : `„${p.name}“ kann kein Modellname sein. Übergib --name mit höchstens 80 Buchstaben, Ziffern, Punkten und Bindestrichen.`,
  'not-a-model': p =>
    `„${p.path}“ ist kein Modell. Füge einen Checkpoint (.safetensors), ein Modell zum Entfernen von Objekten (.onnx) oder einen Modellordner hinzu.`,
  'model-source-unknown': p =>
    `Es gibt keine Datei, kein Modell im Katalog und kein Repository namens „${p.text}“. ${p.closest ? `Meintest du ${p.closest}? ` : ''}Mit „overscan models catalog“ siehst du die Modelle, die du per Name hinzufügen kannst.`,
  'model-name-too-long': p =>
    `Das Modell „${p.model}“ fehlt in der Liste: Sein Name hat ${p.model.length} Zeichen, und Discord nimmt höchstens ${p.limit}. Benenne es um.`,
  'clip-skip': p =>
    `Der Text-Encoder von „${p.model}“ unterstützt Clip skip ${p.clipSkip} nicht. Lass Clip skip auf dem Standardwert.`,
  'size-invalid': p =>
    `„${p.text}“ ist keine gültige Größe. Schreib sie so: 768x512, jede Seite von ${p.min} bis ${p.max} Pixel.`,
  'model-overflowed': p =>
    `Das Modell „${p.model}“ lieferte Werte, die keine Zahlen sind, darum gibt es kein Bild. Bei halber Genauigkeit: Verwende seine Version in voller Genauigkeit. Sonst ist seine Datei beschädigt: Füge es neu hinzu.`,
  'model-unsupported': p =>
    `Das Modell „${p.model}“ kann nicht verwendet werden, weil Overscan Folgendes nicht unterstützt: ${p.feature}. Wähl ein anderes Modell.`,
  'controlnet-unknown': p =>
    p.known === ''
      ? `Es gibt kein ControlNet „${p.controlnet}“, denn es ist keines installiert. Leg eines als .safetensors-Datei oder als Ordner nach models/controlnet.`
      : `Es gibt kein ControlNet „${p.controlnet}“. Wähl eines von diesen: ${p.known}.`,
  'controlnet-unfit': p =>
    `Das ControlNet „${p.controlnet}“ passt nicht zum Modell „${p.model}“. Wähl ein ControlNet für diese Art von Modell.`,
  'controlnet-needs-checkpoint': p =>
    `„${p.model}“ besteht aus ONNX-Graphen, mit denen ControlNets nicht funktionieren. Wähl ein .safetensors-Modell.`,
  'controlnet-unsupported': p =>
    p.kind === 'other'
      ? `„${p.controlnet}“ ist kein ControlNet. Leg ein ControlNet nach models/controlnet.`
      : `„${p.controlnet}“ kann nicht verwendet werden: Die Datei ist von der Art „${p.kind}“ und kein vollständiges ControlNet. Verwende die volle Version.`,
  'model-is-refiner': p =>
    `„${p.model}“ ist ein Refiner und kann kein Bild beginnen. Wähl ein anderes Modell und „${p.model}“ als dessen Refiner.`,
  'refiner-unfit': p =>
    `Der Refiner „${p.refiner}“ passt nicht zum Modell „${p.model}“. Wähl einen Refiner der gleichen Art, zum Beispiel den von SDXL für ein Modell von SDXL.`,
  'sampler-unsupported': p =>
    `Das Modell „${p.model}“ funktioniert nicht mit dem Sampler ${p.sampler}. Wähl einen anderen, zum Beispiel Euler oder DPM++ 2M.`,
  'model-unreadable': p =>
    `Das Modell „${p.model}“ kann nicht verwendet werden. Lade es noch einmal herunter oder wähl ein anderes. Details: ${p.detail}`,
  'out-of-memory': p =>
    `Für „${p.model}“ reicht der Speicher nicht, auch nicht in kleinen Kacheln: ${p.detail}. Versuch es mit einem kleineren Bild, mit einem kleineren Modell oder später noch einmal.`,
  'engine-killed': () =>
    'Das System hat den Malprozess beendet, wahrscheinlich weil der Speicher nicht reichte. Versuch es mit einem kleineren Bild oder einem anderen Modell.',
  'engine-crashed': () =>
    'Der Malprozess ist abgestürzt. Versuch es noch einmal. Wenn er wieder abstürzt, nimm ein kleineres Bild.',
  'needs-model': p =>
    ({
      vary: 'Ohne Diffusionsmodell kann ich nur Bilder variieren, die ich selbst gemalt habe. Zoome zuerst heraus.',
      imagine:
        'Um nur aus Text zu malen, brauche ich ein Diffusionsmodell, und keines ist installiert. Sieh unter /modelle nach, oder beginne mit einem Bild und /herauszoomen.',
      creative:
        'Hochskalieren (kreativ) malt mit einem Diffusionsmodell, und keines ist installiert. Wer den Bot betreibt, kann eines hinzufügen: overscan models add sd15. Hochskalieren (leicht) geht ohne.',
    })[p.what],
  'needs-another-model': p =>
    `${p.engine} kann nur Bilder variieren, die ich selbst gemalt habe. Wähl ein Modell, das jedes Bild variieren kann: ${p.models}.`,
  'recipe-mismatch': () =>
    'Das ist nicht das Bild, zu dem das Rezept gehört; das Ergebnis wäre ein anderes. Schick die Originaldatei.',
  'attachment-missing': () => 'Ich finde dieses Bild nicht mehr in der Nachricht. Wähl ein anderes.',
  'attachment-deleted': () =>
    'Dieses Bild wurde gelöscht, oder sein Link ist abgelaufen. Schick es noch einmal mit /herauszoomen.',
  'attachment-unreachable': () =>
    'Ich konnte dieses Bild nicht von Discord herunterladen. Versuch es in einer Minute noch einmal.',
  'attachment-host-not-allowed': p =>
    `Ich lese nur Bilder, die auf Discord hochgeladen wurden, nicht von ${p.host}. Lade das Bild hoch und versuch es noch einmal.`,
  'button-unknown': () => 'Dieser Button ist zu alt oder nicht von mir. Beginne neu mit /herauszoomen.',
  'recipe-missing': () =>
    'Dieses Bild enthält kein Rezept, darum kann ich es nicht wiederholen. Beginne neu mit /herauszoomen.',
  'source-missing': () =>
    'Das Original dieses Bildes ist nicht mehr in der Nachricht, darum kann ich es nicht wiederholen. Beginne neu mit /herauszoomen.',
  'not-yours': () => 'Das kann nur die Person, von der der Auftrag stammt. Starte einen eigenen mit /herauszoomen.',
  'not-manager': () => 'Das können nur Personen, die diesen Server verwalten. Frag eine davon.',
  'server-only': () => 'Das geht nur auf einem Server. Versuch es dort.',
  'channel-not-allowed': p => `In diesem Kanal male ich nicht. Verwende ${p.channels}.`,
  'role-not-allowed': p =>
    `Auf diesem Server können mich nur ${p.roles} verwenden. Bitte die Serververwaltung um diese Rolle.`,
  'restricted-only': () => 'Auf diesem Server male ich nur in Kanälen mit Altersbeschränkung. Verwende einen davon.',
  'word-forbidden': p =>
    `„${p.word}“ ist auf diesem Server in Prompts nicht erlaubt. Entferne es und versuch es noch einmal.`,
  'queue-draining': () =>
    'Die Serververwaltung hat die Warteschlange für neue Aufträge geschlossen. Versuch es später noch einmal.',
  'job-already-ended': () => 'Dieser Auftrag ist schon beendet. Starte einen neuen mit /herauszoomen.',
  'result-too-large': p =>
    `Das Ergebnis passt auch komprimiert nicht in Discords Limit von ${p.limit} MB. Schick ein kleineres Bild.`,
  'result-kept': p =>
    `Ich konnte deine Bilder nicht zustellen: ${refusals[p.why]}. Ich hebe sie einen Tag lang auf. Mit /warteschlange meine bekommst du sie.`,
  'discord-refused': p => `Das ging nicht: ${refusals[p.why]}. Versuch es in einem anderen Kanal.`,
  'message-deleted': () =>
    'Diese Nachricht wurde gelöscht, oder ich kann sie nicht mehr sehen. Fang mit /herauszoomen neu an.',
  'direct-messages-closed': () =>
    'Ich kann dir keine Direktnachrichten senden. Erlaube sie in den Privatsphäre-Einstellungen dieses Servers und klick den Button noch einmal an.',
  'setting-missing': p => `${p.name} ist nicht gesetzt. Füge es zu .env hinzu (siehe docs/configuration.md).`,
  'setting-invalid': p => `Eine Einstellung ist ungültig: ${p.detail}. Korrigiere sie und versuch es noch einmal.`,
  'configuration-invalid': p => configFaultLines(p.faults, faults),
  'bot-token-missing': p =>
    `DISCORD_TOKEN ist nicht gesetzt, ${p.because} aber schon. Das sieht nach einem Bot für Discord aus. Füge das Token zu .env hinzu, oder starte „overscan playground“, das beides nicht braucht.`,
  'setting-not-writable': p =>
    `Der Wert von ${p.name} kann nicht in .env gespeichert werden: Er enthält # oder einen Zeilenumbruch und dazu alle Arten von Anführungszeichen. Setze ihn als Umgebungsvariable oder wähl einen anderen Wert.`,
  'login-refused': () =>
    'Discord lehnt DISCORD_TOKEN ab. Setze das Token des Bots im Developer Portal zurück und kopiere das neue in .env.',
  'queue-full': p => `Die Warteschlange ist voll (${p.waiting} Aufträge). Versuch es später noch einmal.`,
  'queue-full-for-person': p =>
    `Du hast schon ${p.waiting} Aufträge in der Warteschlange; das Limit ist ${p.limit}. Warte, bis einer fertig ist.`,
  'queue-full-for-server': p =>
    `Dieser Server hat schon ${p.waiting} Aufträge in der Warteschlange; das Limit ist ${p.limit}. Versuch es später noch einmal.`,
  'queue-unreachable': () =>
    'Die Warteschlange ist gerade nicht erreichbar. Die Aufträge darin bleiben erhalten. Versuch es in einer Minute noch einmal.',
  'no-capable-worker': p =>
    `Kein verbundener Rechner kann ${p.megapixels} Megapixel mit ${p.engine} malen. Schick ein kleineres Bild oder wähl ein anderes Modell.`,
  'job-lost': () =>
    'Dieser Auftrag ist verloren gegangen: Er hat länger als einen Tag gewartet, oder seine Bilder sind weg. Schick ihn noch einmal.',
  'job-incompatible': () => 'Dieser Auftrag stammt von einer anderen Version dieses Bots. Schick ihn noch einmal.',
  'disk-full': () =>
    'Die Festplatte des Rechners, auf dem dieser Bot läuft, ist voll; dein Auftrag wurde nicht angenommen. Sag der Person Bescheid, die diesen Bot betreibt, und schick ihn dann noch einmal.',
  'folder-in-use': p =>
    `Ein anderes Overscan verwendet ${p.path} schon. Beende es zuerst oder setze einen anderen DATA_FOLDER.`,
  'port-taken': p => `Port ${p.port} wird von einem anderen Programm verwendet. Setze einen anderen ${p.setting}.`,
  'pages-not-built': () => 'Die Webseiten wurden nicht gebaut. Führe „npm run build“ aus.',
  'activity-secret-rejected': () =>
    'Discord lehnt das Client Secret des Bots ab. Wer diesen Bot betreibt, kann auf der OAuth2-Seite des Developer Portals ein neues DISCORD_CLIENT_SECRET kopieren.',
  'activity-login-refused': () =>
    'Discord konnte nicht bestätigen, wer du bist. Schließ das Fenster und öffne es noch einmal.',
  'discord-not-responding': () => 'Discord antwortet nicht. Versuch es gleich noch einmal.',
  'quota-exceeded': p => {
    const quantity = p.what === 'pictures' ? pictures(p.limit) : `${p.limit} GPU-Sekunden`
    const whose = p.whose === 'server' ? 'Das Kontingent dieses Servers' : 'Dein Kontingent'
    return `${whose} ist aufgebraucht (${quantity} ${p.per === 'hour' ? 'pro Stunde' : 'pro Tag'}). Versuch es ${relativeTime(p.until)} noch einmal.`
  },
  'settings-corrupt': p =>
    `Die Einstellungen in ${p.path} können nicht gelesen werden. Repariere die Datei, oder verschieb sie, um mit neuen Einstellungen zu beginnen.`,
  interrupted: () =>
    'Overscan wurde neu gestartet, bevor es mit deiner Anfrage beginnen konnte. Bitte schick sie noch einmal.',
  cancelled: () => 'Abgebrochen.',
  stopped: () => 'Ich starte neu, darum wurde dieser Auftrag nicht fertig. Schick ihn in einer Minute noch einmal.',
  'operator-needed': p =>
    `Etwas, das dieser Bot braucht, funktioniert nicht, und nur die Person, die ihn betreibt, kann das beheben. Nenn ihr diesen Code: ${p.incident}. Die Ursache steht im Log.`,
  bug: p =>
    `Bei mir ist etwas schiefgegangen. Wenn es wieder passiert, nenn der Person, die diesen Bot betreibt, diesen Code: ${p.incident}.`,
}

const amount = (length: Length) => ('percent' in length ? `${length.percent}%` : `${length.pixels} px`)

const given = (length: Length) => ('percent' in length ? length.percent : length.pixels) > 0

const pictures = (count: number) => (count === 1 ? '1 Bild' : `${count} Bilder`)

function heading(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` auf ${edit.aspect.width}:${edit.aspect.height}` : ''
      const at = edit.anchor ? ` (${anchors[edit.anchor]})` : ''
      return `Herauszoomen ${edit.factor}×${to}${edit.grow ? ', gleiche Pixel' : ''}${at}`
    }
    case 'extend': {
      const parts = (['left', 'right', 'top', 'bottom'] as const).filter(side => given(edit[side]))
      return `Erweitern ${parts.map(side => `${sides[side]} ${amount(edit[side])}`).join(', ')}`
    }
    case 'square':
      return 'Quadratisch machen'
    case 'fit':
      return edit.exact
        ? `Einpassen in ${edit.width}×${edit.height} Pixel`
        : `Einpassen in ${edit.width}:${edit.height}`
    case 'place':
      return `Einsetzen in ${edit.width}×${edit.height} Pixel`
    case 'inpaint':
      return 'Variieren (Bereich)'
    case 'remove':
      return 'Entfernen'
    case 'vary':
      return edit.strength === 'subtle' ? 'Variieren (leicht)' : 'Variieren (stark)'
    case 'upscale':
      return edit.creative
        ? `Hochskalieren (kreativ) ${edit.scale}×`
        : `Hochskalieren ${edit.scale}×${edit.history ? ' mit Verlauf' : ''}`
    case 'imagine':
      return edit.hires ? `Ausdenken (hires fix ${edit.hires.scale}×)` : 'Ausdenken'
  }
}

/** The texts in German. */
export const de: Translations = {
  problems,
  heading,
  sides,
  pages,

  progress: {
    next: 'Du bist als Nächstes dran',
    position: place => `Position ${place} in der Warteschlange`,
    starts: when => `beginnt ${when}`,
    paused: 'Wartet: Die Serververwaltung hat die Warteschlange angehalten',
    noWorker: 'Es ist kein Rechner verbunden, der malen kann. Dein Auftrag startet, sobald einer verbunden ist',
    restarting: 'Ich starte neu. Dein Auftrag behält seine Position und geht von selbst weiter',
    preview: 'Vorschau des unfertigen Bildes',
  },

  result: {
    seeds: seeds => `${seeds.length > 1 ? 'Seeds' : 'Seed'} ${seeds.join(', ')}`,
    seconds: seconds => `${seconds} s`,
    requestedBy: mention => `für ${mention}`,
    pickedBy: mention => `ausgewählt von ${mention}`,
    imageNumber: number => `Bild ${number}`,
    originalTitle: 'Das Original',
    journeyTitle: (pictures: number) => `Eine Reise durch ${pictures} Bilder`,
    ignoredPrompt: (engine, instead) =>
      `Dein Prompt wurde ignoriert: „${engine}“ kann keinen Text lesen. ${instead ? `Wähle das Modell „${instead}“, um ihn zu verwenden` : 'Wer den Bot betreibt, kann ein Modell installieren, das Text liest'}`,
    ignoredOptions: (engine, options) => `„${engine}“ ignoriert: ${options.join(', ')}`,
    optionNames: {
      prompt: 'Prompt',
      strength: 'Entrauschungsstärke',
      content: 'maskierter Inhalt',
      negative: 'negativer Prompt',
      steps: 'Schritte',
      sampler: 'Sampler',
      guidance: 'CFG-Skala',
      clipSkip: 'Clip skip',
      refiner: 'Refiner',
      preset: 'Outpainting-Vorgabe',
      refine: 'Verfeinern',
      seam: 'Nahtdurchgang',
      control: 'ControlNet',
    },
    cannotPost:
      'Ich kann in diesem Kanal keine Bilder posten (es fehlen „Nachrichten senden“ und „Dateien anhängen“), darum sehe ich Antworten hierauf nicht',
    resampled: 'ohne Modell vergrößert: umgerechnet, mit dem Korn des Bildes; keine neuen Details',
    fromHistory: ({ pictures, end }) => {
      const shown =
        pictures === 1
          ? 'die Details von 1 früheren Bild wurden eingesetzt'
          : `die Details von ${pictures} früheren Bildern wurden eingesetzt`
      switch (end) {
        case 'first':
          return shown
        case 'missing':
          return `${shown}; die Bilder davor wurden nicht gefunden`
        case 'limit':
          return `${shown}; mit mehr würde es zu groß`
      }
    },
    memoryFallback: fallback => {
      switch (fallback.kind) {
        case 'device':
          return `${fallback.instead} hatte zu wenig Speicher, darum hat ${fallback.device} das Bild gemalt`
        case 'smaller':
          return `der Speicher war knapp, darum wurde das Bild mit etwa ${fallback.side}×${fallback.side} Pixeln gemalt und hochskaliert`
        case 'tiles':
          return 'der Speicher war knapp, darum hat das Modell das Bild in Kacheln gemalt'
        case 'parts':
          return 'der Speicher war knapp, darum wurde das Modell in jedem Schritt hälftenweise geladen'
      }
    },
    conversions: {
      'first-frame': 'nur das erste Einzelbild der Animation wurde verwendet',
      'first-page': 'nur die erste Seite der Datei wurde verwendet',
      '8-bit': 'das Bild hat 16 Bit pro Kanal, das Ergebnis 8',
      srgb: 'die Farben wurden in sRGB umgerechnet',
    },
    control: ({ name, module, prefill, isDefault }) =>
      `ControlNet ${name} (${module}${prefill ? `, vorgefüllt von ${prefill}` : ''})${isDefault ? ', automatisch gewählt; „control: none“ schaltet es aus' : ''}`,
    channelGone: 'Ich kann in dem Kanal, aus dem dein Auftrag kam, nicht mehr posten. Hier ist dein Ergebnis:',
    /** Why a result did not come as a message in its channel. */
    blockedByAutoMod:
      'AutoMod hat meine Nachricht in dem Kanal blockiert, in dem du gefragt hast, daher bekommst du dein Ergebnis hier',
    blockedAsExplicit:
      'Discords Filter für anstößige Inhalte hat meine Nachricht in dem Kanal blockiert, in dem du gefragt hast, daher bekommst du dein Ergebnis hier',
    threadClosed:
      'Der Thread, in dem du gefragt hast, ist archiviert oder gesperrt, daher bekommst du dein Ergebnis hier',
    refusedInChannel:
      'Discord hat meine Nachricht in dem Kanal abgelehnt, in dem du gefragt hast, daher bekommst du dein Ergebnis hier',
    kept: 'für dich aufgehoben, weil ich es nicht zustellen konnte',
    altText: (title, seed, prompt) => `${title}, Seed ${seed}${prompt && `: ${prompt}`}`,
  },

  buttons: {
    cancel: 'Abbrechen',
    upscaleSubtle: 'Hochskalieren (leicht)',
    upscaleCreative: 'Hochskalieren (kreativ)',
    upscaleHistory: 'Hochskalieren (Verlauf)',
    varySubtle: 'Variieren (leicht)',
    varyStrong: 'Variieren (stark)',
    varyRegion: 'Variieren (Bereich)',
    zoom2: 'Herauszoomen 2×',
    zoom15: 'Herauszoomen 1.5×',
    customZoom: 'Eigener Zoom',
    square: 'Quadratisch machen',
    remix: 'Remix',
    sendToDirectMessages: 'Als DM senden',
    delete: 'Löschen',
    recipe: 'Rezept',
    original: 'Original',
    journey: 'Reise',
    paint: 'Malen',
    flip: 'Invertieren',
    grow: 'Vergrößern',
    shrink: 'Verkleinern',
  },

  drawingPage: {
    title:
      'Markiere im Editor den Bereich, der neu gemalt werden soll. Der Link gilt 30 Minuten. Du kannst auch eine Maske schicken oder Rasterfelder wählen.',
    openedInDiscord:
      'Markiere im Editor, der sich hier öffnet, den Bereich, der neu gemalt werden soll. Der Link öffnet ihn auch. Du kannst auch eine Maske schicken oder Rasterfelder wählen.',
    openEditor: 'Editor öffnen',
    sendMask: 'Maske oder Rasterfelder …',
    chooseObjects: 'Nummerierte Objekte …',
    extend:
      'Zieh im Editor die Seiten des Bildes nach außen, oder setz es in einen neuen Rahmen ein. Der Link gilt 30 Minuten. Du kannst auch Längen eingeben.',
    extendOpened:
      'Zieh im Editor, der sich hier öffnet, die Seiten des Bildes nach außen, oder setz es in einen neuen Rahmen ein. Der Link öffnet ihn auch. Du kannst auch Längen eingeben.',
    sendLengths: 'Längen …',
  },
  activity: {
    nothing: 'Klick auf „Variieren (Bereich)“ unter einem Bild, um es hier zu bearbeiten.',
    outside: 'Diese Seite funktioniert in Discord. Klick dort auf „Variieren (Bereich)“ unter einem Bild.',
    entering: 'Verbindung zu Discord wird hergestellt …',
    silent: 'Discord antwortet nicht. Schließ diese Seite und öffne sie noch einmal.',
    declined:
      'Ohne deine Erlaubnis teilt Discord dieser Seite nicht mit, wer du bist, und sie findet dein Bild nicht. Sie liest nur deinen Namen.',
    again: 'Erneut versuchen',
  },
  modals: {
    whichPicture: 'Bild',
    picture: number => `Bild ${number}`,
    customZoom: 'Eigener Zoom',
    factor: 'Zoomfaktor',
    factorHint: 'Von 1 bis 4; 1 nur mit einem anderen Seitenverhältnis',
    aspect: 'Seitenverhältnis',
    aspectHint: 'Etwa 16:9; leer lassen für das Seitenverhältnis des Bildes',
    anchor: 'Anker',
    prompt: 'Prompt',
    promptHint: 'Was du dort sehen möchtest',
    creativePromptHint: 'Für Kreativ: was auf dem Bild ist',
    remix: 'Prompt ändern',
    extend: 'Erweitern',
    lengthHint: 'Pixel oder Prozent, etwa 256 oder 25%',
    zoomOut: 'Herauszoomen',
    square: 'Quadratisch machen',
    upscale: 'Hochskalieren',
    fit: 'Einpassen',
    shape: 'Form',
    shapeHint: 'Ein Seitenverhältnis wie 16:9 oder eine Größe wie 960x540px',
    recipe: 'Rezept',
    varyRegion: 'Variieren (Bereich)',
    remove: 'Entfernen',
    mask: 'Maske',
    maskOrHolesHint: 'Weiß/transparent = neu malen; oder markierte Kopie. Leer lassen, um Transparentes zu füllen',
    maskOrObjectsHint: 'Weiß/transparent = neu malen; oder markierte Kopie. Alles leer = nummerierte Objekte wählen',
    maskHint: 'Weiß oder transparent = neu malen; oder eine Kopie des Bildes mit deinen Markierungen',
    cells: across => `Oder Felder eines ${across}×${across}-Rasters`,
    cell: (row, column) => `Zeile ${row}, Spalte ${column}`,
  },

  confirmMask: {
    title: {
      inpaint: 'Diesen Bereich neu malen?',
      remove: 'Das hier entfernen?',
      fill: 'Die transparenten Stellen füllen?',
    },
    areaShare: percent => `${percent} des Bildes`,
    kinds: {
      'black-and-white': 'der weiße Teil deiner Maske',
      transparent: 'der transparente Teil deiner Maske',
      layer: 'was du auf die transparente Ebene gemalt hast',
      marked: 'was du markiert hast',
      cells: 'die gewählten Rasterfelder',
      objects: 'die gewählten Objekte',
      holes: 'der transparente Teil des Bildes',
    },
    readAs: {
      'black-and-white': 'Das Weiße malen',
      transparent: 'Das Transparente malen',
      layer: 'Das Gezeichnete malen',
      marked: 'Das Markierte malen',
      cells: 'Die Felder malen',
      holes: 'Transparente Stellen füllen',
    },
    scaledToPicture: 'auf das Bild skaliert',
    lowConfidence: 'Ich bin nicht sicher, ob ich deine Maske richtig gelesen habe. Bitte prüfe sie.',
    overlay: 'Das Bild; der Bereich, der gemalt wird, ist gestreift und umrandet',
  },

  objects: {
    title: 'Welche Objekte?',
    hint: 'Wähl eins oder mehrere nach ihren Nummern. Dann zeige ich dir den Bereich, bevor ich male.',
    choose: 'Objekte wählen',
    overlay: 'Das Bild; seine Objekte sind umrandet und nummeriert',
  },

  direct: { sent: 'Als Direktnachricht gesendet.' },

  audit: {
    painted: (mention, title, link) => `${mention}: ${title} ${link}`,
    refused: (mention, channel, why) => `${mention} in ${channel}: ${why}`,
    settings: (mention, what) => `${mention} hat die Einstellungen geändert: ${what}`,
    queueCommand: (mention, what) => `${mention}: /warteschlange ${what}`,
  },

  queue: {
    nothingOfYours: 'Du hast keine Aufträge in der Warteschlange, und für dich sind keine Ergebnisse aufgehoben.',
    moreKept: (count: number) =>
      count === 1
        ? 'Ein weiteres Ergebnis ist für dich aufgehoben. Verwende noch einmal /warteschlange meine.'
        : `${count} weitere Ergebnisse sind für dich aufgehoben. Verwende noch einmal /warteschlange meine.`,
    title: 'Warteschlange',
    empty: 'Nichts wartet oder läuft.',
    running: percent => `${percent}%`,
    pictures,
    otherServers: count => (count === 1 ? 'und 1 Auftrag von anderswo' : `und ${count} Aufträge von anderswo`),
    paused: 'Die Warteschlange ist angehalten: Aufträge warten, und nichts startet.',
    draining: 'Die Warteschlange ist für neue Aufträge geschlossen: Wartende Aufträge werden noch gemalt.',
    open: 'Die Warteschlange ist offen.',
    cancelledWaiting: count =>
      count === 1 ? '1 wartender Auftrag wurde abgebrochen.' : `${count} wartende Aufträge wurden abgebrochen.`,
    cancelled: 'Abgebrochen.',
  },

  settings: {
    title: 'Servereinstellungen',
    ownTitle: 'Deine Einstellungen',
    saved: 'Gespeichert.',
    allChannels: 'alle Kanäle',
    everyone: 'alle',
    none: 'keine',
    unset: 'Standard',
    names: {
      channels: 'Kanäle',
      first: 'Vorrang',
      roles: 'Rollen',
      quotas: 'Kontingente',
      variations: 'Variationen (höchstens)',
      engine: 'Modell',
      upscaler: 'Upscaler',
      steps: 'Schritte',
      colorMatch: 'Farben angleichen',
      forbidden: 'Blockierte Wörter',
      buttons: 'Wer die Buttons verwenden kann',
      language: 'Sprache',
      auditChannel: 'Protokollkanal',
      spoiler: 'Spoiler',
      restrictedOnly: 'Nur in Kanälen mit Altersbeschränkung',
      line: 'Warteschlange',
      confirmMasks: 'Masken bestätigen',
    },
    values: {
      author: 'wer den Auftrag gegeben hat',
      all: 'alle',
      never: 'nie',
      always: 'immer',
      unsure: 'nur bei Unsicherheit',
      yes: 'ja',
      no: 'nein',
      open: 'offen',
      draining: 'für neue Aufträge geschlossen',
      paused: 'angehalten',
    },
    quota: (role, amounts, per) => `${role}: ${amounts.join(', ')} ${per}`,
    quotaPictures: pictures,
    quotaSeconds: seconds => `${seconds} GPU-Sekunden`,
    per: { hour: 'pro Stunde', day: 'pro Tag' },
  },

  info: {
    title: version => `Overscan ${version}`,
    description: 'Ich male, was außerhalb des Bildrands liegt.',
    models: names => `Modelle: ${names}`,
    device: device => `Gerät: ${device}`,
    queueLoad: (running, waiting) => `Warteschlange: ${running} in Arbeit, ${waiting} wartend`,
    remainingQuota: what => `Dein restliches Kontingent: ${what}`,
    remainingPictures: (count, per) => `${pictures(count)} ${per}`,
    remainingGpuSeconds: (seconds, per) => `${seconds} GPU-Sekunden ${per}`,
    started: when => `Gestartet ${when}`,
  },

  models: {
    title: 'Modelle',
    fill: 'eingebaut, braucht keinen Download; setzt das Bild mit dem fort, was es schon zeigt; kann keinen Text lesen',
    none: 'Es ist kein Diffusionsmodell installiert. Wer diesen Bot betreibt, kann eines in `models/` ablegen; docs/models.md erklärt, wie. Ohne Modell werden Prompts gespeichert, aber ignoriert, und /ausdenken ist nicht verfügbar.',
    loras: 'LoRAs für die Prompts von Checkpoint-Modellen:',
    controlNets: 'ControlNets für die Option `control`:',
  },

  recipe: {
    title: 'Rezept',
    operation: 'Vorgang',
    prompt: 'Prompt',
    seed: 'Seed',
    model: 'Modell',
    source: 'Ausgangsbild',
    mask: 'Maske',
    howToRepeat: 'Um es noch einmal zu malen: /rezept mit diesem Bild und mit seinem Original als Quelle.',
  },

  dataDeleted: (settings, jobs) =>
    [
      settings ? 'Deine Einstellungen sind gelöscht.' : 'Du hattest keine gespeicherten Einstellungen.',
      jobs > 0 ? `Deine Aufträge in der Warteschlange sind abgebrochen (${jobs}).` : '',
      'Dein Verbrauchszähler ist gelöscht. Bilder sind nur in den Nachrichten auf Discord gespeichert: Klick auf „Löschen“ unter einem Bild, um es zu löschen.',
    ]
      .filter(Boolean)
      .join(' '),

  help: {
    title: 'So verwendest du Overscan',
    intro: [
      '**/herauszoomen** und ein Bild: vier Versionen von dem, was außerhalb des Bildrands liegt.',
      'Unter vier Bildern: **U1–U4** wählt eines aus, **V1–V4** variiert eines, 🔄 versucht es noch einmal.',
      'Unter einem Bild: weiter herauszoomen, eine Seite erweitern, quadratisch machen, einen Bereich neu malen.',
      'Bei jedem Bild, auch von anderen: Rechtsklick (auf dem Handy: gedrückt halten) → **Apps** → Herauszoomen, Erweitern, Bereich neu malen, Entfernen.',
      'Um einen Teil neu zu malen: **antworte** auf eines meiner Bilder mit einer Maske oder mit einer Kopie, auf die du gezeichnet hast. Dein Text ist der Prompt.',
    ],
    example: 'Beispiel',
    examples: {
      zoom: '/herauszoomen bild:urlaub.jpg faktor:2',
      extend: '/erweitern bild:haus.png links:25% rechts:25%',
      square: '/quadrat bild:portrait.jpg',
      fit: '/einpassen bild:logo.png form:Serverbanner',
      inpaint: '/neumalen bild:zimmer.jpg maske:zimmer-maske.png prompt:ein grünes Sofa',
      remove: '/entfernen bild:strand.jpg maske:strand-markiert.jpg',
      vary: '/variieren bild:overscan-1.png stärke:leicht',
      imagine: '/ausdenken prompt:ein Leuchtturm in der Dämmerung seitenverhältnis:16:9',
      upscale: '/hochskalieren bild:gezoomt.png skalierung:4×',
      queue: '/warteschlange anzeigen',
      settings: '/einstellungen meine nachfragen:nur bei Unsicherheit',
      info: '/info',
      help: '/hilfe befehl:/herauszoomen',
      models: '/modelle',
      recipe: '/rezept bild:overscan-1.png',
      'forget-me': '/vergiss-mich',
    },
  },

  commands: {
    zoom: { name: 'herauszoomen', description: 'Malt, was außerhalb des Rands eines Bildes liegt' },
    extend: { name: 'erweitern', description: 'Erweitert ein Bild auf einer oder mehreren Seiten' },
    square: { name: 'quadrat', description: 'Macht ein Bild quadratisch und malt die fehlenden Teile' },
    fit: {
      name: 'einpassen',
      description: 'Bringt ein Bild in eine Form und malt die fehlenden Teile, ohne Zuschneiden',
    },
    inpaint: { name: 'neumalen', description: 'Malt einen Bereich eines Bildes neu' },
    remove: { name: 'entfernen', description: 'Entfernt ein Objekt aus einem Bild' },
    vary: { name: 'variieren', description: 'Malt Variationen eines Bildes' },
    imagine: { name: 'ausdenken', description: 'Malt ein Bild aus Text' },
    upscale: { name: 'hochskalieren', description: 'Vergrößert ein Bild 2× oder 4×' },
    queue: { name: 'warteschlange', description: 'Zeigt und verwaltet die Warteschlange' },
    settings: { name: 'einstellungen', description: 'Einstellungen dieses Servers und deine eigenen' },
    info: { name: 'info', description: 'Version, Modelle, Gerät und Auslastung dieses Bots' },
    help: { name: 'hilfe', description: 'So verwendest du diesen Bot, mit Beispielen' },
    models: { name: 'modelle', description: 'Listet die installierten Modelle auf' },
    recipe: { name: 'rezept', description: 'Zeigt, wie ein Bild entstanden ist, oder malt es noch einmal' },
    'forget-me': { name: 'vergiss-mich', description: 'Löscht alles, was über dich gespeichert ist' },
  },

  subcommands: {
    show: { name: 'anzeigen', description: 'Zeigt den aktuellen Stand' },
    cancel: { name: 'abbrechen', description: 'Bricht einen deiner Aufträge ab' },
    pause: { name: 'anhalten', description: 'Startet nichts Neues; Aufträge warten weiter (Verwaltung)' },
    resume: { name: 'fortsetzen', description: 'Setzt die Warteschlange fort (Verwaltung)' },
    drain: { name: 'schließen', description: 'Malt wartende Aufträge, nimmt nichts Neues an (Verwaltung)' },
    clear: { name: 'alle-abbrechen', description: 'Bricht alle wartenden Aufträge ab (Verwaltung)' },
    mine: { name: 'meine', description: 'Deine eigenen Vorgaben' },
    'queue-mine': { name: 'meine', description: 'Deine Aufträge und Ergebnisse, die ich nicht zustellen konnte' },
    channel: { name: 'kanal', description: 'In welchen Kanälen der Bot malt (Verwaltung)' },
    role: { name: 'rolle', description: 'Welche Rollen den Bot verwenden können (Verwaltung)' },
    first: { name: 'vorrang', description: 'Welche Rollen in der Warteschlange Vorrang haben (Verwaltung)' },
    quota: { name: 'kontingent', description: 'Wie viel eine Rolle malen kann; 0 entfernt das Limit (Verwaltung)' },
    defaults: {
      name: 'vorgaben',
      description: 'Höchstzahl der Variationen, Standardmodell, Upscaler und Schritte (Verwaltung)',
    },
    words: { name: 'wörter', description: 'Wörter, die in Prompts blockiert sind (Verwaltung)' },
    buttons: { name: 'buttons', description: 'Wer die Buttons unter einem Bild verwenden kann (Verwaltung)' },
    language: { name: 'sprache', description: 'Die Sprache der Nachrichten, die alle sehen (Verwaltung)' },
    audit: {
      name: 'protokoll',
      description: 'Protokolliert Bilder in einem Kanal; leer lassen zum Abschalten (Verwaltung)',
    },
    safety: { name: 'schutz', description: 'Spoiler und Kanäle mit Altersbeschränkung (Verwaltung)' },
  },

  options: {
    image: { name: 'bild', description: 'Das Ausgangsbild' },
    factor: { name: 'faktor', description: 'Zoomfaktor: 1.5×, 2× oder eine Zahl von 1 bis 4 (Standard 1.5)' },
    aspect: { name: 'seitenverhältnis', description: 'Ein anderes Seitenverhältnis, etwa 16:9' },
    keep: { name: 'behalten', description: 'Was gleich bleibt: die Bildgröße oder deine Pixel (Standard: Größe)' },
    anchor: { name: 'anker', description: 'Wo dein Bild im neuen Bild liegt (Standard: Mitte)' },
    left: { name: 'links', description: 'Wie viel links hinzukommt, etwa 25% oder 256' },
    right: { name: 'rechts', description: 'Wie viel rechts hinzukommt' },
    top: { name: 'oben', description: 'Wie viel oben hinzukommt' },
    bottom: { name: 'unten', description: 'Wie viel unten hinzukommt' },
    shape: { name: 'form', description: 'Ein Seitenverhältnis wie 16:9 oder ein Zweck aus der Liste' },
    mask: {
      name: 'maske',
      description: 'Weiß oder transparent = neu malen; oder eine Kopie des Bildes mit deinen Markierungen',
    },
    'inpaint-mask': {
      name: 'maske',
      description: 'Weiß/transparent = neu malen; oder markierte Kopie. Ohne Maske werden transparente Stellen gefüllt',
    },
    object: {
      name: 'objekt',
      description: 'Objektnummern wie 1, 3. Ohne sie und ohne Maske zeige ich dir die Nummern',
    },
    'keep-alpha': {
      name: 'transparenz-behalten',
      description: 'Lässt Transparentes transparent; sonst wird es mitgemalt',
    },
    area: { name: 'bereich', description: 'Inpaint-Bereich: ganzes Bild oder nur maskiert (Standard: ganzes Bild)' },
    padding: {
      name: 'abstand',
      description: 'Pixel um die Maske herum, die das Modell bei „nur maskiert“ sieht (Standard 32)',
    },
    'mask-blur': { name: 'maske-weichzeichnen', description: 'Breite des weichen Maskenrands in Pixeln (Standard 0)' },
    'mask-grow': { name: 'maske-vergrößern', description: 'Vergrößert die Maske um so viele Pixel (Standard 0)' },
    size: { name: 'größe', description: 'Skaliert das Bild zuerst, etwa auf 768x512 (Standard: unverändert)' },
    resize: { name: 'größenänderung', description: 'Skalierungsmodus (Standard: nur skalieren)' },
    preset: { name: 'voreinstellung', description: 'Eines der Outpainting-Skripte von A1111 (Diffusionsmodelle)' },
    'clip-skip': {
      name: 'clip-skip',
      description: 'Die verwendete CLIP-Schicht, vom Ende gezählt (Diffusionsmodelle)',
    },
    refiner: {
      name: 'refiner',
      description: 'Refiner: ein zweites Modell, das die letzten Schritte malt (Diffusionsmodelle)',
    },
    'switch-at': {
      name: 'wechsel-bei',
      description: 'Anteil der Schritte, nach dem der Refiner übernimmt (Standard: 0,8)',
    },
    control: {
      name: 'control',
      description: 'ControlNets: NAME, oder NAME:tile und weitere mit Komma; none für keines (Diffusionsmodelle)',
    },
    'control-weight': {
      name: 'control-gewicht',
      description: 'Wie stark die ControlNets zählen, 0 bis 2 (Standard: 1)',
    },
    'control-start': {
      name: 'control-start',
      description: 'Ab welchem Anteil der Schritte die ControlNets wirken (Standard: 0)',
    },
    'control-end': {
      name: 'control-ende',
      description: 'Bis zu welchem Anteil der Schritte die ControlNets wirken (Standard: 1)',
    },
    'control-mode': { name: 'control-modus', description: 'Was wichtiger ist (Standard: ausgewogen)' },
    'downsampling-rate': {
      name: 'verkleinerung',
      description: 'Wie viel kleiner :tile das Bild zuerst macht, 1 bis 8 (Standard: 1)',
    },
    refine: {
      name: 'verfeinern',
      description: 'Malt große Bilder ein zweites Mal in Kacheln (Diffusionsmodelle)',
    },
    'color-match': {
      name: 'farbabgleich',
      description: 'Gleicht gemalte Farben am Rand der Maske an das Bild an (Standard: ja)',
    },
    seam: { name: 'naht', description: 'Malt die Grenze zwischen Alt und Neu ein zweites Mal (Diffusionsmodelle)' },
    'masked-content': {
      name: 'maskierter-inhalt',
      description: 'Womit der maskierte Bereich beginnt (Standard: je nach Modell)',
    },
    strength: { name: 'stärke', description: 'Wie stark sich das Bild ändert' },
    'denoising-strength': {
      name: 'entrauschungsstärke',
      description: 'Entrauschungsstärke: wie viel sich ändert, 0.05 bis 1',
    },
    invert: { name: 'invertieren', description: 'Invertiert die Maske: malt alles neu, was nicht maskiert ist' },
    prompt: { name: 'prompt', description: 'Was du dort sehen möchtest (Modelle, die Text lesen)' },
    variations: { name: 'variationen', description: 'Wie viele Bilder gemalt werden' },
    seed: { name: 'seed', description: 'Derselbe Seed malt dieselben Bilder noch einmal (Standard: zufällig)' },
    model: { name: 'modell', description: 'Das Modell, das malt' },
    scale: { name: 'skalierung', description: 'Um wie viel breiter und höher: 2× (Standard) oder 4×' },
    detail: {
      name: 'details',
      description: 'Aus dem Verlauf: setzt die Details der Bilder ein, aus denen es entstanden ist',
    },
    upscaler: { name: 'upscaler', description: 'Der Upscaler: lanczos oder ein installierter' },
    creative: {
      name: 'kreativ',
      description: 'Übermalt es mit einem Diffusionsmodell: Entrauschungsstärke, meist 0.3',
    },
    'hires-fix': {
      name: 'hires-fix',
      description: 'Hires-Fix: so vielfach hochskalieren, 1 bis 4, dann übermalen (meist 2)',
    },
    'hires-strength': {
      name: 'hires-stärke',
      description: 'Hires-Fix: Entrauschungsstärke, 0.05 bis 1, meist 0.5',
    },
    spoiler: { name: 'spoiler', description: 'Verbirgt die Bilder, bis man sie anklickt' },
    source: { name: 'quelle', description: 'Das Originalbild; malt das Rezept noch einmal' },
    command: { name: 'befehl', description: 'Der Befehl, der erklärt wird' },
    job: { name: 'auftrag', description: 'Der Auftrag, der abgebrochen wird' },
    channel: { name: 'kanal', description: 'Der Kanal' },
    role: { name: 'rolle', description: 'Die Rolle' },
    allowed: { name: 'erlaubt', description: 'Ob es erlaubt ist' },
    pictures: { name: 'bilder', description: 'Anzahl der Bilder; 0 für kein Limit' },
    seconds: { name: 'sekunden', description: 'GPU-Sekunden; 0 für kein Limit' },
    per: { name: 'pro', description: 'Der Zeitraum des Kontingents' },
    negative: { name: 'negativ', description: 'Negativer Prompt: was du nicht sehen möchtest (Diffusionsmodelle)' },
    sampler: { name: 'sampler', description: 'Sampling-Methode (Diffusionsmodelle)' },
    guidance: {
      name: 'cfg-skala',
      description: 'Wie genau dem Prompt gefolgt wird, 1 bis 30 (Standard 7; Diffusionsmodelle)',
    },
    steps: { name: 'schritte', description: 'Sampling-Schritte (Diffusionsmodelle)' },
    add: { name: 'blockieren', description: 'Ein Wort oder Ausdruck, der blockiert wird' },
    allow: { name: 'erlauben', description: 'Ein Wort oder Ausdruck, der wieder erlaubt wird' },
    who: { name: 'wer', description: 'Wer sie verwenden kann' },
    language: { name: 'sprache', description: 'Die Sprache' },
    'restricted-only': { name: 'nur-ab-18', description: 'Malt nur in Kanälen mit Altersbeschränkung' },
    confirm: { name: 'nachfragen', description: 'Fragt nach, bevor gemalt wird, was eine Maske markiert' },
  },

  choices: {
    ...anchors,
    balanced: 'Ausgewogen',
    'my prompt': 'Mein Prompt ist wichtiger',
    controlnet: 'Das ControlNet ist wichtiger',
    fromHistory: 'aus dem Verlauf',
    sameSize: 'gleiche Größe',
    myPixels: 'meine Pixel',
    whole: 'ganzes Bild',
    masked: 'nur maskiert',
    original: 'Original',
    fill: 'Füllung',
    'latent noise': 'latentes Rauschen',
    'latent nothing': 'latentes Nichts',
    blur: 'verwischte Umgebung',
    'edge color': 'Farbe des Rands',
    'matched noise': 'Rauschen wie die Umgebung',
    'poor-mans-outpainting': 'Skript „Poor man’s outpainting“',
    'outpainting-mk2': 'outpainting mk2',
    'just resize': 'nur skalieren',
    'crop and resize': 'zuschneiden und skalieren',
    'resize and fill': 'skalieren und füllen',
    subtle: 'leicht',
    strong: 'stark',
    serverBanner: 'Serverbanner (960×540)',
    inviteSplash: 'Einladungshintergrund (1920×1080)',
    icon: 'Serversymbol (512×512)',
    emoji: 'Emoji (128×128)',
    phone: 'Telefon-Hintergrund (1179×2556)',
    hour: 'pro Stunde',
    day: 'pro Tag',
    author: 'wer den Auftrag gegeben hat',
    all: 'alle',
    never: 'nie',
    always: 'immer',
    unsure: 'nur bei Unsicherheit',
  },

  contextMenus: {
    'Zoom out': 'Herauszoomen',
    'Make Square': 'Quadratisch machen',
    'Fit…': 'Einpassen …',
    Upscale: 'Hochskalieren',
    'Extend…': 'Erweitern …',
    'Repaint region…': 'Bereich neu malen …',
    'Remove…': 'Entfernen …',
    Recipe: 'Rezept',
  },
}
