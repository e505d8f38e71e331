import type { Edit, Length } from '../inference/pipeline/edit.js'
import { type ConfigFaultTranslations, configFaultLines } from './config-faults.js'
import type { Translations } from './en.js'
import { relativeTime } from './relative-time.js'

const sides = { left: 'links', right: 'rechts', top: 'oben', bottom: 'unten' }

const faults: ConfigFaultTranslations = {
  text: least => (least > 1 ? `ein Text von mindestens ${least} Zeichen` : 'ein Text'),
  number: (min, max) =>
    max === Number.MAX_SAFE_INTEGER ? `eine ganze Zahl ab ${min}` : `eine ganze Zahl von ${min} bis ${max}`,
  choice: of => `eines von ${of.join(', ')}`,
  address: schemes => `eine Adresse, die mit ${schemes.join(' oder ')} beginnt`,
  devices:
    'cuda, dml, coreml, webgpu oder cpu; cuda:1 oder dml:1 ist die zweite Karte, und mehrere stehen mit Kommas dazwischen',
  malformed: (name, found, values) =>
    found === undefined
      ? `${name} ist so nicht zu gebrauchen; möglich ist ${values}.`
      : `${name} ist „${found}“; möglich ist ${values}.`,
  unknown(name, line, meant) {
    const said = name === undefined ? 'etwas, das keine Einstellung ist' : `${name}, was keine Einstellung ist`
    const where = line === undefined ? `In der Umgebung steht ${said}.` : `In Zeile ${line} von .env steht ${said}.`
    return meant
      ? `${where} Ist ${meant} gemeint?`
      : `${where} Nimm es heraus; docs/configuration.md sagt, welche es gibt.`
  },
  twice: (name, lines) => `${name} steht in .env mehrmals, in den Zeilen ${lines.join(', ')}. Lass eine davon stehen.`,
  unreadable: line =>
    `Zeile ${line} von .env ist nicht zu lesen: Sie ist weder NAME=Wert noch ein Kommentar, der mit # beginnt.`,
}

const problems: Translations['problems'] = {
  'no-such-file': p => `Es gibt keine Datei ${p.path}.`,
  'cannot-read': p => `Ich kann ${p.path} nicht lesen: ${p.reason}.`,
  'cannot-write': p => `Ich kann nicht nach ${p.path} schreiben: ${p.reason}.`,
  'not-a-picture': () => 'Diese Datei ist kein Bild, das ich lesen kann. Schick PNG, JPEG, WebP, GIF, TIFF oder AVIF.',
  'picture-corrupt': () =>
    'Dieses Bild ist beschädigt: Ich kann den Anfang lesen, aber nicht alles. Speichere es neu und versuch es noch einmal.',
  'picture-too-large': p =>
    `Dieses Bild hat ${p.megapixels} Megapixel und eine längste Seite von ${p.side}; ` +
    `ich nehme ${p.limit.megapixels} Megapixel und ${p.limit.side} Pixel. Schick ein kleineres.`,
  'picture-too-small': p =>
    `Ein Bild von ${p.width}×${p.height} ist zu klein; ich brauche mindestens ${p.limit} Pixel auf jeder Seite.`,
  'picture-transparent': () => 'Dieses Bild ist ganz durchsichtig, da gibt es nichts fortzusetzen.',
  'picture-missing': () => 'In dieser Nachricht ist kein Bild.',
  'file-too-large': p => `Diese Datei hat ${p.megabytes} MB; ich nehme ${p.limit} MB. Schick eine kleinere.`,
  'canvas-too-large': p =>
    `Das neue Bild wäre ${p.width}×${p.height}; ich kann ${p.limit} Megapixel malen. ` +
    'Verlang weniger oder schick ein kleineres Bild.',
  'factor-out-of-range': p => `Ich kann nicht ${p.factor}× herauszoomen. Wähl einen Faktor von ${p.min} bis ${p.max}.`,
  'factor-invalid': p => `„${p.text}“ ist kein Faktor. Schreib eine Zahl von ${p.min} bis ${p.max}, etwa 1.5.`,
  'zoom-changes-nothing': () =>
    'Ein Faktor von 1 fügt nichts hinzu. Wähl einen größeren oder dazu ein anderes Seitenverhältnis.',
  'length-invalid': p =>
    `„${p.text}“ ist keine Länge für ${sides[p.side]}. Schreib Pixel oder Prozent, etwa 256 oder 25%.`,
  'extend-changes-nothing': () => 'So käme nichts hinzu. Sag für mindestens eine Seite, wie viel, etwa 25%.',
  'aspect-invalid': p => `„${p.text}“ ist kein Seitenverhältnis. Schreib es wie 16:9.`,
  'fit-changes-nothing': p => `Das Bild hat diese Form schon (${p.width}×${p.height}), es gibt nichts zu malen.`,
  'mask-missing': () => 'Sag, wo: Schick eine Maske oder wähl Felder des Rasters.',
  'mask-size-differs': p =>
    `Die Maske ist ${p.mask}, das Bild aber ${p.picture}. Schick eine Maske in der Form des Bildes.`,
  'mask-empty': () =>
    'Die Maske markiert nichts. Mach den Teil weiß oder durchsichtig, der neu gemalt werden soll, oder übermale ihn in einer Kopie des Bildes.',
  'mask-low-contrast': () =>
    'Etwas ist markiert, aber zu schwach, um sicher zu sein. Zeichne kräftiger oder mit mehr Kontrast.',
  'mask-not-recognized': () =>
    'Darin erkenne ich keine Maske: weder schwarzweiß noch durchsichtig noch eine Kopie des Bildes, auf die etwas gezeichnet ist.',
  'mask-full': () =>
    'Die Maske markiert das ganze Bild, es bliebe nichts, woran ich anknüpfen kann. Lass einen Teil schwarz.',
  'edit-invalid': p => `Ich verstehe nicht, was zu tun ist: ${p.detail}.`,
  'options-invalid': p => `Diese Optionen gehen so nicht: ${p.detail}.`,
  'variations-out-of-range': p => `Ich kann keine ${p.variations} Variationen malen. Wähl 1 bis ${p.max}.`,
  'seed-out-of-range': p => `${p.seed} ist kein Seed. Wähl eine ganze Zahl von 0 bis ${p.max}.`,
  'engine-unknown': p => `Es gibt kein Modell „${p.engine}“. Wähl eines von: ${p.known}.`,
  'model-incomplete': p => `Das Modell „${p.model}“ ist nicht vollständig. Es fehlt: ${p.missing}.`,
  'checkpoint-is-pickle': p =>
    `„${p.file}“ ist ein Pickle und kann beim Lesen Code ausführen. Nimm dasselbe Modell als .safetensors-Datei.`,
  'checkpoint-truncated': p =>
    `„${p.file}“ ist abgeschnitten: Sie hat ${p.has} Bytes und müsste mindestens ${p.needs} haben. Lade sie noch einmal herunter.`,
  'checkpoint-corrupt': p => `„${p.file}“ ist keine ordentliche .safetensors-Datei: ${p.detail}.`,
  'checkpoint-unknown': p => `„${p.file}“ enthält kein Stable-Diffusion-Modell, das ich kenne (1.x, 2.x oder XL).`,
  'checkpoint-incomplete': p => `„${p.file}“ fehlen Teile des Modells: ${p.missing}.`,
  'checkpoint-is-lora': p =>
    `„${p.file}“ ist ein LoRA, kein Modell. Leg es in models/lora und schreib <lora:sein-Name:0.8> in den Prompt.`,
  'lora-unknown': p => `Es gibt kein LoRA namens „${p.lora}“. Es gibt: ${p.known || 'keines'}.`,
  'lora-incompatible': p =>
    `Das LoRA „${p.lora}“ passt nicht zum Modell „${p.model}“: Es wurde für eine andere Art gemacht.`,
  'lora-needs-checkpoint': p => `LoRAs gehören zu Modellen, die .safetensors-Dateien sind; „${p.model}“ ist keine.`,
  'download-failed': p =>
    `${p.url} ließ sich nicht herunterladen: ${p.reason}. Derselbe Befehl macht weiter, wo dieser aufgehört hat.`,
  'download-forbidden': p =>
    `${p.url} ist nicht für alle. Trag dein Token in HF_TOKEN (Hugging Face) oder CIVITAI_TOKEN ein und stimme dort den Bedingungen des Modells zu.`,
  'download-missing': p => `Unter ${p.url} gibt es nichts.`,
  'download-corrupt': p =>
    `„${p.file}“ kam anders an, als es veröffentlicht wurde, und wurde verworfen. Versuch es noch einmal.`,
  'model-checksum-changed': p =>
    `${p.file} ist nicht mehr, was es war: Der SHA-256 ist ${p.is} und war ${p.was}. Wenn du dem traust, was es jetzt ist, lösch die Zeilen dazu aus ${p.lock} und versuch es noch einmal.`,
  'disk-space-low': p =>
    `${p.needs} GB sollen kommen, und in ${p.path} ist Platz für ${p.free} GB. Mach Platz oder setz einen anderen MODEL_FOLDER.`,
  'model-too-large': p =>
    `„${p.model}“ braucht etwa ${p.needs} GB Speicher, und ${p.device} hat hier ${p.has} GB. „overscan models catalogue“ zeigt, was passt.`,
  'device-unusable': p => `${p.device} geht hier nicht: ${p.reason}. „overscan devices“ sagt, was geht.`,
  'cuda-platform-unsupported': p =>
    `CUDAs Bibliotheken kommen auf diesem Weg nur für Linux auf x64, und das hier ist ${p.platform}. Modelle kann hier ${p.instead} rechnen, ganz ohne Installation.`,
  'cuda-not-installed': p =>
    `CUDAs Bibliotheken ließen sich nicht installieren: ${p.reason}. Sonst hat sich nichts geändert; derselbe Befehl versucht es wieder.`,
  'token-missing': () =>
    'Das Token des Bots fehlt, und niemand ist da, den ich fragen könnte. Gib es mit --token-file, --token oder DISCORD_TOKEN; gemacht wird es unter https://discord.com/developers/applications.',
  'discord-unreachable': p => `Discord ist nicht zu erreichen: ${p.reason}. Ist dieser Rechner im Netz?`,
  'discord-rejected': p => `Discord nimmt das Token an, lehnt aber ab: ${p.reason} (${p.status}).`,
  'repository-ambiguous': p =>
    `„${p.repository}“ hat kein Modell in einem Stück, das ich kenne. ${p.files ? `Nenn eine der Dateien: ${p.files}.` : ''}`,
  'model-exists': p => `Es gibt schon ein Modell namens „${p.model}“. Wähl einen anderen --name.`,
  'model-name-invalid': () =>
    'Daraus geht nicht hervor, wie das Modell heißen soll. Wähl einen --name aus Buchstaben, Ziffern, Punkten und Strichen.',
  'clip-skip': p =>
    `Der Textencoder des Modells „${p.model}“ verrät nicht, was Clip-Skip ${p.clipSkip} verlangt. Lass Clip-Skip weg.`,
  'size-invalid': p =>
    `„${p.text}“ ist keine Größe. Schreib sie wie 768x512, jede Seite von ${p.min} bis ${p.max} Pixel.`,
  'model-overflowed': p =>
    `Das Modell „${p.model}“ hat Werte berechnet, die für seine Genauigkeit zu groß sind; es gibt kein Bild. Nimm es in voller Genauigkeit.`,
  'model-unreadable': p => `Das Modell „${p.model}“ lässt sich nicht verwenden: ${p.detail}`,
  'out-of-memory': p =>
    `Für „${p.model}“ reicht der Speicher hier nicht, auch nicht in kleinen Stücken: ${p.detail}. Ein kleineres Bild oder Modell passt vielleicht; versuch es später noch einmal, falls etwas anderes den Speicher belegt.`,
  'engine-killed': () =>
    'Der Malvorgang wurde von außen beendet, wahrscheinlich weil dieser Maschine der Speicher ausging. Ein kleineres Bild oder ein anderes Modell passt vielleicht.',
  'engine-crashed': () =>
    'Der Malvorgang ist abgestürzt. Versuch es noch einmal; wenn es wieder geschieht, nimm ein kleineres Bild.',
  'needs-model': p =>
    ({
      vary: 'Variieren kann ich nur, was ich selbst gemalt habe: Hier ist kein Diffusionsmodell installiert, das jedes Bild ändern könnte. Fang mit Herauszoomen an.',
      imagine:
        'Um allein aus Worten zu malen, brauche ich ein Diffusionsmodell, und hier ist keines installiert: /modelle sagt mehr. Fang bis dahin mit einem Bild und /herauszoomen an.',
    })[p.what],
  'needs-another-model': p =>
    `${p.engine} kann nur variieren, was ich selbst gemalt habe. Wähl ein Modell, das jedes Bild ändern kann: ${p.models}.`,
  'recipe-mismatch': () =>
    'Das ist nicht das Bild, aus dem es nach dem Rezept entstand; das Ergebnis wäre ein anderes. Schick die Originaldatei.',
  'attachment-missing': () => 'Ich finde dieses Bild in der Nachricht nicht mehr. Fang mit einem anderen neu an.',
  'attachment-deleted': () =>
    'Dieses Bild ist weg: Es wurde gelöscht, oder sein Link ist abgelaufen. Schick es noch einmal mit /herauszoomen.',
  'attachment-unreachable': () =>
    'Ich konnte dieses Bild gerade nicht von Discord holen. Versuch es in einer Minute noch einmal.',
  'attachment-host-not-allowed': p => `Ich hole nur Bilder, die bei Discord hochgeladen wurden, nicht von ${p.host}.`,
  'button-unknown': () => 'Dieser Knopf ist nicht von mir oder zu alt für mich. Fang mit /herauszoomen neu an.',
  'recipe-missing': () =>
    'Dieses Bild sagt nicht, wie es entstanden ist, also kann ich es nicht wiederholen. Fang mit /herauszoomen neu an.',
  'source-missing': () =>
    'Das Bild, aus dem dieses entstand, liegt nicht bei, also kann ich es nicht wiederholen. Fang mit /herauszoomen neu an.',
  'not-yours': () => 'Das kann nur, wer darum gebeten hat.',
  'not-manager': () => 'Das können nur, die diesen Server verwalten.',
  'server-only': () => 'Das geht nur auf einem Server.',
  'channel-not-allowed': p => `In diesem Kanal male ich nicht. Geh nach ${p.channels}.`,
  'role-not-allowed': p => `Auf diesem Server können mich nur ${p.roles} bitten zu malen.`,
  'restricted-only': () => 'Auf diesem Server male ich nur in Kanälen mit Altersbeschränkung.',
  'word-forbidden': p => `„${p.word}“ ist auf diesem Server in Prompts nicht erlaubt. Lass es weg.`,
  'queue-draining': () =>
    'Die Verwaltung dieses Servers lässt mich fertig machen, was wartet, und nichts Neues annehmen. Versuch es später.',
  'job-already-ended': () => 'Das ist schon zu Ende.',
  'result-too-large': p =>
    `Das Ergebnis passt auch komprimiert nicht in die ${p.limit} MB von Discord. Schick ein kleineres Bild.`,
  'direct-messages-closed': () =>
    'Du nimmst keine Direktnachrichten von mir an. Erlaube sie in den Privatsphäre-Einstellungen dieses Servers und drück noch einmal.',
  'setting-missing': p => `${p.name} ist nicht gesetzt. Trag es in .env ein (docs/configuration.md sagt, was es ist).`,
  'setting-invalid': p => `Eine Einstellung stimmt nicht: ${p.detail}.`,
  'configuration-invalid': p => configFaultLines(p.faults, faults),
  'bot-token-missing': p =>
    `DISCORD_TOKEN ist nicht gesetzt, aber ${p.because}; es soll also ein Bot auf Discord sein. Trag das Token in .env ein, oder probier den Spielplatz aus, der beides nicht braucht: „overscan playground“.`,
  'setting-not-writable': p =>
    `${p.name} lässt sich nicht in .env schreiben: Mit # oder einem Zeilenumbruch darin und allen Arten von Anführungszeichen würde es anders zurückgelesen. Setz es in der Umgebung, oder wähl etwas anderes.`,
  'login-refused': () => 'Discord weist DISCORD_TOKEN zurück. Kopier das Token des Bots neu aus dem Entwicklerportal.',
  'queue-full': p => `Es warten schon ${p.waiting} Aufträge, mehr nehme ich nicht. Versuch es später.`,
  'queue-full-for-person': p =>
    `Von dir warten schon ${p.waiting} Aufträge, und ich halte ${p.limit} für jeden. Warte, bis einige fertig sind.`,
  'queue-full-for-server': p =>
    `Von diesem Server warten schon ${p.waiting} Aufträge, und ich halte ${p.limit} für jeden Server. Versuch es später.`,
  'queue-unreachable': () =>
    'Die Schlange der Aufträge ist gerade nicht zu erreichen. Was dort wartet, bleibt erhalten. Versuch es in einer Minute wieder.',
  'no-capable-worker': p =>
    `Keine verbundene Maschine kann zurzeit ${p.megapixels} Megapixel mit ${p.engine} malen. Bitte um ein kleineres Bild.`,
  'job-lost': () =>
    'Dieser Auftrag ist unterwegs verloren gegangen: Er wartete länger als einen Tag, oder seine Bilder sind weg. Frag noch einmal.',
  'job-incompatible': () =>
    'Diesen Auftrag hat eine andere Version von mir angelegt, die ich nicht verstehe. Frag noch einmal.',
  'disk-full': () =>
    'Die Festplatte meines Rechners ist voll, darum wurde nichts angenommen. Sag es dem Betreiber und frag dann noch einmal.',
  'folder-in-use': p =>
    `In ${p.path} arbeitet schon ein anderes Overscan. Beende es zuerst, oder setze einen anderen DATA_FOLDER.`,
  'port-taken': p => `Port ${p.port} ist von einem anderen Programm belegt. Setze einen anderen ${p.setting}.`,
  'pages-not-built': () => 'Die Seiten sind nicht gebaut. Führe npm run build aus.',
  'activity-secret-rejected': () =>
    'Discord nimmt das Client Secret des Bots nicht an. Wer den Bot betreibt, muss DISCORD_CLIENT_SECRET neu setzen, von der OAuth2-Seite in Discords Entwicklerportal.',
  'activity-login-refused': () => 'Discord bestätigt nicht, wer du bist. Schließe dies und öffne es noch einmal.',
  'discord-not-responding': () => 'Discord sagt gerade nicht, wer du bist. Versuche es gleich noch einmal.',
  'quota-exceeded': p => {
    const quantity = p.what === 'pictures' ? pictures(p.limit) : `${p.limit} GPU-Sekunden`
    const whose = p.whose === 'server' ? 'Dieser Server hat' : 'Du hast'
    return `${whose} ${quantity} ${p.per === 'hour' ? 'pro Stunde' : 'pro Tag'} verbraucht. Weiter geht es ${relativeTime(p.until)}.`
  },
  'settings-corrupt': p =>
    `Die Einstellungen in ${p.path} sind nicht lesbar. Repariere die Datei oder räum sie weg, um neu zu beginnen.`,
  cancelled: () => 'Abgebrochen.',
  stopped: () => 'Ich werde neu gestartet, darum wurde dies nicht fertig. Frag in einer Minute noch einmal.',
  bug: p =>
    `Bei mir ist etwas schiefgegangen. Wenn es wieder geschieht, nenne dem Besitzer des Bots diese Nummer: ${p.incident}.`,
}

const amount = (length: Length) => ('percent' in length ? `${length.percent}%` : `${length.pixels} px`)

const given = (length: Length) => ('percent' in length ? length.percent : length.pixels) > 0

const pictures = (count: number) => (count === 1 ? '1 Bild' : `${count} Bilder`)

function heading(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` auf ${edit.aspect.width}:${edit.aspect.height}` : ''
      return `Herauszoomen ${edit.factor}×${to}${edit.grow ? ', gleiche Pixel' : ''}`
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
    case 'inpaint':
      return 'Variieren (Bereich)'
    case 'remove':
      return 'Entfernen'
    case 'vary':
      return edit.strength === 'subtle' ? 'Variieren (leicht)' : 'Variieren (stark)'
    case 'imagine':
      return 'Ausdenken'
  }
}

/** What Overscan says, in German. */
export const de: Translations = {
  problems,
  heading,
  sides,

  progress: {
    next: 'Als Nächstes dran',
    position: place => `Nummer ${place} in der Schlange`,
    starts: when => `beginnt ${when}`,
    paused: 'Wartet: Die Verwaltung dieses Servers hat die Schlange angehalten',
    noWorker: 'Gerade ist keine Maschine verbunden, die malt. Es geht los, sobald eine da ist',
    restarting: 'Ich werde neu gestartet. Dieser Auftrag behält seinen Platz und geht von selbst weiter',
    preview: 'Eine Vorschau des unfertigen Bildes',
  },

  result: {
    seeds: seeds => `${seeds.length > 1 ? 'Seeds' : 'Seed'} ${seeds.join(', ')}`,
    seconds: seconds => `${seconds} s`,
    requestedBy: mention => `für ${mention}`,
    pickedBy: mention => `herausgenommen von ${mention}`,
    imageNumber: number => `Bild ${number}`,
    originalTitle: 'Das Original',
    journeyTitle: (pictures: number) => `Eine Reise durch ${pictures} Bilder`,
    ignoredOptions: (engine, options) => `${engine} kann nichts anfangen mit: ${options.join(', ')}`,
    optionNames: {
      prompt: 'Prompt',
      strength: 'Stärke',
      content: 'Inhalt unter der Maske',
      negative: 'negativer Prompt',
      steps: 'Schritte',
      sampler: 'Sampler',
      guidance: 'CFG-Skala',
      clipSkip: 'Clip-Skip',
      preset: 'Voreinstellung',
      refine: 'Verfeinern',
      seam: 'Nahtdurchgang',
    },
    cannotPost:
      'Ich darf in diesem Kanal keine Bilder schreiben (Nachrichten senden und Dateien anhängen), darum erreichen mich Antworten hierauf nicht',
    memoryFallback: saving => {
      switch (saving.kind) {
        case 'device':
          return `${saving.instead} hat dafür zu wenig Speicher, darum hat ${saving.device} gemalt`
        case 'smaller':
          return `der Speicher war knapp, darum wurde mit etwa ${saving.side}×${saving.side} Pixeln gemalt und vergrößert`
        case 'tiles':
          return 'der Speicher war knapp, darum hat das Modell das Bild in Kacheln gemacht'
      }
    },
    channelGone: 'Der Kanal, in dem du gefragt hast, ist weg oder mir verschlossen, darum hier:',
    altText: (title, seed, prompt) => `${title}, Seed ${seed}${prompt && `: ${prompt}`}`,
  },

  buttons: {
    cancel: 'Abbrechen',
    varySubtle: 'Variieren (leicht)',
    varyStrong: 'Variieren (stark)',
    varyRegion: 'Variieren (Bereich)',
    zoom2: 'Herauszoomen 2×',
    zoom15: 'Herauszoomen 1.5×',
    customZoom: 'Eigener Zoom',
    square: 'Quadratisch machen',
    remix: 'Remix',
    direct: 'An mich senden',
    delete: 'Löschen',
    recipe: 'Rezept',
    original: 'Original',
    journey: 'Reise',
    paint: 'Malen',
    flip: 'Umkehren',
    grow: 'Wachsen',
    shrink: 'Schrumpfen',
  },

  drawingPage: {
    title:
      'Male auf einer Seite, die dir eine halbe Stunde offen steht, was neu gemalt werden soll; oder schicke eine Maske, oder nenne Felder.',
    opened:
      'Male auf der Seite, die sich hier öffnet, was neu gemalt werden soll. Der Link öffnet dieselbe Seite; oder schicke eine Maske, oder nenne Felder.',
    draw: 'Zeichnen',
    mask: 'Maske oder Felder…',
  },
  activity: {
    nothing: 'Drücke Variieren (Bereich) unter einem Bild, um darauf zu malen.',
    outside: 'Diese Seite öffnet sich in Discord: Drücke dort Variieren (Bereich) unter einem Bild.',
    entering: 'Discord wird gefragt, wer du bist…',
    silent: 'Discord antwortet dieser Seite nicht. Schließe sie und öffne sie noch einmal.',
    declined:
      'Ohne deine Zustimmung sagt Discord nicht, wer du bist, und die Seite findet dein Bild nicht. Sie fragt nur nach deinem Namen.',
    again: 'Noch einmal versuchen',
  },
  modals: {
    which: 'Welches Bild',
    picture: number => `Bild ${number}`,
    customZoom: 'Eigener Zoom',
    factor: 'Wie weit zurücktreten',
    factorHint: 'Von 1 bis 4; 1 nur mit einem anderen Seitenverhältnis',
    aspect: 'Seitenverhältnis',
    aspectHint: 'Etwa 16:9; leer für das des Bildes',
    prompt: 'Prompt',
    promptHint: 'Was du dort gern sehen würdest',
    remix: 'Prompt ändern',
    extend: 'Erweitern',
    lengthHint: 'Pixel oder Prozent, etwa 256 oder 25%',
    zoomOut: 'Herauszoomen',
    region: 'Variieren (Bereich)',
    remove: 'Entfernen',
    mask: 'Maske',
    maskHint: 'Weißes oder Durchsichtiges wird gemalt; oder eine Kopie des Bildes, mit dem Stift übermalt',
    cells: across => `Oder Felder eines ${across}×${across}-Rasters`,
    cell: (row, column) => `Zeile ${row}, Spalte ${column}`,
  },

  confirmMask: {
    title: 'Soll ich das malen?',
    share: percent => `${percent} des Bildes`,
    kinds: {
      'black-and-white': 'der weiße Teil deiner Maske',
      'see-through': 'der durchsichtige Teil deiner Maske',
      marked: 'was du übermalt hast',
      cells: 'die Felder, die du gewählt hast',
    },
    scaled: 'auf das Bild skaliert',
    unsure: 'Ich bin mir nicht sicher: Schau bitte hin.',
    overlay: 'Das Bild; was gemalt wird, ist gestreift und umrandet',
  },

  direct: { sent: 'Ich habe es dir geschickt.' },

  audit: {
    done: (mention, title, link) => `${mention}: ${title} ${link}`,
    refused: (mention, channel, why) => `${mention} in ${channel}: ${why}`,
    settings: (mention, what) => `${mention} hat die Einstellungen geändert: ${what}`,
    line: (mention, what) => `${mention}: /schlange ${what}`,
  },

  queue: {
    title: 'Die Schlange',
    empty: 'Nichts wartet und nichts läuft.',
    running: percent => `${percent}%`,
    pictures,
    elsewhere: count => (count === 1 ? 'und ein Auftrag von anderswo' : `und ${count} Aufträge von anderswo`),
    paused: 'Die Schlange ist angehalten: Was wartet, bleibt, nichts wird begonnen.',
    draining: 'Die Schlange läuft leer: Was wartet, wird gemalt, nichts Neues wird angenommen.',
    open: 'Die Schlange ist offen.',
    cleared: count =>
      count === 1 ? 'Ein wartender Auftrag wurde abgebrochen.' : `${count} wartende Aufträge wurden abgebrochen.`,
    cancelled: 'Abgebrochen.',
  },

  settings: {
    title: 'Einstellungen dieses Servers',
    mine: 'Deine eigenen Einstellungen',
    saved: 'Gespeichert.',
    everywhere: 'alle Kanäle',
    everybody: 'alle',
    none: 'keine',
    names: {
      channels: 'Kanäle',
      first: 'Vorrang',
      roles: 'Rollen',
      quotas: 'Kontingente',
      variations: 'Variationen höchstens',
      engine: 'Modell',
      steps: 'Schritte',
      forbidden: 'Verbotene Wörter',
      buttons: 'Knöpfe darf drücken',
      language: 'Sprache',
      auditChannel: 'Protokollkanal',
      spoiler: 'Spoiler',
      restrictedOnly: 'Nur in Kanälen mit Altersbeschränkung',
      line: 'Schlange',
      confirmMasks: 'Bei Masken nachfragen',
    },
    values: {
      author: 'wer darum gebeten hat',
      all: 'alle',
      never: 'nie',
      always: 'immer',
      unsure: 'nur bei Zweifel',
      yes: 'ja',
      no: 'nein',
      open: 'offen',
      draining: 'läuft leer',
      paused: 'angehalten',
    },
    quota: (role, amounts, per) => `${role}: ${amounts.join(', ')} ${per}`,
    quotaPictures: pictures,
    quotaSeconds: seconds => `${seconds} GPU-Sekunden`,
    per: { hour: 'pro Stunde', day: 'pro Tag' },
  },

  info: {
    title: version => `Overscan ${version}`,
    what: 'Ich male, was außerhalb des Bildrands liegt.',
    models: names => `Modelle: ${names}`,
    device: device => `Gemalt wird auf: ${device}`,
    busy: (running, waiting) => `Gerade: ${running} in Arbeit, ${waiting} wartend`,
    left: what => `Dir bleiben: ${what}`,
    leftPictures: (count, per) => `${pictures(count)} ${per}`,
    leftSeconds: (seconds, per) => `${seconds} GPU-Sekunden ${per}`,
    since: when => `Wach seit: ${when}`,
  },

  models: {
    title: 'Modelle',
    fill: 'eingebaut, braucht keine Gewichte: setzt fort, was im Bild ist; liest keine Prompts',
    none: 'Es ist kein Diffusionsmodell installiert. Wer mich betreibt, kann eines in den Ordner models legen; docs/models.md sagt, wie. Ohne eines werden Bilder aus sich selbst fortgesetzt: Prompts werden behalten, aber nicht gelesen, und /ausdenken hat nichts, womit es malen könnte.',
    loras: 'LoRAs, die man für Checkpoints in den Prompt schreibt:',
  },

  recipe: {
    title: 'Rezept',
    operation: 'Vorgang',
    prompt: 'Prompt',
    seed: 'Seed',
    model: 'Modell',
    source: 'Entstanden aus',
    mask: 'Maske',
    again: 'Noch einmal dasselbe: /rezept mit diesem Bild und als Quelle mit dem, aus dem es entstand.',
  },

  dataDeleted: (settings, jobs) =>
    [
      settings ? 'Deine Einstellungen sind gelöscht.' : 'Ich hatte keine Einstellungen von dir.',
      jobs > 0 ? `Was du in der Schlange hattest, ist abgebrochen (${jobs}).` : '',
      'Meine Zählung deiner Bilder ist gelöscht. Die Bilder selbst liegen in den Nachrichten bei Discord, nicht bei mir: „Löschen“ unter einem Bild nimmt es weg.',
    ]
      .filter(Boolean)
      .join(' '),

  help: {
    title: 'So geht es',
    intro: [
      '**/herauszoomen** und ein Bild: vier Fassungen dessen, was außerhalb seines Rands liegt.',
      'Unter vier Bildern: **U1–U4** nimmt eines heraus, **V1–V4** variiert eines, 🔄 malt sie neu.',
      'Unter einem Bild: weiter herauszoomen, eine Seite erweitern, quadratisch machen, einen Bereich neu malen.',
      'Auf jedem Bild: Rechtsklick (oder gedrückt halten) → **Apps** → Herauszoomen, Erweitern, Bereich neu malen, Entfernen.',
      'Um einen Teil neu zu malen: **antworte** auf eines meiner Bilder mit einer Maske oder mit einer Kopie, die du mit dem Stift deines Telefons übermalt hast; deine Worte sind der Prompt.',
    ],
    example: 'Zum Beispiel',
    examples: {
      zoom: '/herauszoomen bild:urlaub.jpg faktor:2',
      extend: '/erweitern bild:haus.png links:25% rechts:25%',
      square: '/quadrat bild:portrait.jpg',
      fit: '/einpassen bild:logo.png form:Serverbanner',
      inpaint: '/neumalen bild:zimmer.jpg maske:zimmer-maske.png prompt:ein grünes Sofa',
      remove: '/entfernen bild:strand.jpg maske:strand-markiert.jpg',
      vary: '/variieren bild:overscan-1.png stärke:leicht',
      imagine: '/ausdenken prompt:ein Leuchtturm in der Dämmerung seitenverhältnis:16:9',
      queue: '/schlange zeigen',
      settings: '/einstellungen meine nachfragen:nur bei Zweifel',
      info: '/info',
      help: '/hilfe befehl:/herauszoomen',
      models: '/modelle',
      recipe: '/rezept bild:overscan-1.png',
      'forget-me': '/vergiss-mich',
    },
  },

  commands: {
    zoom: { name: 'herauszoomen', description: 'Malt, was außerhalb des Rands eines Bildes liegt' },
    extend: { name: 'erweitern', description: 'Fügt einem Bild auf einer oder mehreren Seiten etwas hinzu' },
    square: { name: 'quadrat', description: 'Macht ein Bild quadratisch, indem das Fehlende gemalt wird' },
    fit: {
      name: 'einpassen',
      description: 'Bringt ein Bild in eine Form, indem das Fehlende gemalt wird, ohne Beschneiden',
    },
    inpaint: { name: 'neumalen', description: 'Malt einen Bereich eines Bildes neu' },
    remove: { name: 'entfernen', description: 'Nimmt etwas aus einem Bild heraus' },
    vary: { name: 'variieren', description: 'Dasselbe Bild noch einmal, aber anders' },
    imagine: { name: 'ausdenken', description: 'Malt ein Bild aus Worten' },
    queue: { name: 'schlange', description: 'Was wartet und was läuft' },
    settings: { name: 'einstellungen', description: 'Wie ich mich auf diesem Server und für dich verhalte' },
    info: { name: 'info', description: 'Worauf ich laufe und wie viel zu tun ist' },
    help: { name: 'hilfe', description: 'Was ich kann, mit Beispielen' },
    models: { name: 'modelle', description: 'Womit gemalt werden kann' },
    recipe: { name: 'rezept', description: 'Wie ein Bild entstanden ist; dasselbe noch einmal' },
    'forget-me': { name: 'vergiss-mich', description: 'Löscht, was über mich gespeichert ist' },
  },

  subcommands: {
    show: { name: 'zeigen', description: 'Zeigt, wie es steht' },
    cancel: { name: 'abbrechen', description: 'Bricht einen meiner Aufträge ab' },
    pause: { name: 'anhalten', description: 'Beginnt nichts Neues; was wartet, bleibt (Verwaltung)' },
    resume: { name: 'fortsetzen', description: 'Macht weiter (Verwaltung)' },
    drain: { name: 'leeren', description: 'Malt, was wartet, nimmt nichts Neues an (Verwaltung)' },
    clear: { name: 'räumen', description: 'Bricht alles ab, was wartet (Verwaltung)' },
    mine: { name: 'meine', description: 'Deine eigenen Vorgaben' },
    channel: { name: 'kanal', description: 'In welchen Kanälen ich male (Verwaltung)' },
    role: { name: 'rolle', description: 'Wer mich bitten darf zu malen (Verwaltung)' },
    first: { name: 'vorrang', description: 'Wer vor den anderen an die Reihe kommt (Verwaltung)' },
    quota: { name: 'kontingent', description: 'Wie viel eine Rolle malen darf; 0 hebt es auf (Verwaltung)' },
    defaults: { name: 'vorgaben', description: 'Variationen höchstens, Modell und Schritte (Verwaltung)' },
    words: { name: 'wörter', description: 'Wörter, die in Prompts nicht stehen dürfen (Verwaltung)' },
    buttons: { name: 'knöpfe', description: 'Wer die Knöpfe unter einem Bild drücken darf (Verwaltung)' },
    language: { name: 'sprache', description: 'Die Sprache dessen, was alle sehen (Verwaltung)' },
    audit: {
      name: 'protokoll',
      description: 'Ein Kanal, der erzählt, was gemalt wurde; keiner schaltet es ab (Verwaltung)',
    },
    safety: { name: 'schutz', description: 'Spoiler und Kanäle mit Altersbeschränkung (Verwaltung)' },
  },

  options: {
    image: { name: 'bild', description: 'Das Bild, mit dem es losgeht' },
    factor: { name: 'faktor', description: 'Wie weit zurücktreten: 1.5×, 2× oder eine Zahl von 1 bis 4 (1.5)' },
    aspect: { name: 'seitenverhältnis', description: 'Ein anderes Seitenverhältnis, etwa 16:9' },
    keep: { name: 'behalten', description: 'Was gleich bleibt: die Größe oder meine Pixel (Größe)' },
    left: { name: 'links', description: 'Wie viel links hinzukommt, etwa 25% oder 256' },
    right: { name: 'rechts', description: 'Wie viel rechts hinzukommt' },
    top: { name: 'oben', description: 'Wie viel oben hinzukommt' },
    bottom: { name: 'unten', description: 'Wie viel unten hinzukommt' },
    shape: { name: 'form', description: 'Ein Seitenverhältnis wie 16:9, oder wofür das Bild ist' },
    mask: {
      name: 'maske',
      description: 'Weißes oder Durchsichtiges wird gemalt; oder eine übermalte Kopie des Bildes',
    },
    area: { name: 'ausschnitt', description: 'Was das Modell sieht: das ganze Bild oder den maskierten Teil (ganz)' },
    padding: { name: 'abstand', description: 'Pixel um den maskierten Teil, die das Modell auch sieht (32)' },
    'mask-blur': { name: 'weichzeichnen', description: 'Über wie viele Pixel das Alte ins Neue übergeht (0)' },
    'mask-grow': { name: 'maske-vergrößern', description: 'Um wie viele Pixel die Maske wächst (0)' },
    size: { name: 'größe', description: 'Wie groß das Bild zuerst wird, etwa 768x512 (wie es ist)' },
    resize: { name: 'größenänderung', description: 'Auf welche Weise es so groß wird (nur skalieren)' },
    preset: { name: 'voreinstellung', description: 'Ein Outpainting-Skript von A1111 (für Diffusionsmodelle)' },
    'clip-skip': {
      name: 'clip-skip',
      description: 'Welche CLIP-Schicht gilt, vom Ende gezählt (für Diffusionsmodelle)',
    },
    refine: {
      name: 'verfeinern',
      description: 'Große Bilder kachelweise noch einmal durchgehen (für Diffusionsmodelle)',
    },
    seam: { name: 'naht', description: 'Die Grenze zum Alten noch einmal malen (für Diffusionsmodelle)' },
    'masked-content': { name: 'inhalt', description: 'Was anfangs unter der Maske liegt (das Modell wählt)' },
    strength: { name: 'stärke', description: 'Wie weit sich das Neue vom Alten entfernen darf' },
    'denoising-strength': {
      name: 'entrauschen',
      description: 'Wie weit sich das Neue vom Alten entfernen darf, 0.05 bis 1',
    },
    invert: { name: 'umkehren', description: 'Malt, was die Maske auslässt' },
    prompt: { name: 'prompt', description: 'Was du dort gern sehen würdest (für Modelle, die lesen)' },
    variations: { name: 'variationen', description: 'Wie viele Bilder gemalt werden' },
    seed: { name: 'seed', description: 'Derselbe Seed malt dieselben Bilder noch einmal (zufällig)' },
    model: { name: 'modell', description: 'Was malt' },
    spoiler: { name: 'spoiler', description: 'Verbirgt die Bilder, bis man sie anklickt' },
    source: { name: 'quelle', description: 'Das Bild, aus dem es entstand: malt es noch einmal' },
    command: { name: 'befehl', description: 'Welcher' },
    job: { name: 'auftrag', description: 'Welcher deiner Aufträge' },
    channel: { name: 'kanal', description: 'Welcher Kanal' },
    role: { name: 'rolle', description: 'Welche Rolle' },
    allowed: { name: 'erlaubt', description: 'Ob es erlaubt ist' },
    pictures: { name: 'bilder', description: 'Wie viele Bilder; 0 für keine Grenze' },
    seconds: { name: 'sekunden', description: 'Wie viele GPU-Sekunden; 0 für keine Grenze' },
    per: { name: 'pro', description: 'In welcher Zeit' },
    negative: { name: 'negativ', description: 'Was nicht zu sehen sein soll (für Diffusionsmodelle)' },
    sampler: { name: 'sampler', description: 'Das Verfahren (für Diffusionsmodelle)' },
    guidance: {
      name: 'cfg-skala',
      description: 'Wie genau dem Prompt gefolgt wird, 1 bis 30 (7; für Diffusionsmodelle)',
    },
    steps: { name: 'schritte', description: 'Schritte des Samplers (für Diffusionsmodelle)' },
    add: { name: 'verbieten', description: 'Ein Wort oder Ausdruck, der verboten wird' },
    allow: { name: 'erlauben', description: 'Ein Wort oder Ausdruck, der wieder erlaubt wird' },
    who: { name: 'wer', description: 'Wer sie drücken darf' },
    language: { name: 'sprache', description: 'Welche Sprache' },
    'restricted-only': { name: 'nur-ab-18', description: 'Nur in Kanälen mit Altersbeschränkung malen' },
    confirm: { name: 'nachfragen', description: 'Vor dem Malen zeigen, was die Maske sagt' },
  },

  choices: {
    sameSize: 'gleiche Größe',
    myPixels: 'meine Pixel',
    whole: 'ganzes Bild',
    masked: 'nur maskiert',
    original: 'Original',
    fill: 'Füllung',
    'latent noise': 'latentes Rauschen',
    'latent nothing': 'latentes Nichts',
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
    author: 'wer darum gebeten hat',
    all: 'alle',
    never: 'nie',
    always: 'immer',
    unsure: 'nur bei Zweifel',
  },

  contextMenus: {
    'Zoom out': 'Herauszoomen',
    'Extend…': 'Erweitern …',
    'Repaint region…': 'Bereich neu malen …',
    'Remove…': 'Entfernen …',
  },
}
