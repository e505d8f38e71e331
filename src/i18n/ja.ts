import type { Edit, Length } from '../inference/pipeline/edit.js'
import { type ConfigFaultTranslations, configFaultLines } from './config-faults.js'
import type { Translations } from './en.js'
import { relativeTime } from './relative-time.js'

const sides = { left: '左', right: '右', top: '上', bottom: '下' }

const faults: ConfigFaultTranslations = {
  text: least => (least > 1 ? `${least} 文字以上のテキスト` : 'テキスト'),
  number: (min, max) => (max === Number.MAX_SAFE_INTEGER ? `${min} 以上の整数` : `${min} から ${max} までの整数`),
  choice: of => `${of.join('、')} のいずれか`,
  address: schemes => `${schemes.join(' または ')} で始まるアドレス`,
  devices: 'cuda、dml、coreml、webgpu、cpu のいずれか (cuda:1 や dml:1 は 2 枚目のカード、複数はコンマで区切る)',
  malformed: (name, found, values) =>
    found === undefined
      ? `${name} はこのままでは使えません。${values}にしてください。`
      : `${name} が「${found}」になっています。${values}にしてください。`,
  unknown(name, line, meant) {
    const where = line === undefined ? '環境変数' : `.env の ${line} 行目`
    const said =
      name === undefined ? `${where}に、設定ではないものがあります。` : `${where}の ${name} という設定はありません。`
    return meant
      ? `${said}${meant} のことですか?`
      : `${said}取り除いてください。使える設定は docs/configuration.md にあります。`
  },
  twice: (name, lines) => `.env に ${name} が 2 回以上あります (${lines.join('、')} 行目)。1 つだけ残してください。`,
  unreadable: line => `.env の ${line} 行目が読めません。「名前=値」でも、# で始まるコメントでもありません。`,
}

const problems: Translations['problems'] = {
  'no-such-file': p => `ファイル ${p.path} がありません。`,
  'cannot-read': p => `${p.path} を読み込めません: ${p.reason}。`,
  'cannot-write': p => `${p.path} に書き込めません: ${p.reason}。`,
  'not-a-picture': () =>
    'このファイルは読み込める画像ではありません。PNG、JPEG、WebP、GIF、TIFF、AVIF のいずれかを送ってください。',
  'picture-corrupt': () => 'この画像は壊れています。途中までしか読めません。保存し直して、もう一度お試しください。',
  'picture-too-large': p =>
    `この画像は ${p.megapixels} メガピクセル、長辺 ${p.side} ピクセルです。` +
    `扱えるのは ${p.limit.megapixels} メガピクセル、${p.limit.side} ピクセルまでです。小さい画像を送ってください。`,
  'picture-too-small': p => `${p.width}×${p.height} の画像は小さすぎます。各辺に ${p.limit} ピクセル以上必要です。`,
  'picture-transparent': () => 'この画像は全体が透明なので、続きを描くことができません。',
  'picture-missing': () => 'そのメッセージには画像がありません。',
  'file-too-large': p => `このファイルは ${p.megabytes} MB です。扱えるのは ${p.limit} MB までです。`,
  'canvas-too-large': p =>
    `新しい画像は ${p.width}×${p.height} になります。描けるのは ${p.limit} メガピクセルまでです。` +
    '広げる量を減らすか、小さい画像を送ってください。',
  'factor-out-of-range': p =>
    `${p.factor}× にはズームアウトできません。${p.min} から ${p.max} の倍率を選んでください。`,
  'factor-invalid': p =>
    `「${p.text}」は倍率として読めません。${p.min} から ${p.max} の数を、1.5 のように書いてください。`,
  'zoom-changes-nothing': () => '倍率 1 では何も広がりません。大きい倍率か、別の縦横比を選んでください。',
  'length-invalid': p =>
    `「${p.text}」は${sides[p.side]}の長さとして読めません。256 や 25% のように、ピクセルかパーセントで書いてください。`,
  'extend-changes-nothing': () => 'どこも広がりません。少なくとも一辺に、25% のように量を指定してください。',
  'aspect-invalid': p => `「${p.text}」は縦横比として読めません。16:9 のように書いてください。`,
  'fit-changes-nothing': p => `この画像はすでにその形です (${p.width}×${p.height})。描くところがありません。`,
  'mask-missing': () => '場所を指定してください。マスクを送るか、グリッドのマスを選びます。',
  'mask-size-differs': p => `マスクは ${p.mask}、画像は ${p.picture} です。画像と同じ形のマスクを送ってください。`,
  'mask-empty': () => 'マスクに印がありません。描き直す部分を白か透明にするか、画像のコピーに上から描いてください。',
  'mask-low-contrast': () => '何か印がありますが、薄すぎて判断できません。もっとはっきりした色で描いてください。',
  'mask-not-recognized': () =>
    'マスクとして読み取れません。白黒でも透明でもなく、画像のコピーに何かを描いたものでもないようです。',
  'mask-full': () => 'マスクが画像全体を覆っていて、手がかりが残りません。一部を黒のままにしてください。',
  'edit-invalid': p => `何をすればよいか分かりません: ${p.detail}。`,
  'options-invalid': p => `このオプションは使えません: ${p.detail}。`,
  'variations-out-of-range': p => `${p.variations} 枚は描けません。1 から ${p.max} を選んでください。`,
  'seed-out-of-range': p => `${p.seed} はシードではありません。0 から ${p.max} の整数を選んでください。`,
  'engine-unknown': p => `「${p.engine}」というモデルはありません。次から選んでください: ${p.known}。`,
  'model-incomplete': p => `モデル「${p.model}」は不完全です。足りないもの: ${p.missing}。`,
  'checkpoint-is-pickle': p =>
    `「${p.file}」は pickle で、読み込むとコードが実行されるおそれがあります。同じモデルの .safetensors ファイルを使ってください。`,
  'checkpoint-truncated': p =>
    `「${p.file}」は途中で切れています。${p.has} バイトしかなく、少なくとも ${p.needs} バイト必要です。もう一度ダウンロードしてください。`,
  'checkpoint-corrupt': p => `「${p.file}」は正しい .safetensors ファイルではありません: ${p.detail}`,
  'checkpoint-unknown': p =>
    `「${p.file}」には、わたしの知っている Stable Diffusion のモデル (1.x、2.x、XL) が入っていません。`,
  'checkpoint-incomplete': p => `「${p.file}」にはモデルの一部が欠けています: ${p.missing}`,
  'checkpoint-is-lora': p =>
    `「${p.file}」はモデルではなく LoRA です。models/lora に置いて、プロンプトに <lora:名前:0.8> と書いてください。`,
  'lora-unknown': p => `「${p.lora}」という LoRA はありません。あるもの: ${p.known || 'なし'}`,
  'lora-incompatible': p => `LoRA「${p.lora}」はモデル「${p.model}」に合いません。別の種類のモデル用です。`,
  'lora-needs-checkpoint': p => `LoRA は .safetensors ファイルのモデルで使えます。「${p.model}」は違います。`,
  'download-failed': p => `${p.url} をダウンロードできませんでした: ${p.reason}。同じコマンドで続きから再開します。`,
  'download-forbidden': p =>
    `${p.url} は一般公開されていません。HF_TOKEN (Hugging Face) か CIVITAI_TOKEN にトークンを入れ、配布元でモデルの規約に同意してください。`,
  'download-missing': p => `${p.url} には何もありません。`,
  'download-corrupt': p => `「${p.file}」は公開されたものと内容が違うため破棄しました。もう一度試してください。`,
  'model-checksum-changed': p =>
    `${p.file} は以前と違います。SHA-256 は ${p.is} ですが、以前は ${p.was} でした。今のものを信頼するなら、${p.lock} からその行を消してもう一度試してください。`,
  'disk-space-low': p =>
    `${p.needs} GB が必要ですが、${p.path} の空きは ${p.free} GB です。空きを増やすか、別の MODEL_FOLDER を指定してください。`,
  'model-too-large': p =>
    `「${p.model}」にはおよそ ${p.needs} GB のメモリが要りますが、ここの ${p.device} は ${p.has} GB です。合うものは「overscan models catalogue」でわかります。`,
  'device-unusable': p => `${p.device} はここでは動きません: ${p.reason}。動くものは「overscan devices」でわかります。`,
  'cuda-platform-unsupported': p =>
    `CUDA のライブラリをこの方法で入れられるのは x64 の Linux だけで、ここは ${p.platform} です。ここでは何も入れなくても ${p.instead} でモデルを計算できます。`,
  'cuda-not-installed': p =>
    `CUDA のライブラリを入れられませんでした: ${p.reason}。ほかには何も変わっていません。同じコマンドでもう一度試せます。`,
  'token-missing': () =>
    'ボットのトークンがなく、尋ねる相手もいません。--token-file、--token または DISCORD_TOKEN で指定してください。トークンは https://discord.com/developers/applications で作れます。',
  'discord-unreachable': p => `Discord に接続できません: ${p.reason}。この機械はネットワークにつながっていますか？`,
  'discord-rejected': p => `Discord はトークンを受け付けましたが、断りました: ${p.reason} (${p.status})。`,
  'repository-ambiguous': p =>
    `「${p.repository}」には、わたしの知っている形のモデルがありません。${p.files ? `ファイルを指定してください: ${p.files}` : ''}`,
  'model-exists': p => `「${p.model}」というモデルはもうあります。別の --name を選んでください。`,
  'model-name-invalid': () => 'モデルの名前がわかりません。英数字とドット、ハイフンで --name を指定してください。',
  'clip-skip': p =>
    `モデル「${p.model}」のテキストエンコーダーは clip skip ${p.clipSkip} の層を出力しません。clip skip を外してください。`,
  'size-invalid': p =>
    `「${p.text}」はサイズとして読めません。768x512 のように、各辺 ${p.min}～${p.max} ピクセルで書いてください。`,
  'model-overflowed': p =>
    `モデル「${p.model}」の計算値が精度の範囲を超えたため、画像を作れませんでした。単精度のモデルを使ってください。`,
  'model-unreadable': p => `モデル「${p.model}」は使えません: ${p.detail}`,
  'out-of-memory': p =>
    `ここには「${p.model}」のためのメモリが、小さく分けても足りません: ${p.detail}。小さい画像やモデルなら収まるかもしれません。ほかのものがメモリを使っているなら、あとでもう一度お試しください。`,
  'engine-killed': () =>
    '描画プロセスが外から終了させられました。おそらくこのマシンのメモリが足りなくなったためです。小さい画像や別のモデルなら収まるかもしれません。',
  'engine-crashed': () =>
    '描画プロセスが停止しました。もう一度お試しください。繰り返す場合は、小さい画像にしてください。',
  'needs-model': p =>
    ({
      vary: 'バリエーションを作れるのは、私が描いた画像だけです。どんな画像も変えられる拡散モデルは、ここには入っていません。まずズームアウトをお試しください。',
      imagine:
        '言葉だけから描くには拡散モデルが必要ですが、ここには入っていません。詳しくは /モデル をご覧ください。それまでは、画像と /ズームアウト から始めてください。',
    })[p.what],
  'needs-another-model': p =>
    `${p.engine} でバリエーションを作れるのは、私が描いた画像だけです。どんな画像も変えられるモデルを選んでください: ${p.models}`,
  'recipe-mismatch': () =>
    'レシピの元になった画像ではないため、結果が変わってしまいます。元のファイルを送ってください。',
  'attachment-missing': () => 'メッセージの中にその画像が見つかりません。別の画像からやり直してください。',
  'attachment-deleted': () =>
    'その画像はもうありません。削除されたか、リンクの期限が切れています。/ズームアウト でもう一度送ってください。',
  'attachment-unreachable': () => 'Discord からその画像を取得できませんでした。1 分後にもう一度お試しください。',
  'attachment-host-not-allowed': p => `取得するのは Discord に投稿された画像だけです。${p.host} からは取得しません。`,
  'button-unknown': () => 'そのボタンは私のものではないか、古すぎます。/ズームアウト からやり直してください。',
  'recipe-missing': () =>
    'その画像には作り方の記録がないため、もう一度描けません。/ズームアウト からやり直してください。',
  'source-missing': () =>
    '元の画像が一緒に保存されていないため、もう一度描けません。/ズームアウト からやり直してください。',
  'not-yours': () => 'それができるのは、頼んだ本人だけです。',
  'not-manager': () => 'それができるのは、このサーバーの管理者だけです。',
  'server-only': () => 'それはサーバーの中でだけ使えます。',
  'channel-not-allowed': p => `このチャンネルでは描きません。${p.channels} へどうぞ。`,
  'role-not-allowed': p => `このサーバーで私に頼めるのは ${p.roles} だけです。`,
  'restricted-only': () => 'このサーバーでは、年齢制限のあるチャンネルでだけ描きます。',
  'word-forbidden': p => `「${p.word}」はこのサーバーのプロンプトでは使えません。外してください。`,
  'queue-draining': () =>
    'このサーバーの管理者の指示で、待っている分だけを描き、新しい依頼は受けていません。後でお試しください。',
  'job-already-ended': () => 'それはもう終わっています。',
  'result-too-large': p => `結果は圧縮しても Discord の ${p.limit} MB に収まりません。小さい画像を送ってください。`,
  'direct-messages-closed': () =>
    '私からのダイレクトメッセージが許可されていません。このサーバーのプライバシー設定で許可してから、もう一度押してください。',
  'setting-missing': p =>
    `${p.name} が設定されていません。.env に書いてください (docs/configuration.md に説明があります)。`,
  'setting-invalid': p => `設定が正しくありません: ${p.detail}。`,
  'configuration-invalid': p => configFaultLines(p.faults, faults),
  'bot-token-missing': p =>
    `DISCORD_TOKEN が設定されていませんが、${p.because} は設定されているので、Discord のボットとして動かすものと考えます。トークンを .env に書くか、どちらも要らないプレイグラウンドを「overscan playground」で試してください。`,
  'setting-not-writable': p =>
    `${p.name} を .env に書き込めません。# か改行と、すべての種類の引用符を含むため、元どおりに読み戻せません。環境変数に設定するか、別の値にしてください。`,
  'login-refused': () =>
    'Discord が DISCORD_TOKEN を受け付けません。開発者ポータルからボットのトークンをコピーし直してください。',
  'queue-full': p => `すでに ${p.waiting} 件が待っていて、これ以上は受けられません。後でお試しください。`,
  'queue-full-for-person': p =>
    `あなたの依頼がすでに ${p.waiting} 件待っています。一人 ${p.limit} 件までです。いくつか終わるまでお待ちください。`,
  'queue-full-for-server': p =>
    `このサーバーの依頼がすでに ${p.waiting} 件待っています。1 サーバー ${p.limit} 件までです。後でお試しください。`,
  'queue-unreachable': () => '今は依頼の列につながりません。待っている依頼は保存されています。1 分後にお試しください。',
  'no-capable-worker': p =>
    `今つながっている機械では ${p.megapixels} メガピクセルを ${p.engine} で描けません。小さい画像で頼んでください。`,
  'job-lost': () => 'この依頼は途中で失われました。1 日以上待ったか、画像がもうありません。もう一度頼んでください。',
  'job-incompatible': () => 'この依頼は別のバージョンで作られたもので、読めません。もう一度頼んでください。',
  'disk-full': () =>
    '動いている機械のディスクがいっぱいで、受け付けられませんでした。持ち主に伝えてから、もう一度頼んでください。',
  'folder-in-use': p =>
    `${p.path} では別の Overscan が動いています。先に終了するか、別の DATA_FOLDER を指定してください。`,
  'port-taken': p => `ポート ${p.port} は別のプログラムが使っています。別の ${p.setting} を指定してください。`,
  'pages-not-built': () => 'ページがビルドされていません。npm run build を実行してください。',
  'activity-secret-rejected': () =>
    'DiscordがボットのClient Secretを受け付けません。ボットの運営者が、Discord開発者ポータルのOAuth2ページにある値を DISCORD_CLIENT_SECRET に設定し直す必要があります。',
  'activity-login-refused': () => 'Discordがあなたを確認できません。閉じて、もう一度開いてください。',
  'discord-not-responding': () =>
    'Discordは今、あなたが誰かを教えてくれません。しばらくしてからもう一度お試しください。',
  'quota-exceeded': p => {
    const quantity = p.what === 'pictures' ? pictures(p.limit) : `GPU ${p.limit} 秒`
    const whose = p.whose === 'server' ? 'このサーバー' : 'あなた'
    return `${whose}は${p.per === 'hour' ? '1 時間' : '1 日'}の枠 (${quantity}) を使い切りました。再開: ${relativeTime(p.until)}`
  },
  'settings-corrupt': p => `${p.path} の設定を読み込めません。ファイルを直すか、別の場所に移して新しく始めてください。`,
  cancelled: () => 'キャンセルしました。',
  stopped: () => '再起動のため、完了できませんでした。1 分後にもう一度頼んでください。',
  bug: p => `こちらで問題が起きました。繰り返す場合は、この番号をボットの持ち主に伝えてください: ${p.incident}`,
}

const amount = (length: Length) => ('percent' in length ? `${length.percent}%` : `${length.pixels} px`)

const given = (length: Length) => ('percent' in length ? length.percent : length.pixels) > 0

const pictures = (count: number) => `画像 ${count} 枚`

function heading(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` (${edit.aspect.width}:${edit.aspect.height})` : ''
      return `ズームアウト ${edit.factor}×${to}${edit.grow ? '、元のピクセルを維持' : ''}`
    }
    case 'extend': {
      const parts = (['left', 'right', 'top', 'bottom'] as const).filter(side => given(edit[side]))
      return `拡張 ${parts.map(side => `${sides[side]} ${amount(edit[side])}`).join('、')}`
    }
    case 'square':
      return '正方形にする'
    case 'fit':
      return edit.exact ? `${edit.width}×${edit.height} ピクセルに合わせる` : `${edit.width}:${edit.height} に合わせる`
    case 'inpaint':
      return 'バリエーション (範囲)'
    case 'remove':
      return '取り除く'
    case 'vary':
      return edit.strength === 'subtle' ? 'バリエーション (弱)' : 'バリエーション (強)'
    case 'imagine':
      return '言葉から描く'
  }
}

/** What Overscan says, in Japanese. */
export const ja: Translations = {
  problems,
  heading,
  sides,

  progress: {
    next: '次の番です',
    position: place => `${place} 番目に待っています`,
    starts: when => `開始: ${when}`,
    paused: '待機中: このサーバーの管理者が列を一時停止しています',
    noWorker: '今は描く機械がつながっていません。つながり次第始まります',
    restarting: '再起動中です。この依頼は順番を保ったまま、自動で続きます',
    preview: '描きかけの画像のプレビュー',
  },

  result: {
    seeds: seeds => `シード ${seeds.join(', ')}`,
    seconds: seconds => `${seconds} 秒`,
    requestedBy: mention => `${mention} さんへ`,
    pickedBy: mention => `${mention} さんが選択`,
    imageNumber: number => `画像 ${number}`,
    originalTitle: '元の画像',
    journeyTitle: (pictures: number) => `${pictures}枚の画像をめぐる旅`,
    ignoredOptions: (engine, options) => `${engine} では使われないもの: ${options.join('、')}`,
    optionNames: {
      prompt: 'プロンプト',
      strength: '強さ',
      content: 'マスク内の初期内容',
      negative: 'ネガティブプロンプト',
      steps: 'ステップ数',
      sampler: 'サンプラー',
      guidance: 'CFGスケール',
      clipSkip: 'clip skip',
      preset: 'プリセット',
      refine: '仕上げ',
      seam: '継ぎ目の描き直し',
    },
    cannotPost:
      'このチャンネルに画像を投稿する権限 (メッセージを送信、ファイルを添付) がないため、これへの返信は届きません',
    memoryFallback: saving => {
      switch (saving.kind) {
        case 'device':
          return `${saving.instead} のメモリが足りなかったため、${saving.device} で描きました`
        case 'smaller':
          return `メモリが足りなかったため、約 ${saving.side}×${saving.side} ピクセルで描いて拡大しました`
        case 'tiles':
          return 'メモリが足りなかったため、モデルは画像をタイルに分けて作りました'
      }
    },
    channelGone: '頼まれたチャンネルがなくなったか、見えなくなったため、こちらにお送りします:',
    altText: (title, seed, prompt) => `${title}、シード ${seed}${prompt && `: ${prompt}`}`,
  },

  buttons: {
    cancel: 'キャンセル',
    varySubtle: 'バリエーション (弱)',
    varyStrong: 'バリエーション (強)',
    varyRegion: 'バリエーション (範囲)',
    zoom2: 'ズームアウト 2×',
    zoom15: 'ズームアウト 1.5×',
    customZoom: 'カスタムズーム',
    square: '正方形にする',
    remix: 'リミックス',
    direct: '自分に送る',
    delete: '削除',
    recipe: 'レシピ',
    original: '元の画像',
    journey: '旅',
    paint: '描く',
    flip: '反転',
    grow: '広げる',
    shrink: '狭める',
  },

  drawingPage: {
    title:
      '描き直す部分を、30分間あなただけが開けるページで描いてください。マスクを送るか、マス目で指定することもできます。',
    opened:
      'ここで開くページで、描き直す部分を描いてください。リンクからも同じページが開きます。マスクを送るか、マス目で指定することもできます。',
    draw: '描く',
    mask: 'マスクかマス目…',
  },
  activity: {
    nothing: '画像の下の バリエーション (範囲) を押すと、その上に描けます。',
    outside: 'このページはDiscordの中で開きます。Discordで画像の下の バリエーション (範囲) を押してください。',
    entering: 'あなたが誰かをDiscordに確認しています…',
    silent: 'Discordがこのページに応答しません。閉じて、もう一度開いてください。',
    declined: '許可がないとDiscordはあなたが誰かを教えず、ページは画像を見つけられません。求めるのは名前だけです。',
    again: 'もう一度試す',
  },
  modals: {
    which: 'どの画像',
    picture: number => `画像 ${number}`,
    customZoom: 'カスタムズーム',
    factor: 'ズームアウトの倍率',
    factorHint: '1 から 4。1 は縦横比を変えるときだけ',
    aspect: '縦横比',
    aspectHint: '16:9 など。空欄なら画像のまま',
    prompt: 'プロンプト',
    promptHint: 'そこに見たいもの',
    remix: 'プロンプトを編集',
    extend: '拡張',
    lengthHint: 'ピクセルかパーセント。256 や 25% など',
    zoomOut: 'ズームアウト',
    region: 'バリエーション (範囲)',
    remove: '取り除く',
    mask: 'マスク',
    maskHint: '白か透明の部分を描きます。画像のコピーに上から描いたものでも構いません',
    cells: across => `または ${across}×${across} グリッドのマス`,
    cell: (row, column) => `${row} 行 ${column} 列`,
  },

  confirmMask: {
    title: 'ここを描けばよいですか？',
    share: percent => `画像の ${percent}`,
    kinds: {
      'black-and-white': 'マスクの白い部分',
      'see-through': 'マスクの透明な部分',
      marked: '上から描いた部分',
      cells: '選んだマス',
    },
    scaled: '画像に合わせて拡大縮小済み',
    unsure: '自信がありません。ご確認ください。',
    overlay: '描く部分を縞と輪郭で示した画像',
  },

  direct: { sent: 'お送りしました。' },

  audit: {
    done: (mention, title, link) => `${mention}: ${title} ${link}`,
    refused: (mention, channel, why) => `${mention} (${channel}): ${why}`,
    settings: (mention, what) => `${mention} が設定を変更: ${what}`,
    line: (mention, what) => `${mention}: /列 ${what}`,
  },

  queue: {
    title: '待ち列',
    empty: '待っているものも、動いているものもありません。',
    running: percent => `${percent}%`,
    pictures,
    elsewhere: count => `ほかの場所から ${count} 件`,
    paused: '列を一時停止中: 待っているものは残り、何も始まりません。',
    draining: '列を空にしています: 待っている分だけ描き、新しい依頼は受けません。',
    open: '列は動いています。',
    cleared: count => `待っていた ${count} 件をキャンセルしました。`,
    cancelled: 'キャンセルしました。',
  },

  settings: {
    title: 'このサーバーの設定',
    mine: 'あなたの設定',
    saved: '保存しました。',
    everywhere: 'すべてのチャンネル',
    everybody: '全員',
    none: 'なし',
    names: {
      channels: 'チャンネル',
      first: '優先',
      roles: 'ロール',
      quotas: '利用枠',
      variations: '最大枚数',
      engine: 'モデル',
      steps: 'ステップ数',
      forbidden: '禁止ワード',
      buttons: 'ボタンを押せる人',
      language: '言語',
      auditChannel: '監査チャンネル',
      spoiler: 'スポイラー',
      restrictedOnly: '年齢制限チャンネルのみ',
      line: '列',
      confirmMasks: 'マスクの確認',
    },
    values: {
      author: '頼んだ本人',
      all: '全員',
      never: 'しない',
      always: 'いつも',
      unsure: '不確かなときだけ',
      yes: 'はい',
      no: 'いいえ',
      open: '稼働中',
      draining: '空にしています',
      paused: '一時停止中',
    },
    quota: (role, amounts, per) => `${role}: ${per} ${amounts.join('、')}`,
    quotaPictures: pictures,
    quotaSeconds: seconds => `GPU ${seconds} 秒`,
    per: { hour: '1 時間に', day: '1 日に' },
  },

  info: {
    title: version => `Overscan ${version}`,
    what: '画像の枠の外にあるものを描きます。',
    models: names => `モデル: ${names}`,
    device: device => `描画環境: ${device}`,
    busy: (running, waiting) => `現在: 実行中 ${running}、待ち ${waiting}`,
    left: what => `残り: ${what}`,
    leftPictures: (count, per) => `${per}${pictures(count)}`,
    leftSeconds: (seconds, per) => `${per} GPU ${seconds} 秒`,
    since: when => `起動: ${when}`,
  },

  models: {
    title: 'モデル',
    fill: '内蔵。重みは不要で、画像の中身から続きを描きます。プロンプトは読みません',
    none: '拡散モデルは入っていません。運営者が models フォルダーに置けます (方法は docs/models.md)。ないときは画像自身から続きを描きます。プロンプトは保存されますが読まれず、/想像 は使えません。',
    loras: 'チェックポイント用にプロンプトへ書ける LoRA:',
  },

  recipe: {
    title: 'レシピ',
    operation: '操作',
    prompt: 'プロンプト',
    seed: 'シード',
    model: 'モデル',
    source: '元の画像',
    mask: 'マスク',
    again: '同じものをもう一度: /レシピ にこの画像を、元画像にその元の画像を指定します。',
  },

  dataDeleted: (settings, jobs) =>
    [
      settings ? 'あなたの設定を削除しました。' : 'あなたの設定は保存されていませんでした。',
      jobs > 0 ? `列にあった依頼をキャンセルしました (${jobs} 件)。` : '',
      '描いた枚数の記録を削除しました。画像は私ではなく Discord のメッセージにあります。画像の下の「削除」で消せます。',
    ]
      .filter(Boolean)
      .join(' '),

  help: {
    title: '使い方',
    intro: [
      '**/ズームアウト** と画像: 枠の外にあるものを 4 通りに描きます。',
      '4 枚の下: **U1–U4** で 1 枚を取り出し、**V1–V4** でバリエーション、🔄 で描き直します。',
      '1 枚の下: さらにズームアウト、辺を広げる、正方形にする、範囲を描き直す。',
      '誰の画像でも: 右クリック (または長押し) → **アプリ** → ズームアウト、拡張、範囲を描き直す、取り除く。',
      '一部を描き直すには: 私の画像に、マスクか、スマホのマーカーで上から描いたコピーを付けて **返信** してください。言葉がプロンプトになります。',
    ],
    example: '例',
    examples: {
      zoom: '/ズームアウト 画像:holiday.jpg 倍率:2',
      extend: '/拡張 画像:house.png 左:25% 右:25%',
      square: '/正方形 画像:portrait.jpg',
      fit: '/形合わせ 画像:logo.png 形:サーバーバナー',
      inpaint: '/描き直し 画像:room.jpg マスク:room-mask.png プロンプト:緑のソファ',
      remove: '/取り除く 画像:beach.jpg マスク:beach-marked.jpg',
      vary: '/バリエーション 画像:overscan-1.png 強さ:弱',
      imagine: '/想像 プロンプト:夕暮れの灯台 縦横比:16:9',
      queue: '/列 表示',
      settings: '/設定 自分 確認:不確かなときだけ',
      info: '/情報',
      help: '/ヘルプ コマンド:/ズームアウト',
      models: '/モデル',
      recipe: '/レシピ 画像:overscan-1.png',
      'forget-me': '/忘れて',
    },
  },

  commands: {
    zoom: { name: 'ズームアウト', description: '画像の枠の外にあるものを描きます' },
    extend: { name: '拡張', description: '画像の辺を広げます' },
    square: { name: '正方形', description: '足りない部分を描いて正方形にします' },
    fit: { name: '形合わせ', description: '切り取らず、足りない部分を描いて形を合わせます' },
    inpaint: { name: '描き直し', description: '画像の一部を描き直します' },
    remove: { name: '取り除く', description: '画像から何かを取り除きます' },
    vary: { name: 'バリエーション', description: '同じ画像を少し変えて描きます' },
    imagine: { name: '想像', description: '言葉から画像を描きます' },
    queue: { name: '列', description: '待っているものと動いているもの' },
    settings: { name: '設定', description: 'このサーバーとあなたのための設定' },
    info: { name: '情報', description: '動作環境と混み具合' },
    help: { name: 'ヘルプ', description: 'できることと使用例' },
    models: { name: 'モデル', description: '描くために入っているもの' },
    recipe: { name: 'レシピ', description: '画像の作り方。同じものをもう一度' },
    'forget-me': { name: '忘れて', description: '私について保存されたものを削除します' },
  },

  subcommands: {
    show: { name: '表示', description: '現在の状態を表示します' },
    cancel: { name: '取り消し', description: '自分の依頼を取り消します' },
    pause: { name: '一時停止', description: '新しく始めません。待ちは残ります (管理者)' },
    resume: { name: '再開', description: '再開します (管理者)' },
    drain: { name: '空にする', description: '待ちだけ描き、新しい依頼を受けません (管理者)' },
    clear: { name: '消去', description: '待っているものをすべて取り消します (管理者)' },
    mine: { name: '自分', description: '自分の初期値' },
    channel: { name: 'チャンネル', description: 'どのチャンネルで描くか (管理者)' },
    role: { name: 'ロール', description: '誰が頼めるか (管理者)' },
    first: { name: '優先', description: '先に順番が来るロール (管理者)' },
    quota: { name: '利用枠', description: 'ロールごとの上限。0 で解除 (管理者)' },
    defaults: { name: '初期値', description: '最大枚数、モデル、ステップ数 (管理者)' },
    words: { name: '禁止ワード', description: 'プロンプトに使えない言葉 (管理者)' },
    buttons: { name: 'ボタン', description: '画像の下のボタンを押せる人 (管理者)' },
    language: { name: '言語', description: '全員に見える文の言語 (管理者)' },
    audit: { name: '監査', description: '描いたものを記録するチャンネル。なしで停止 (管理者)' },
    safety: { name: '安全', description: 'スポイラーと年齢制限チャンネル (管理者)' },
  },

  options: {
    image: { name: '画像', description: '元になる画像' },
    factor: { name: '倍率', description: 'ズームアウトの倍率: 1.5×、2×、または 1 から 4 の数 (1.5)' },
    aspect: { name: '縦横比', description: '別の縦横比。16:9 など' },
    keep: { name: '維持', description: '変えないもの: サイズか元のピクセル (サイズ)' },
    left: { name: '左', description: '左に足す量。25% や 256 など' },
    right: { name: '右', description: '右に足す量' },
    top: { name: '上', description: '上に足す量' },
    bottom: { name: '下', description: '下に足す量' },
    shape: { name: '形', description: '16:9 などの縦横比、または用途' },
    mask: { name: 'マスク', description: '白か透明の部分を描きます。上から描いたコピーでも可' },
    area: { name: '範囲', description: 'モデルが見る範囲: 画像全体かマスク部分 (全体)' },
    padding: { name: '余白', description: 'マスクの周りでモデルが見るピクセル数 (32)' },
    'mask-blur': { name: 'ぼかし', description: '古い絵から新しい絵へ移る幅のピクセル数 (0)' },
    'mask-grow': { name: 'マスク拡張', description: 'マスクを広げるピクセル数 (0)' },
    size: { name: 'サイズ', description: '先に画像を変える大きさ、768x512 など (そのまま)' },
    resize: { name: 'リサイズ', description: 'その大きさにする方法 (リサイズのみ)' },
    preset: { name: 'プリセット', description: 'A1111のアウトペインティングスクリプト (拡散モデル用)' },
    'clip-skip': { name: 'clip-skip', description: 'CLIPの後ろから何番目の層を使うか (拡散モデル用)' },
    refine: { name: '仕上げ', description: '大きな画像をタイルごとにもう一度描き込む (拡散モデル用)' },
    seam: { name: '継ぎ目', description: '元の画像との境目をもう一度描く (拡散モデル用)' },
    'masked-content': { name: '初期内容', description: 'マスクの中の最初の内容 (モデル任せ)' },
    strength: { name: '強さ', description: '元からどれだけ離れてよいか' },
    'denoising-strength': { name: 'ノイズ除去強度', description: '元からどれだけ離れてよいか。0.05 から 1' },
    invert: { name: '反転', description: 'マスクの外側を描きます' },
    prompt: { name: 'プロンプト', description: 'そこに見たいもの (文を読むモデル用)' },
    variations: { name: '枚数', description: '描く枚数' },
    seed: { name: 'シード', description: '同じシードなら同じ画像になります (ランダム)' },
    model: { name: 'モデル', description: '何で描くか' },
    spoiler: { name: 'スポイラー', description: 'クリックするまで画像を隠します' },
    source: { name: '元画像', description: '元になった画像: もう一度描きます' },
    command: { name: 'コマンド', description: 'どのコマンド' },
    job: { name: '依頼', description: 'どの依頼' },
    channel: { name: 'チャンネル', description: 'どのチャンネル' },
    role: { name: 'ロール', description: 'どのロール' },
    allowed: { name: '許可', description: '許可するかどうか' },
    pictures: { name: '画像数', description: '画像の枚数。0 で無制限' },
    seconds: { name: '秒数', description: 'GPU の秒数。0 で無制限' },
    per: { name: '期間', description: 'どの期間で' },
    negative: { name: 'ネガティブ', description: '描いてほしくないもの (拡散モデル用)' },
    sampler: { name: 'サンプラー', description: 'サンプリング方法 (拡散モデル用)' },
    guidance: { name: 'cfgスケール', description: 'プロンプトへの忠実さ、1～30 (7、拡散モデル用)' },
    steps: { name: 'ステップ', description: 'サンプラーのステップ数 (拡散モデル用)' },
    add: { name: '禁止', description: '禁止する言葉' },
    allow: { name: '解除', description: '再び許可する言葉' },
    who: { name: '誰', description: '誰が押せるか' },
    language: { name: '言語', description: 'どの言語' },
    'restricted-only': { name: '年齢制限のみ', description: '年齢制限のあるチャンネルでだけ描きます' },
    confirm: { name: '確認', description: '描く前にマスクの内容を確認します' },
  },

  choices: {
    sameSize: '同じサイズ',
    myPixels: '元のピクセル',
    whole: '画像全体',
    masked: 'マスク部分のみ',
    original: '元のまま',
    fill: '塗りつぶし',
    'latent noise': '潜在ノイズ',
    'latent nothing': '潜在ゼロ',
    'poor-mans-outpainting': 'Poor man’s outpainting スクリプト',
    'outpainting-mk2': 'outpainting mk2',
    'just resize': 'リサイズのみ',
    'crop and resize': '切り抜いてリサイズ',
    'resize and fill': 'リサイズして塗り足し',
    subtle: '弱',
    strong: '強',
    serverBanner: 'サーバーバナー (960×540)',
    inviteSplash: '招待の背景 (1920×1080)',
    icon: 'サーバーアイコン (512×512)',
    emoji: '絵文字 (128×128)',
    phone: 'スマホの壁紙 (1179×2556)',
    hour: '1 時間',
    day: '1 日',
    author: '頼んだ本人',
    all: '全員',
    never: 'しない',
    always: 'いつも',
    unsure: '不確かなときだけ',
  },

  contextMenus: {
    'Zoom out': 'ズームアウト',
    'Extend…': '拡張…',
    'Repaint region…': '範囲を描き直す…',
    'Remove…': '取り除く…',
  },
}
