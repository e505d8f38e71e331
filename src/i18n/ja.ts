import type { Edit, Length } from '../inference/pipeline/edit.js'
import type { ExceededLimit } from '../user-error.js'
import { type ConfigFaultTranslations, configFaultLines } from './config-faults.js'
import type { Translations } from './en.js'
import { pages } from './pages/ja.js'
import { relativeTime } from './relative-time.js'

const sizeLimit = (p: ExceededLimit) => (p.side ? ` 一辺 ${p.side} ピクセル` : ` ${p.limit} メガピクセル `)

const sides = { left: '左', right: '右', top: '上', bottom: '下' }

const anchors = {
  center: '中央',
  top: '上',
  bottom: '下',
  left: '左',
  right: '右',
  'top-left': '左上',
  'top-right': '右上',
  'bottom-left': '左下',
  'bottom-right': '右下',
}

const faults: ConfigFaultTranslations = {
  text: least => (least > 1 ? `${least} 文字以上のテキスト` : 'テキスト'),
  number: (min, max) => (max === Number.MAX_SAFE_INTEGER ? `${min} 以上の整数` : `${min} から ${max} までの整数`),
  choice: of => `${of.join('、')} のいずれか`,
  url: schemes => `${schemes.join(' または ')} で始まる URL`,
  devices: 'cuda、dml、coreml、webgpu、cpu のいずれか (2 枚目のカードは cuda:1 や dml:1、複数はコンマ区切り)',
  ascii: '空白を含まない印字可能な ASCII 文字',
  shards: 'auto、全シャード数、または 0-3/16 のようなこのプロセスの担当範囲',
  malformed: (name, found, values) =>
    found === undefined
      ? `${name} が正しくありません。${values}を指定してください。`
      : `${name} が「${found}」になっています。${values}を指定してください。`,
  unknown(name, line, meant) {
    const where = line === undefined ? '環境変数' : `.env の ${line} 行目`
    const said =
      name === undefined ? `${where}に不明な設定があります。` : `${where}の ${name} という設定は存在しません。`
    return meant
      ? `${said}${meant} の間違いではありませんか？`
      : `${said}削除してください。設定の一覧は docs/configuration.md にあります。`
  },
  duplicate: (name, lines) => `.env に ${name} が複数あります (${lines.join('、')} 行目)。1 つだけ残してください。`,
  unreadable: line => `.env の ${line} 行目を読み取れません。「名前=値」か、# で始まるコメントの形で書いてください。`,
  quotes: (name, mark) =>
    `${name} の先頭または末尾に引用符 ${mark} があり、値の一部になってしまいます。引用符なしで値を書いてください。`,
  encoding: encoding =>
    `.env が ${encoding} で保存されています。UTF-8 で保存してください (メモ帳では「名前を付けて保存」)。`,
}

/** Why Discord refuses, within a sentence. */
const refusals = {
  automod: 'そのサーバーのAutoModがメッセージをブロックします',
  'explicit-content': 'Discordの不適切な表現のフィルターがメッセージをブロックします',
  'thread-closed': 'そのスレッドはアーカイブ済みまたはロック済みです',
  forbidden: 'そのチャンネルに投稿できず、ダイレクトメッセージも送れません',
  'no-permission': 'ここでは必要な権限がありません',
  refused: 'Discordがメッセージを拒否しました',
}

const problems: Translations['problems'] = {
  'no-such-file': p => `ファイル ${p.path} がありません。パスを確認してください。`,
  'cannot-read': p => `${p.path} を読み込めません: ${p.reason}。パスとアクセス権を確認してください。`,
  'cannot-write': p => `${p.path} に書き込めません: ${p.reason}。別の場所を選ぶか、アクセス権を変更してください。`,
  'folder-empty': p => `${p.path} に画像がありません。別のフォルダーを選んでください。`,
  'output-is-input': p =>
    `結果が ${p.path} の画像と同じ場所に保存されてしまいます。別の出力フォルダーを選んでください。`,
  'mask-unmatched': p =>
    p.found === 0
      ? `${p.folder} に ${p.picture} 用のマスクがありません。マスクに画像と同じ名前を付けてください。`
      : `${p.folder} に ${p.picture} 用のマスクが ${p.found} 個あります。1 つだけ残してください。`,
  'not-a-picture': () =>
    'このファイルは画像として読み込めません。PNG、JPEG、WebP、GIF、TIFF、AVIF のいずれかを送ってください。',
  'picture-format-unsupported': p =>
    `この画像は ${p.format} 形式のため、読み込めません。JPEG か PNG で保存して、新しいファイルを送ってください。` +
    (p.format === 'HEIC'
      ? 'iPhone では、「設定」→「カメラ」→「フォーマット」を「互換性優先」にして撮り直すか、スクリーンショットを送ってください。'
      : ''),
  'picture-depth-unsupported': () =>
    'この画像の色は浮動小数点または 32 ビットで保存されているため、読み込めません。' +
    '1 チャンネル 8 ビットか 16 ビットで保存してください。',
  'picture-corrupt': () =>
    'この画像は壊れていて、一部しか読み込めません。保存し直して、新しいファイルを送ってください。',
  'picture-too-large': p =>
    `この画像は ${p.megapixels} メガピクセル、長辺 ${p.side} ピクセルです。` +
    `上限は ${p.limit.megapixels} メガピクセル、${p.limit.side} ピクセルです。もっと小さい画像を送ってください。`,
  'picture-too-small': p =>
    `この画像は小さすぎます (${p.width}×${p.height})。各辺が ${p.limit} ピクセル以上の画像を送ってください。`,
  'picture-transparent': () => 'この画像は全体が透明なので、続きを描けません。別の画像を送ってください。',
  'picture-too-demanding': () =>
    'この画像の処理には多くのメモリか時間が必要なため、中止しました。小さい画像を送るか、PNG か JPEG で保存し直してください。',
  'picture-missing': () => 'そのメッセージには画像がありません。画像のあるメッセージを選んでください。',
  'sticker-unsupported': () =>
    'そのスタンプはベクターアニメーションなので読み込めません。画像のあるメッセージを選んでください。',
  'file-too-large': p =>
    `このファイルは大きすぎます (${p.megabytes} MB)。${p.limit} MB 以下のファイルを送ってください。`,
  'canvas-too-large': p =>
    `新しい画像は ${p.width}×${p.height} になります。上限は${sizeLimit(p)}です。` +
    '広げる量を減らすか、もっと小さい画像を送ってください。',
  'factor-out-of-range': p =>
    `${p.factor}× にはズームアウトできません。${p.min} から ${p.max} までの倍率を指定してください。`,
  'factor-invalid': p =>
    `「${p.text}」は正しい倍率ではありません。1.5 のように、${p.min} から ${p.max} までの数を指定してください。`,
  'zoom-changes-nothing': () => '倍率 1 では何も広がりません。もっと大きい倍率にするか、別の縦横比も選んでください。',
  'length-invalid': p =>
    `「${p.text}」は${sides[p.side]}に指定できる長さではありません。256 や 25% のように、ピクセルかパーセントで指定してください。`,
  'extend-changes-nothing': () => '広げる部分がありません。少なくとも 1 つの辺に、25% のように量を指定してください。',
  'aspect-invalid': p => `「${p.text}」は正しい縦横比ではありません。16:9 のように書いてください。`,
  'hires-too-large': p =>
    `Hires fix を使うと画像は ${p.width}×${p.height} になります。上限は ${p.limit} メガピクセルです。拡大率を下げるか、小さいサイズを選んでください。`,
  'upscale-too-large': p =>
    `アップスケール後の画像は ${p.width}×${p.height} になります。上限は${sizeLimit(p)}です。${p.scale > 2 ? '2× を選ぶか、' : ''}もっと小さい画像を送ってください。`,
  'fit-changes-nothing': p => `この画像はすでにその形です (${p.width}×${p.height})。別の形を選んでください。`,
  'scale-out-of-range': p =>
    `倍率 ${p.scale} では画像を配置できません。${p.min} から ${p.max} までの倍率を指定してください。`,
  'frame-out-of-range': p =>
    `${p.width}×${p.height} の枠は作れません。各辺を ${p.min} から ${p.max} ピクセルまでで指定してください。`,
  'place-outside-frame': p =>
    `画像が新しい枠 (${p.width}×${p.height}) の外にあります。一部が枠の中に入るように動かしてください。`,
  'place-covers-frame': p =>
    `画像が枠全体 (${p.width}×${p.height}) を覆っているため、描く部分がありません。枠を大きくするか、画像を小さくしてください。`,
  'position-invalid': p =>
    `「${p.text}」は正しい位置ではありません。200,300 のように左と上からのピクセル数か、次のいずれかを指定してください: ${p.anchors}。`,
  'mask-missing': () => '描く場所が指定されていません。マスクを送るか、グリッドのマスを選んでください。',
  'holes-missing': () =>
    '描く場所が指定されておらず、画像に透明な部分もありません。マスクを送るか、グリッドのマスを選んでください。',
  'history-missing': p =>
    p.isGone
      ? 'この画像の元になった画像が見つからないため、戻せるディテールがありません。元の画像は、このチャンネルに残っているか、指定したファイルの中にある必要があります。'
      : 'この画像には、より細かい以前のバージョンがありません。先にズームアウトするか、「アップスケール (弱)」を選んでください。',
  'mask-size-differs': p => `マスクは ${p.mask}、画像は ${p.picture} です。画像と同じ縦横比のマスクを送ってください。`,
  'mask-empty': () =>
    'マスクに何も指定されていません。描き直す部分を白か透明にするか、画像のコピーの上にその部分を描いてください。',
  'mask-low-contrast': () => '印が薄すぎて読み取れません。もっと太く描くか、目立つ色で描いてください。',
  'mask-not-recognized': () =>
    'マスクとして読み取れません。白黒の画像、透明な部分のある画像、または上から描き込んだ画像のコピーを送ってください。',
  'mask-full': () => 'マスクが画像全体を覆っているため、何も残りません。一部を空けてください。',
  'selection-empty': () => '対象が選ばれていません。対象の中の点か、対象を囲む枠を指定してください。',
  'selection-outside': p => `${p.what} は画像（${p.picture} ピクセル）の外です。画像の中の点か枠を指定してください。`,
  'selection-too-long': p => `点が多すぎます。${p.limit} 個までにしてください。`,
  'selection-found-nothing': () => 'そこには対象が見つかりませんでした。別の点か、対象を囲む枠を指定してください。',
  'segment-model-missing': () =>
    '対象を選択するモデルがインストールされていません。「overscan models add mobilesam」でインストールできます。',
  'objects-not-found': () => 'この画像では対象が見つかりませんでした。マスクを描くか、グリッドのマスを選んでください。',
  'object-unknown': p => `この画像に対象 ${p.number} はありません。1 から ${p.count} の中から選んでください。`,
  'object-numbers-invalid': p => `「${p.text}」は対象の番号として読めません。「1, 3」のように書いてください。`,
  'mask-and-objects': () => 'マスクと対象の両方が指定されています。どちらか一方にしてください。',
  'prompt-too-long': p => `プロンプトは ${p.length} 文字です。${p.max} 文字以内にしてください。`,
  'edit-invalid': p => `この編集は正しくありません: ${p.detail}。修正して、もう一度お試しください。`,
  'options-invalid': p => `このオプションは正しくありません: ${p.detail}。修正して、もう一度お試しください。`,
  'variations-out-of-range': p => `${p.variations} 枚は描けません。1 から ${p.max} までの枚数を選んでください。`,
  'seed-out-of-range': p => `${p.seed} は正しいシードではありません。0 から ${p.max} までの整数を指定してください。`,
  'engine-unknown': p => `「${p.engine}」というモデルはありません。次の中から選んでください: ${p.known}。`,
  'model-incomplete': p =>
    `モデル「${p.model}」は不完全です。足りないもの: ${p.missing}。もう一度ダウンロードしてください。`,
  'checkpoint-is-pickle': p =>
    `「${p.file}」は pickle ファイルです。開くとコードが実行されるおそれがあります。このモデルの .safetensors 版を使うか、diffusers の save_pretrained で変換してください。`,
  'checkpoint-truncated': p =>
    `「${p.file}」は不完全です。${p.has} バイトしかなく、少なくとも ${p.needs} バイト必要です。もう一度ダウンロードしてください。`,
  'checkpoint-corrupt': p =>
    `「${p.file}」は正しい .safetensors ファイルではありません: ${p.detail}。もう一度ダウンロードしてください。`,
  'upscaler-unknown': p =>
    `「${p.file}」は Overscan が対応しているアップスケーラーではありません。ESRGAN、Real-ESRGAN、コンパクトネットワーク (SRVGGNet) の .safetensors、または別のアップスケーラーの .onnx を使ってください。`,
  'checkpoint-unknown': p =>
    `「${p.file}」は Overscan が対応している Stable Diffusion のモデルではありません。Stable Diffusion 1.x、2.x、XL のいずれかのモデルを使ってください。`,
  'checkpoint-incomplete': p =>
    `「${p.file}」にはモデルの一部がありません: ${p.missing}。完全なチェックポイントを使ってください。`,
  'checkpoint-is-lora': p =>
    `「${p.file}」はモデルではなく LoRA です。models/lora に置いて、プロンプトに <lora:名前:0.8> を追加してください。`,
  'lora-weight-invalid': p =>
    `「${p.tag}」は LoRA と重みとして読めません。<lora:名前:0.8> または <lora:名前:te=0.5:unet=1> のように書いてください。`,
  'lora-unknown': p =>
    p.known
      ? `「${p.lora}」という LoRA はありません。次の中から選んでください: ${p.known}。`
      : `「${p.lora}」という LoRA はなく、LoRA は 1 つもインストールされていません。プロンプトから削除してください。`,
  'lora-incompatible': p =>
    `LoRA「${p.lora}」は「${p.model}」とは別の種類のモデル用です。別の LoRA か別のモデルを使ってください。`,
  'lora-kind-unsupported': p =>
    `LoRA「${p.lora}」は ${p.kind} を使っているため読み込めません。通常の LoRA を使ってください。`,
  'embedding-is-pickle': p =>
    `埋め込み「${p.file}」は読み込めません。この形式のファイルはプログラムを含むことがあるためです。.safetensors ファイルに変換するか、プロンプトから名前を消してください。`,
  'lora-needs-checkpoint': p =>
    `LoRA は .safetensors のチェックポイントでだけ使えますが、「${p.model}」はチェックポイントではありません。別のモデルを選ぶか、LoRA を外してください。`,
  'download-failed': p =>
    `${p.url} をダウンロードできませんでした: ${p.reason}。同じコマンドをもう一度実行すると、続きから再開します。`,
  'download-forbidden': p =>
    `${p.url} には許可が必要です。モデルのページで規約に同意し、HF_TOKEN (Hugging Face) か CIVITAI_TOKEN を設定してください。`,
  'download-missing': p => `${p.url} には何も見つかりませんでした。アドレスを確認してください。`,
  'download-is-page': p =>
    `${p.url} はファイルではなくウェブページです。ダウンロードボタンのアドレスをコピーしてください。`,
  'download-too-large': p =>
    `${p.file} が上限の ${p.limit} を超えたため、ダウンロードを中止しました。入手元を確認してください。`,
  'redirect-refused': p =>
    `${p.from} から ${p.to} への転送は許可されていません。アドレスを確認するか、ブラウザでファイルをダウンロードして追加してください。`,
  'path-outside-folder': p =>
    `ファイル一覧にある「${p.path}」はモデルのフォルダーの外を指しています。何もダウンロードしていません。別の入手元を選んでください。`,
  'download-corrupt': p =>
    `「${p.file}」は公開されているチェックサムと一致しないため、削除しました。もう一度お試しください。`,
  'model-checksum-changed': p =>
    `${p.file} が変わっています。SHA-256 は ${p.is} で、以前は ${p.was} でした。新しいファイルを信頼するなら、${p.lock} からこのファイルの行を削除して、もう一度お試しください。`,
  'disk-space-low': p =>
    `ダウンロードには ${p.needs} GB 必要ですが、${p.path} の空きは ${p.free} GB です。空きを増やすか、別の MODEL_FOLDER を設定してください。`,
  'model-too-large': p =>
    `「${p.model}」には約 ${p.needs} GB のメモリが必要ですが、${p.device} のメモリは ${p.has} GB です。「overscan models catalog」を実行すると、使えるモデルがわかります。`,
  'device-unusable': p =>
    `${p.device} はこのマシンでは動きません: ${p.reason}。「overscan devices」を実行すると、使えるデバイスがわかります。`,
  'cuda-platform-unsupported': p =>
    `CUDA のセットアップは x64 と ARM64 の Linux にだけ対応していますが、このマシンは ${p.platform} です。セットアップの要らない ${p.instead} を使ってください。`,
  'cuda-not-installed': p =>
    `CUDA のライブラリをインストールできませんでした: ${p.reason}。ほかには何も変わっていません。同じコマンドをもう一度実行してください。`,
  'cuda-card-missing': () =>
    'NVIDIA のカードが見つかりません (nvidia-smi に表示されません)。NVIDIA のドライバーをインストールし、コンテナーは --gpus all で起動してください。イメージを作るときは --without-card を付けてください。',
  'cuda-driver-too-old': p =>
    `NVIDIA のドライバーはバージョン ${p.driver} ですが、CUDA 13 には ${p.needs} 以降が必要です。ドライバーを更新してください。それまでは DEVICE=webgpu でカードを使えます。`,
  'cuda-card-too-old': p =>
    `CUDA 13 はこのカード (${p.card}) に対応していません。GeForce GTX 16、RTX 20 以降が必要です。DEVICE=webgpu に設定すればこのカードを使えます。`,
  'glibc-too-old': p =>
    `CUDA のライブラリには glibc ${p.needs} 以降が必要ですが、この Linux は ${p.has ? `glibc ${p.has}` : '別の C ライブラリ'} です。新しい Linux か DEVICE=webgpu を使ってください。`,
  'token-missing': () =>
    'ボットのトークンがありません。https://discord.com/developers/applications で作成し、--token-file、--token または DISCORD_TOKEN で指定してください。',
  'discord-unreachable': p => `Discord に接続できません: ${p.reason}。このマシンのネットワーク接続を確認してください。`,
  'discord-rejected': p =>
    `Discord はトークンを受け付けましたが、リクエストを拒否しました: ${p.reason} (${p.status})。開発者ポータルでボットの設定を確認してください。`,
  'repository-ambiguous': p =>
    `「${p.repository}」には、Overscan が対応している単一ファイルのモデルがありません。${p.files ? `ファイルを 1 つ指定してください: ${p.files}。` : '別のリポジトリを選んでください。'}`,
  'model-exists': p => `「${p.model}」というモデルはすでにあります。別の --name を指定してください。`,
  'model-name-invalid': p =>
    p.name === ''
      ? 'モデルには名前が必要です。英数字、ドット、ハイフンを使って 80 文字以内で --name を指定してください。'
      : `「${p.name}」はモデルの名前に使えません。英数字、ドット、ハイフンを使って 80 文字以内で --name を指定してください。`,
  'not-a-model': p =>
    `「${p.path}」はモデルではありません。チェックポイント (.safetensors)、物体除去モデル (.onnx)、またはモデルのフォルダーを追加してください。`,
  'model-source-unknown': p =>
    `「${p.text}」という名前のファイル、カタログのモデル、リポジトリはありません。${p.closest ? `${p.closest} のことでしょうか。` : ''}名前で追加できるモデルは「overscan models catalog」で確認してください。`,
  'model-name-too-long': p =>
    `モデル「${p.model}」は使えません: 名前が ${p.model.length} 文字ありますが、Discord の上限は ${p.limit} 文字です。名前を変更してください。`,
  'clip-skip': p =>
    `「${p.model}」のテキストエンコーダーは clip skip ${p.clipSkip} に対応していません。clip skip をデフォルトのままにしてください。`,
  'size-invalid': p =>
    `「${p.text}」は正しいサイズではありません。768x512 のように、各辺を ${p.min} から ${p.max} ピクセルまでで指定してください。`,
  'model-overflowed': p =>
    `モデル「${p.model}」の出力に数値でない値があるため、画像がありません。半精度の場合は単精度版を使ってください。それ以外はファイルが壊れています。もう一度追加してください。`,
  'model-unsupported': p =>
    `モデル「${p.model}」は使えません。Overscan は ${p.feature} に対応していません。別のモデルを選んでください。`,
  'controlnet-unknown': p =>
    p.known === ''
      ? `「${p.controlnet}」という ControlNet はありません。まだ何も入っていません。.safetensors ファイルかフォルダーを models/controlnet に入れてください。`
      : `「${p.controlnet}」という ControlNet はありません。次の中から選んでください: ${p.known}。`,
  'controlnet-unfit': p =>
    `ControlNet「${p.controlnet}」はモデル「${p.model}」に合いません。同じ種類のモデル用の ControlNet を選んでください。`,
  'controlnet-needs-checkpoint': p =>
    `「${p.model}」は ONNX グラフなので、ControlNet は使えません。.safetensors のモデルを選んでください。`,
  'controlnet-unsupported': p =>
    p.kind === 'other'
      ? `「${p.controlnet}」は ControlNet ではありません。models/controlnet に ControlNet を入れてください。`
      : `「${p.controlnet}」は使えません。このファイルは ${p.kind} で、完全な ControlNet ではありません。完全版を使ってください。`,
  'model-is-refiner': p =>
    `「${p.model}」はリファイナーなので、最初から画像を描けません。別のモデルを選び、「${p.model}」をそのリファイナーに指定してください。`,
  'refiner-unfit': p =>
    `リファイナー「${p.refiner}」はモデル「${p.model}」に合いません。同じ種類のリファイナーを選んでください。例: SDXL のモデルには SDXL のリファイナー。`,
  'sampler-unsupported': p =>
    `モデル「${p.model}」はサンプラー ${p.sampler} では使えません。Euler や DPM++ 2M など、別のサンプラーを選んでください。`,
  'model-unreadable': p =>
    `モデル「${p.model}」は使えません。もう一度ダウンロードするか、別のモデルを選んでください。詳細: ${p.detail}`,
  'out-of-memory': p =>
    `小さなタイルに分けても、「${p.model}」に必要なメモリが足りません: ${p.detail}。小さい画像か小さいモデルを試すか、後でもう一度お試しください。`,
  'engine-killed': () =>
    '描画プロセスがシステムによって終了されました。メモリ不足が原因と思われます。小さい画像か別のモデルでお試しください。',
  'engine-crashed': () =>
    '描画プロセスがクラッシュしました。もう一度お試しください。またクラッシュする場合は、小さい画像でお試しください。',
  'needs-model': p =>
    ({
      vary: '拡散モデルがないため、バリエーションを作れるのはこのボットが描いた画像だけです。先にズームアウトをお試しください。',
      imagine:
        'テキストだけから描くには拡散モデルが必要ですが、インストールされていません。/モデル を確認するか、画像を用意して /ズームアウト から始めてください。',
      creative:
        'アップスケール (クリエイティブ) は拡散モデルで描きますが、インストールされていません。ボットの管理者は overscan models add sd15 で追加できます。アップスケール (弱) はモデルなしで使えます。',
    })[p.what],
  'needs-another-model': p =>
    `${p.engine} でバリエーションを作れるのは、このボットが描いた画像だけです。どの画像にも使えるモデルを選んでください: ${p.models}。`,
  'recipe-mismatch': () =>
    'レシピの元になった画像ではないため、結果が変わってしまいます。元のファイルを送ってください。',
  'attachment-missing': () => 'その画像はもうメッセージの中にありません。別の画像を選んでください。',
  'attachment-deleted': () =>
    'その画像は削除されたか、リンクの期限が切れています。/ズームアウト でもう一度送ってください。',
  'attachment-unreachable': () =>
    'その画像を Discord からダウンロードできませんでした。1 分後にもう一度お試しください。',
  'attachment-host-not-allowed': p =>
    `読み込めるのは Discord にアップロードされた画像だけで、${p.host} の画像は読み込めません。アップロードして、もう一度お試しください。`,
  'button-unknown': () =>
    'そのボタンは古すぎるか、このボットのものではありません。/ズームアウト からやり直してください。',
  'recipe-missing': () =>
    'その画像にはレシピが含まれていないため、もう一度描けません。/ズームアウト からやり直してください。',
  'source-missing': () =>
    '元の画像がもうメッセージの中にないため、もう一度描けません。/ズームアウト からやり直してください。',
  'not-yours': () => 'この操作ができるのは、リクエストした本人だけです。/ズームアウト で自分の画像を作ってください。',
  'not-manager': () => 'この操作ができるのは、このサーバーの管理者だけです。管理者に頼んでください。',
  'server-only': () => 'この操作はサーバーの中でだけ使えます。サーバーでお試しください。',
  'channel-not-allowed': p => `このチャンネルでは描けません。${p.channels} を使ってください。`,
  'role-not-allowed': p =>
    `このサーバーでこのボットを使えるのは ${p.roles} だけです。サーバーの管理者にロールを頼んでください。`,
  'restricted-only': () => 'このサーバーでは年齢制限チャンネルでだけ描けます。年齢制限チャンネルを使ってください。',
  'word-forbidden': p => `「${p.word}」はこのサーバーのプロンプトでは使えません。削除して、もう一度お試しください。`,
  'queue-draining': () => 'このサーバーの管理者が新しいリクエストの受付を終了しています。後でもう一度お試しください。',
  'job-already-ended': () => 'そのリクエストはすでに終わっています。/ズームアウト で新しく始めてください。',
  'result-too-large': p =>
    `結果は圧縮しても Discord の上限 ${p.limit} MB に収まりません。もっと小さい画像を送ってください。`,
  'result-kept': p =>
    `画像を届けられませんでした。${refusals[p.why]}。1日間保存します。/キュー 自分 で受け取ってください。`,
  'discord-refused': p => `実行できませんでした。${refusals[p.why]}。別のチャンネルでもう一度お試しください。`,
  'message-deleted': () => 'そのメッセージは削除されたか、見えなくなりました。/ズームアウト でもう一度始めてください。',
  'direct-messages-closed': () =>
    'ダイレクトメッセージを送れません。このサーバーのプライバシー設定で許可してから、もう一度ボタンをクリックしてください。',
  'setting-missing': p => `${p.name} が設定されていません。.env に追加してください (docs/configuration.md を参照)。`,
  'setting-invalid': p => `設定が正しくありません: ${p.detail}。修正して、もう一度お試しください。`,
  'configuration-invalid': p => configFaultLines(p.faults, faults),
  'bot-token-missing': p =>
    `DISCORD_TOKEN が設定されていませんが、${p.because} は設定されているため、Discord のボットのようです。トークンを .env に追加するか、どちらも要らない「overscan playground」を実行してください。`,
  'setting-not-writable': p =>
    `${p.name} の値は .env に保存できません。# か改行に加えて、すべての種類の引用符を含んでいます。環境変数として設定するか、別の値を選んでください。`,
  'login-refused': () =>
    'Discord が DISCORD_TOKEN を拒否しました。開発者ポータルでボットのトークンをリセットし、新しいトークンを .env にコピーしてください。',
  'queue-full': p => `キューがいっぱいです (${p.waiting} 件)。後でもう一度お試しください。`,
  'queue-full-for-person': p =>
    `あなたのリクエストがすでにキューに ${p.waiting} 件あります。上限は ${p.limit} 件です。1 つ終わるまでお待ちください。`,
  'queue-full-for-server': p =>
    `このサーバーのリクエストがすでにキューに ${p.waiting} 件あります。上限は ${p.limit} 件です。後でもう一度お試しください。`,
  'queue-unreachable': () =>
    '現在、キューに接続できません。キューの中のリクエストは保存されています。1 分後にもう一度お試しください。',
  'no-capable-worker': p =>
    `接続中のマシンでは、${p.engine} で ${p.megapixels} メガピクセルを描けません。小さい画像を送るか、別のモデルを選んでください。`,
  'job-lost': () =>
    'このリクエストは失われました。1 日以上待機していたか、画像がなくなっています。もう一度送ってください。',
  'job-incompatible': () => 'このリクエストは別のバージョンのボットで作られました。もう一度送ってください。',
  'disk-full': () =>
    'このボットを動かしているマシンのディスクがいっぱいで、リクエストを受け付けられませんでした。ボットの運営者に伝えてから、もう一度送ってください。',
  'folder-in-use': p =>
    `別の Overscan が ${p.path} を使っています。先にそれを停止するか、別の DATA_FOLDER を設定してください。`,
  'port-taken': p => `ポート ${p.port} は別のプログラムが使っています。別の ${p.setting} を設定してください。`,
  'pages-not-built': () => 'Web ページがビルドされていません。「npm run build」を実行してください。',
  'activity-secret-rejected': () =>
    'Discord がボットの Client Secret を拒否しました。ボットの運営者が、開発者ポータルの OAuth2 ページから新しい DISCORD_CLIENT_SECRET をコピーする必要があります。',
  'activity-login-refused': () => 'Discord があなたを確認できませんでした。閉じて、もう一度開いてください。',
  'discord-not-responding': () => 'Discord が応答していません。しばらくしてからもう一度お試しください。',
  'quota-exceeded': p => {
    const quantity = p.what === 'pictures' ? pictures(p.limit) : `GPU ${p.limit} 秒`
    const whose = p.whose === 'server' ? 'このサーバー' : 'あなた'
    return `${whose}の利用枠 (${p.per === 'hour' ? '1 時間に' : '1 日に'}${quantity}) を使い切りました。${relativeTime(p.until)}にもう一度お試しください。`
  },
  'settings-corrupt': p =>
    `${p.path} の設定を読み込めません。ファイルを修正するか、別の場所に移して新しい設定で始めてください。`,
  interrupted: () => 'リクエストの処理を始める前に Overscan が再起動しました。もう一度送ってください。',
  cancelled: () => 'キャンセルしました。',
  stopped: () => '再起動するため、このリクエストは完了できませんでした。1 分後にもう一度送ってください。',
  'operator-needed': p =>
    `このボットに必要なものが正しく動いておらず、運営者だけが直せます。このコードを運営者に伝えてください: ${p.incident}。原因はログにあります。`,
  bug: p =>
    `ボット側で問題が発生しました。繰り返し発生する場合は、このコードをボットの運営者に伝えてください: ${p.incident}。`,
}

const amount = (length: Length) => ('percent' in length ? `${length.percent}%` : `${length.pixels} px`)

const given = (length: Length) => ('percent' in length ? length.percent : length.pixels) > 0

const pictures = (count: number) => `画像 ${count} 枚`

function heading(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` (${edit.aspect.width}:${edit.aspect.height})` : ''
      const at = edit.anchor ? ` (${anchors[edit.anchor]})` : ''
      return `ズームアウト ${edit.factor}×${to}${edit.grow ? '、元のピクセルを維持' : ''}${at}`
    }
    case 'extend': {
      const parts = (['left', 'right', 'top', 'bottom'] as const).filter(side => given(edit[side]))
      return `拡張 ${parts.map(side => `${sides[side]} ${amount(edit[side])}`).join('、')}`
    }
    case 'square':
      return '正方形にする'
    case 'fit':
      return edit.exact ? `${edit.width}×${edit.height} ピクセルに合わせる` : `${edit.width}:${edit.height} に合わせる`
    case 'place':
      return `${edit.width}×${edit.height} ピクセルの枠に配置`
    case 'inpaint':
      return 'バリエーション (範囲)'
    case 'remove':
      return '除去'
    case 'vary':
      return edit.strength === 'subtle' ? 'バリエーション (弱)' : 'バリエーション (強)'
    case 'upscale':
      return edit.creative
        ? `アップスケール (クリエイティブ) ${edit.scale}×`
        : `アップスケール ${edit.scale}×${edit.history ? '（履歴から）' : ''}`
    case 'imagine':
      return edit.hires ? `画像生成 (hires fix ${edit.hires.scale}×)` : '画像生成'
  }
}

/** The texts in Japanese. */
export const ja: Translations = {
  problems,
  heading,
  sides,
  pages,

  progress: {
    next: '次はあなたの番です',
    position: place => `キューの ${place} 番目です`,
    starts: when => `開始: ${when}`,
    paused: '待機中: このサーバーの管理者がキューを一時停止しています',
    noWorker: '描画用のマシンが接続されていません。接続され次第、リクエストを開始します',
    restarting: '再起動中です。リクエストは順番を保ったまま、自動的に続行されます',
    preview: '未完成の画像のプレビュー',
  },

  result: {
    seeds: seeds => `シード ${seeds.join(', ')}`,
    seconds: seconds => `${seconds} 秒`,
    requestedBy: mention => `${mention} さんのリクエスト`,
    pickedBy: mention => `${mention} さんが選択`,
    imageNumber: number => `画像 ${number}`,
    originalTitle: '元の画像',
    journeyTitle: (pictures: number) => `${pictures} 枚の画像をめぐる旅`,
    ignoredPrompt: (engine, instead) =>
      `プロンプトは無視されました: 「${engine}」はテキストを読めません。${instead ? `使うにはモデル「${instead}」を選んでください` : 'テキストを読めるモデルは、ボットの管理者がインストールできます'}`,
    ignoredOptions: (engine, options) => `「${engine}」では無視されるもの: ${options.join('、')}`,
    optionNames: {
      prompt: 'プロンプト',
      strength: 'ノイズ除去強度',
      content: 'マスクされたコンテンツ',
      negative: 'ネガティブプロンプト',
      steps: 'ステップ数',
      sampler: 'サンプラー',
      guidance: 'CFGスケール',
      clipSkip: 'clip skip',
      refiner: 'リファイナー',
      preset: 'アウトペインティングのプリセット',
      refine: '仕上げの描き直し',
      seam: '継ぎ目の描き直し',
      control: 'ControlNet',
    },
    cannotPost:
      'このチャンネルに画像を投稿できません (「メッセージを送信」と「ファイルを添付」の権限がありません)。そのため、これへの返信も読めません',
    resampled: 'モデルなしで拡大: 再サンプリングし、画像と同じ粒状感を付けました。新しいディテールはありません',
    fromHistory: ({ pictures, end }) => {
      const shown = `以前の画像 ${pictures} 枚のディテールを戻しました`
      switch (end) {
        case 'first':
          return shown
        case 'missing':
          return `${shown}（それより前の画像は見つかりませんでした）`
        case 'limit':
          return `${shown}（これ以上は大きくなりすぎます）`
      }
    },
    memoryFallback: fallback => {
      switch (fallback.kind) {
        case 'device':
          return `${fallback.instead} のメモリが足りなかったため、${fallback.device} で描きました`
        case 'smaller':
          return `メモリが足りなかったため、約 ${fallback.side}×${fallback.side} ピクセルで描いて拡大しました`
        case 'tiles':
          return 'メモリが足りなかったため、モデルはタイルに分けて描きました'
        case 'parts':
          return 'メモリが足りなかったため、各ステップでモデルを半分ずつ読み込みました'
      }
    },
    conversions: {
      'first-frame': 'アニメーションの最初のフレームだけを使いました',
      'first-page': 'ファイルの最初のページだけを使いました',
      '8-bit': '画像は 1 チャンネル 16 ビット、結果は 8 ビットです',
      srgb: '色を sRGB に変換しました',
    },
    control: ({ name, module, prefill, isDefault }) =>
      `ControlNet ${name} (${module}${prefill ? `、${prefill} で下塗り` : ''})${isDefault ? '、自動で使用。「control: none」でオフにできます' : ''}`,
    channelGone: 'リクエストされたチャンネルに投稿できなくなったため、結果をここに送ります:',
    /** Why a result did not come as a message in its channel. */
    blockedByAutoMod: '依頼したチャンネルではAutoModがメッセージをブロックしたため、結果をここに送ります',
    blockedAsExplicit:
      '依頼したチャンネルではDiscordの不適切な表現のフィルターがメッセージをブロックしたため、結果をここに送ります',
    threadClosed: '依頼したスレッドはアーカイブ済みまたはロック済みのため、結果をここに送ります',
    refusedInChannel: '依頼したチャンネルではDiscordがメッセージを拒否したため、結果をここに送ります',
    kept: '届けられなかったため保存していた結果',
    altText: (title, seed, prompt) => `${title}、シード ${seed}${prompt && `: ${prompt}`}`,
  },

  buttons: {
    cancel: 'キャンセル',
    upscaleSubtle: 'アップスケール (弱)',
    upscaleCreative: 'アップスケール (クリエイティブ)',
    upscaleHistory: 'アップスケール (履歴)',
    varySubtle: 'バリエーション (弱)',
    varyStrong: 'バリエーション (強)',
    varyRegion: 'バリエーション (範囲)',
    zoom2: 'ズームアウト 2×',
    zoom15: 'ズームアウト 1.5×',
    customZoom: 'カスタムズーム',
    square: '正方形にする',
    remix: 'リミックス',
    sendToDirectMessages: 'DMに送る',
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
      '描き直す部分をエディターで指定してください。リンクは 30 分間有効です。マスクを送るか、グリッドのマスを選ぶこともできます。',
    openedInDiscord:
      'ここで開くエディターで、描き直す部分を指定してください。リンクからも開けます。マスクを送るか、グリッドのマスを選ぶこともできます。',
    openEditor: 'エディターを開く',
    sendMask: 'マスクかグリッドのマス…',
    chooseObjects: '番号付きの対象…',
    extend:
      'エディターで画像の辺を外側にドラッグするか、新しい枠に配置してください。リンクは 30 分間有効です。長さを入力することもできます。',
    extendOpened:
      'ここで開くエディターで、画像の辺を外側にドラッグするか、新しい枠に配置してください。リンクからも開けます。長さを入力することもできます。',
    sendLengths: '長さを入力…',
  },
  activity: {
    nothing: '画像の下の「バリエーション (範囲)」をクリックすると、ここで編集できます。',
    outside:
      'このページは Discord の中で使えます。Discord で画像の下の「バリエーション (範囲)」をクリックしてください。',
    entering: 'Discord に接続しています…',
    silent: 'Discord が応答していません。このページを閉じて、もう一度開いてください。',
    declined:
      '許可がないと、Discord はこのページにあなたが誰かを伝えないため、画像が見つかりません。このページが読み取るのは名前だけです。',
    again: 'もう一度試す',
  },
  modals: {
    whichPicture: '画像',
    picture: number => `画像 ${number}`,
    customZoom: 'カスタムズーム',
    factor: 'ズームの倍率',
    factorHint: '1 から 4。1 は縦横比も変えるときだけ',
    aspect: '縦横比',
    aspectHint: '16:9 など。空欄なら画像の縦横比のまま',
    anchor: '元の画像の位置',
    prompt: 'プロンプト',
    promptHint: 'そこに描いてほしいもの',
    creativePromptHint: 'クリエイティブ用: 画像に写っているもの',
    remix: 'プロンプトを編集',
    extend: '拡張',
    lengthHint: 'ピクセルかパーセント。256 や 25% など',
    zoomOut: 'ズームアウト',
    square: '正方形にする',
    upscale: 'アップスケール',
    fit: '形を合わせる',
    shape: '形',
    shapeHint: '16:9 のような縦横比、または 960x540px のようなサイズ',
    recipe: 'レシピ',
    varyRegion: 'バリエーション (範囲)',
    remove: '除去',
    mask: 'マスク',
    maskOrHolesHint: '白または透明 = 描き直す。印を付けたコピーも可。空欄なら透明な部分を埋めます',
    maskOrObjectsHint: '白または透明 = 描き直す。印を付けたコピーも可。すべて空欄なら番号付きの対象から選べます',
    maskHint: '白か透明 = 描き直す部分。または印を描き込んだ画像のコピー',
    cells: across => `または ${across}×${across} グリッドのマス`,
    cell: (row, column) => `${row} 行 ${column} 列`,
  },

  confirmMask: {
    title: { inpaint: 'この部分を描き直しますか？', remove: 'これを除去しますか？', fill: '透明な部分を埋めますか？' },
    areaShare: percent => `画像の ${percent}`,
    kinds: {
      'black-and-white': 'マスクの白い部分',
      transparent: 'マスクの透明な部分',
      layer: '透明なレイヤーに描いた部分',
      marked: '印を付けた部分',
      cells: '選んだグリッドのマス',
      objects: '選んだ対象',
      holes: '画像の透明な部分',
    },
    readAs: {
      'black-and-white': '白い部分を描く',
      transparent: '透明な部分を描く',
      layer: '描いた部分を描き直す',
      marked: '印を付けた部分を描く',
      cells: 'マス目を描く',
      holes: '透明な部分を埋める',
    },
    scaledToPicture: '画像に合わせて拡大縮小済み',
    lowConfidence: 'マスクを正しく読み取れていない可能性があります。ご確認ください。',
    overlay: '画像。描く部分は縞模様と輪郭線で示されています',
  },

  objects: {
    title: 'どの対象ですか？',
    hint: '番号で選んでください（複数可）。描く前に、その部分をお見せします。',
    choose: '対象を選ぶ',
    overlay: '画像。対象が縁取られ、番号が付いています',
  },

  direct: { sent: 'ダイレクトメッセージに送りました。' },

  audit: {
    painted: (mention, title, link) => `${mention}: ${title} ${link}`,
    refused: (mention, channel, why) => `${mention} (${channel}): ${why}`,
    settings: (mention, what) => `${mention} が設定を変更: ${what}`,
    queueCommand: (mention, what) => `${mention}: /キュー ${what}`,
  },

  queue: {
    nothingOfYours: 'キューにあなたのリクエストはなく、保存されている結果もありません。',
    moreKept: (count: number) => `保存されている結果があと${count}件あります。もう一度 /キュー 自分 を使ってください。`,
    title: 'キュー',
    empty: '待機中のものも実行中のものもありません。',
    running: percent => `${percent}%`,
    pictures,
    otherServers: count => `ほかの場所からのリクエスト ${count} 件`,
    paused: 'キューは一時停止中です。リクエストは待機し、何も開始されません。',
    draining: 'キューは新しいリクエストの受付を終了しています。待機中のリクエストは描かれます。',
    open: 'キューは受付中です。',
    cancelledWaiting: count => `待機中のリクエスト ${count} 件をキャンセルしました。`,
    cancelled: 'キャンセルしました。',
  },

  settings: {
    title: 'サーバー設定',
    ownTitle: 'あなたの設定',
    saved: '保存しました。',
    allChannels: 'すべてのチャンネル',
    everyone: '全員',
    none: 'なし',
    unset: 'デフォルト',
    names: {
      channels: 'チャンネル',
      first: '優先',
      roles: 'ロール',
      quotas: '利用枠',
      variations: '枚数 (最大)',
      engine: 'モデル',
      upscaler: 'アップスケーラー',
      steps: 'ステップ数',
      colorMatch: '色合わせ',
      forbidden: 'ブロックする言葉',
      buttons: 'ボタンを使える人',
      language: '言語',
      auditChannel: 'ログチャンネル',
      spoiler: 'スポイラー',
      restrictedOnly: '年齢制限チャンネルのみ',
      line: 'キュー',
      confirmMasks: 'マスクの確認',
    },
    values: {
      author: 'リクエストした本人',
      all: '全員',
      never: 'しない',
      always: '常にする',
      unsure: '不確かなときだけ',
      yes: 'はい',
      no: 'いいえ',
      open: '受付中',
      draining: '受付終了',
      paused: '一時停止中',
    },
    quota: (role, amounts, per) => `${role}: ${per} ${amounts.join('、')}`,
    quotaPictures: pictures,
    quotaSeconds: seconds => `GPU ${seconds} 秒`,
    per: { hour: '1 時間に', day: '1 日に' },
  },

  info: {
    title: version => `Overscan ${version}`,
    description: '画像の枠の外側を描きます。',
    models: names => `モデル: ${names}`,
    device: device => `デバイス: ${device}`,
    queueLoad: (running, waiting) => `キュー: 実行中 ${running} 件、待機中 ${waiting} 件`,
    remainingQuota: what => `残りの利用枠: ${what}`,
    remainingPictures: (count, per) => `${per}${pictures(count)}`,
    remainingGpuSeconds: (seconds, per) => `${per} GPU ${seconds} 秒`,
    started: when => `起動: ${when}`,
  },

  models: {
    title: 'モデル',
    fill: '内蔵でダウンロード不要。すでに画像にあるものから続きを描きます。テキストは読めません',
    none: '拡散モデルがインストールされていません。ボットの運営者が `models/` に追加できます (方法は docs/models.md にあります)。モデルがないと、プロンプトは保存されますが無視され、/画像生成 は使えません。',
    loras: 'チェックポイントモデルのプロンプトで使える LoRA:',
    controlNets: '`control` オプションで使える ControlNet:',
  },

  recipe: {
    title: 'レシピ',
    operation: '操作',
    prompt: 'プロンプト',
    seed: 'シード',
    model: 'モデル',
    source: '元の画像',
    mask: 'マスク',
    howToRepeat: 'もう一度描くには: /レシピ の「画像」にこの画像を、「元画像」に元の画像を指定します。',
  },

  dataDeleted: (settings, jobs) =>
    [
      settings ? 'あなたの設定を削除しました。' : '保存された設定はありませんでした。',
      jobs > 0 ? `キューにあったリクエストをキャンセルしました (${jobs} 件)。` : '',
      '利用回数の記録を削除しました。画像は Discord のメッセージにだけ保存されています。削除するには、画像の下の「削除」をクリックしてください。',
    ]
      .filter(Boolean)
      .join(' '),

  help: {
    title: 'Overscan の使い方',
    intro: [
      '**/ズームアウト** と画像: 枠の外側を 4 通りに描きます。',
      '4 枚の画像の下: **U1–U4** で 1 枚を選び、**V1–V4** で 1 枚のバリエーションを作り、🔄 でもう一度試します。',
      '1 枚の画像の下: さらにズームアウト、辺の拡張、正方形にする、範囲の描き直し。',
      '誰の画像でも: 右クリック (スマホでは長押し) → **アプリ** → ズームアウト、拡張、範囲を描き直す、除去。',
      '一部を描き直すには: このボットの画像に、マスクか、描き込んだコピーを付けて **返信** してください。返信の文章がプロンプトになります。',
    ],
    example: '例',
    examples: {
      zoom: '/ズームアウト 画像:holiday.jpg 倍率:2',
      extend: '/拡張 画像:house.png 左:25% 右:25%',
      square: '/正方形 画像:portrait.jpg',
      fit: '/形合わせ 画像:logo.png 形:サーバーバナー',
      inpaint: '/描き直し 画像:room.jpg マスク:room-mask.png プロンプト:緑のソファ',
      remove: '/除去 画像:beach.jpg マスク:beach-marked.jpg',
      vary: '/バリエーション 画像:overscan-1.png 強さ:弱',
      imagine: '/画像生成 プロンプト:夕暮れの灯台 縦横比:16:9',
      upscale: '/アップスケール 画像:zoomed.png 拡大率:4×',
      queue: '/キュー 表示',
      settings: '/設定 自分 確認:不確かなときだけ',
      info: '/情報',
      help: '/ヘルプ コマンド:/ズームアウト',
      models: '/モデル',
      recipe: '/レシピ 画像:overscan-1.png',
      'forget-me': '/データ削除',
    },
  },

  commands: {
    zoom: { name: 'ズームアウト', description: 'ズームアウトして、画像の枠の外側を描きます' },
    extend: { name: '拡張', description: '画像の 1 つ以上の辺を広げます' },
    square: { name: '正方形', description: '足りない部分を描いて、画像を正方形にします' },
    fit: { name: '形合わせ', description: '切り抜かずに、足りない部分を描いて画像の形を合わせます' },
    inpaint: { name: '描き直し', description: '画像の一部を描き直します' },
    remove: { name: '除去', description: '画像からオブジェクトを除去します' },
    vary: { name: 'バリエーション', description: '画像のバリエーションを描きます' },
    imagine: { name: '画像生成', description: 'テキストから画像を描きます' },
    upscale: { name: 'アップスケール', description: '画像を 2× または 4× に拡大します' },
    queue: { name: 'キュー', description: 'キューを表示、管理します' },
    settings: { name: '設定', description: 'このサーバーとあなたの設定' },
    info: { name: '情報', description: 'このボットのバージョン、モデル、デバイス、混雑状況' },
    help: { name: 'ヘルプ', description: 'このボットの使い方と使用例' },
    models: { name: 'モデル', description: 'インストール済みのモデルを一覧表示します' },
    recipe: { name: 'レシピ', description: '画像の作り方を表示するか、もう一度描きます' },
    'forget-me': { name: 'データ削除', description: 'あなたについて保存されたデータをすべて削除します' },
  },

  subcommands: {
    show: { name: '表示', description: '現在の状態を表示します' },
    cancel: { name: 'キャンセル', description: '自分のリクエストを 1 つキャンセルします' },
    pause: { name: '一時停止', description: '新しく開始しません。リクエストは待機を続けます (管理者)' },
    resume: { name: '再開', description: 'キューを再開します (管理者)' },
    drain: { name: '受付終了', description: '待機中のものを完了し、新しいリクエストを受け付けません (管理者)' },
    clear: { name: '全キャンセル', description: '待機中のリクエストをすべてキャンセルします (管理者)' },
    mine: { name: '自分', description: '自分用のデフォルト' },
    'queue-mine': { name: '自分', description: 'あなたのリクエストと、届けられなかった結果' },
    channel: { name: 'チャンネル', description: 'ボットが描くチャンネル (管理者)' },
    role: { name: 'ロール', description: 'ボットを使えるロール (管理者)' },
    first: { name: '優先', description: 'キューで優先されるロール (管理者)' },
    quota: { name: '利用枠', description: 'ロールが描ける量。0 で上限なし (管理者)' },
    defaults: {
      name: 'デフォルト',
      description: '最大枚数、デフォルトのモデル、アップスケーラー、ステップ数 (管理者)',
    },
    words: { name: 'ブロックワード', description: 'プロンプトでブロックする言葉 (管理者)' },
    buttons: { name: 'ボタン', description: '画像の下のボタンを使える人 (管理者)' },
    language: { name: '言語', description: '全員に見えるメッセージの言語 (管理者)' },
    audit: { name: 'ログ', description: '描いた画像をチャンネルに記録します。空欄で停止 (管理者)' },
    safety: { name: '安全', description: 'スポイラーと年齢制限チャンネル (管理者)' },
  },

  options: {
    image: { name: '画像', description: '元になる画像' },
    factor: { name: '倍率', description: 'ズームの倍率: 1.5×、2×、または 1 から 4 までの数 (デフォルト: 1.5)' },
    aspect: { name: '縦横比', description: '別の縦横比。16:9 など' },
    keep: { name: '維持', description: '変えないもの: 画像のサイズか、元のピクセル (デフォルト: サイズ)' },
    anchor: { name: '位置', description: '新しい画像の中で元の画像を置く場所 (デフォルト: 中央)' },
    left: { name: '左', description: '左に追加する量。25% や 256 など' },
    right: { name: '右', description: '右に追加する量' },
    top: { name: '上', description: '上に追加する量' },
    bottom: { name: '下', description: '下に追加する量' },
    shape: { name: '形', description: '16:9 などの縦横比、またはリストの用途' },
    mask: { name: 'マスク', description: '白か透明 = 描き直す部分。または印を描き込んだ画像のコピー' },
    'inpaint-mask': {
      name: 'マスク',
      description: '白または透明 = 描き直す。印を付けたコピーも可。省略すると透明な部分を埋めます',
    },
    object: { name: '対象', description: '対象の番号（例: 1, 3）。番号もマスクもなければ、番号をお見せします' },
    'keep-alpha': {
      name: '透明を保持',
      description: '透明な部分を透明のままにします。指定しないと透明な部分も描きます',
    },
    area: {
      name: '範囲',
      description: 'インペイントの範囲: 画像全体か、マスクのみ (デフォルト: 画像全体)',
    },
    padding: {
      name: 'パディング',
      description: '「マスクのみ」のとき、マスクの周りでモデルが見るピクセル数 (デフォルト: 32)',
    },
    'mask-blur': { name: 'マスクぼかし', description: 'マスクのぼかし: ぼかす縁の幅のピクセル数 (デフォルト: 0)' },
    'mask-grow': { name: 'マスク拡張', description: 'マスクを広げるピクセル数 (デフォルト: 0)' },
    size: { name: 'サイズ', description: '先に画像をリサイズします。768x512 など (デフォルト: そのまま)' },
    resize: { name: 'リサイズモード', description: 'リサイズモード (デフォルト: リサイズのみ)' },
    preset: { name: 'プリセット', description: 'A1111 のアウトペインティングスクリプト (拡散モデル用)' },
    'clip-skip': {
      name: 'clip-skip',
      description: 'Clip skip: 使う CLIP の層。最後から数えます (拡散モデル用)',
    },
    refiner: {
      name: 'リファイナー',
      description: '最後のステップを描く 2 つ目のモデル (拡散モデル用)',
    },
    'switch-at': {
      name: '切り替え位置',
      description: 'リファイナーに切り替えるまでのステップの割合 (デフォルト 0.8)',
    },
    control: {
      name: 'control',
      description: 'ControlNet: 名前、または 名前:tile (コンマで複数)。none で使わない (拡散モデル用)',
    },
    'control-weight': { name: 'control-ウェイト', description: 'ControlNet の強さ、0～2 (デフォルト 1)' },
    'control-start': { name: 'control-開始', description: 'ControlNet が働き始めるステップの割合 (デフォルト 0)' },
    'control-end': { name: 'control-終了', description: 'ControlNet が働き終えるステップの割合 (デフォルト 1)' },
    'control-mode': { name: 'control-モード', description: '何を優先するか (デフォルト: バランス)' },
    'downsampling-rate': { name: '縮小率', description: ':tile が最初に画像を何分の一にするか、1～8 (デフォルト 1)' },
    refine: { name: '仕上げ', description: '大きな画像をタイルに分けてもう一度描きます (拡散モデル用)' },
    'color-match': {
      name: '色合わせ',
      description: 'マスクの境目で、描いた部分の色を画像に合わせます (デフォルト: はい)',
    },
    seam: { name: '継ぎ目', description: '元の部分と新しい部分の境目をもう一度描きます (拡散モデル用)' },
    'masked-content': {
      name: 'マスクされたコンテンツ',
      description: 'マスクされた部分の最初の内容 (デフォルト: モデルが選択)',
    },
    strength: { name: '強さ', description: '画像の変化の大きさ' },
    'denoising-strength': {
      name: 'ノイズ除去強度',
      description: 'ノイズ除去強度: 変化の大きさ。0.05 から 1',
    },
    invert: { name: '反転', description: 'マスクを反転します: マスクされていない部分をすべて描き直します' },
    prompt: { name: 'プロンプト', description: 'そこに描いてほしいもの (テキストを読むモデル用)' },
    variations: { name: '枚数', description: '描く画像の枚数' },
    seed: { name: 'シード', description: '同じシードなら同じ画像になります (デフォルト: ランダム)' },
    model: { name: 'モデル', description: '描くモデル' },
    scale: { name: '拡大率', description: '幅と高さを何倍にするか: 2× (既定) または 4×' },
    detail: { name: 'ディテール', description: '履歴から: 元になった画像のディテールを戻します' },
    upscaler: { name: 'アップスケーラー', description: 'アップスケーラー: lanczos またはインストール済みのもの' },
    creative: { name: 'クリエイティブ', description: '拡散モデルで描き足します: ノイズ除去強度 (通常 0.3)' },
    'hires-fix': { name: 'hires-fix', description: 'Hires fix: 1〜4 倍に拡大してから描き足します (通常 2)' },
    'hires-strength': { name: 'hires強度', description: 'Hires fix: ノイズ除去強度 0.05〜1 (通常 0.5)' },
    spoiler: { name: 'スポイラー', description: 'クリックされるまで画像を隠します' },
    source: { name: '元画像', description: '元の画像。レシピをもう一度描きます' },
    command: { name: 'コマンド', description: '説明を見るコマンド' },
    job: { name: 'リクエスト', description: 'キャンセルするリクエスト' },
    channel: { name: 'チャンネル', description: 'チャンネル' },
    role: { name: 'ロール', description: 'ロール' },
    allowed: { name: '許可', description: '許可するかどうか' },
    pictures: { name: '画像数', description: '画像の枚数。0 で上限なし' },
    seconds: { name: '秒数', description: 'GPU の秒数。0 で上限なし' },
    per: { name: '期間', description: '利用枠の期間' },
    negative: {
      name: 'ネガティブプロンプト',
      description: 'ネガティブプロンプト: 描いてほしくないもの (拡散モデル用)',
    },
    sampler: { name: 'サンプラー', description: 'サンプリング方法 (拡散モデル用)' },
    guidance: {
      name: 'cfgスケール',
      description: 'CFGスケール: プロンプトに従う度合い。1 から 30 (デフォルト: 7、拡散モデル用)',
    },
    steps: { name: 'ステップ数', description: 'サンプリングステップ数 (拡散モデル用)' },
    add: { name: 'ブロック', description: 'ブロックする言葉' },
    allow: { name: 'ブロック解除', description: 'もう一度許可する言葉' },
    who: { name: '対象', description: 'ボタンを使える人' },
    language: { name: '言語', description: '言語' },
    'restricted-only': { name: '年齢制限のみ', description: '年齢制限チャンネルでだけ描きます' },
    confirm: { name: '確認', description: 'マスクの部分を描く前に確認します' },
  },

  choices: {
    ...anchors,
    balanced: 'バランス',
    'my prompt': 'プロンプトを優先',
    controlnet: 'ControlNet を優先',
    fromHistory: '履歴から',
    sameSize: '同じサイズ',
    myPixels: '元のピクセル',
    whole: '画像全体',
    masked: 'マスクのみ',
    original: 'オリジナル',
    fill: '塗りつぶし',
    'latent noise': '潜在ノイズ',
    'latent nothing': '潜在なし',
    blur: '周囲をぼかした色',
    'edge color': '縁の色',
    'matched noise': '周囲に似たノイズ',
    'poor-mans-outpainting': 'Poor man’s outpainting スクリプト',
    'outpainting-mk2': 'outpainting mk2',
    'just resize': 'リサイズのみ',
    'crop and resize': '切り抜いてリサイズ',
    'resize and fill': 'リサイズして塗りつぶし',
    subtle: '弱',
    strong: '強',
    serverBanner: 'サーバーバナー (960×540)',
    inviteSplash: '招待の背景 (1920×1080)',
    icon: 'サーバーアイコン (512×512)',
    emoji: '絵文字 (128×128)',
    phone: 'スマホの壁紙 (1179×2556)',
    hour: '1 時間',
    day: '1 日',
    author: 'リクエストした本人',
    all: '全員',
    never: 'しない',
    always: '常にする',
    unsure: '不確かなときだけ',
  },

  contextMenus: {
    'Zoom out': 'ズームアウト',
    'Make Square': '正方形にする',
    'Fit…': '形を合わせる…',
    Upscale: 'アップスケール',
    'Extend…': '拡張…',
    'Repaint region…': '範囲を描き直す…',
    'Remove…': '除去…',
    Recipe: 'レシピ',
  },
}
