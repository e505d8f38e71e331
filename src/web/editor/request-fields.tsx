import type { OpenedDrawing } from '../../protocol/drawing.js'
import { DRAWING_LIMITS } from '../../protocol/drawing-limits.js'
import { fill } from '../texts.js'
import { useEditorTexts } from './editor-texts.js'
import { SelectField } from './form-fields.js'
import { SeedField } from './seed-field.js'
import { type ChangeSettings, engineOf, type Settings } from './settings.js'

type Props = {
  readonly drawing: OpenedDrawing
  readonly settings: Settings
  readonly change: ChangeSettings
  /** Those that were painted before, newest first. */
  readonly prompts: readonly string[]
  /** Of the picture that is shown, or else of the last one. */
  readonly lastSeed: number | undefined
}

/** The prompt, the model and its options. */
export function RequestFields({ drawing, settings, change, prompts, lastSeed }: Props) {
  const texts = useEditorTexts()
  const { engines } = drawing
  const { mode, kind, prompt } = settings
  const engine = engineOf(drawing, settings)
  const reader = engines.find(one => one.supportsPrompt)
  const supportsPrompt = engine?.supportsPrompt ?? false
  const { control } = settings
  // A command may have named another one, or a module of one.
  const isListed = control === '' || control === 'none' || engine?.controls.includes(control)
  const controls = [...(engine?.controls ?? []), ...(isListed ? [] : [control])]
  return (
    <>
      {mode === 'draw' && (
        <SelectField
          label={texts.paintedArea}
          value={kind}
          onChange={value => change({ kind: value as Settings['kind'] })}
          options={[
            ['inpaint', texts.replace],
            ['remove', texts.remove],
          ]}
        />
      )}
      <label class="wide">
        {texts.prompt}
        <textarea
          rows={2}
          maxLength={DRAWING_LIMITS.prompt.max}
          value={prompt}
          onInput={event => change({ prompt: event.currentTarget.value })}
        />
      </label>
      {prompts.length > 0 && (
        <SelectField
          label={texts.earlierPrompts}
          value=""
          onChange={value => value && change({ prompt: value })}
          options={[['', texts.choosePrompt], ...prompts.map(one => [one, one] as const)]}
        />
      )}
      {engines.length > 1 && (
        <SelectField
          label={texts.model}
          value={settings.engine}
          // A ControlNet fits some models only.
          onChange={value => change({ engine: value, control: '' })}
          options={[['', texts.default], ...engines.map(({ name }) => [name, name] as const)]}
        />
      )}
      {supportsPrompt && (
        <label class="wide">
          {texts.negativePrompt}
          <input
            maxLength={DRAWING_LIMITS.prompt.max}
            value={settings.negative}
            onInput={event => change({ negative: event.currentTarget.value })}
          />
        </label>
      )}
      {controls.length > 0 && (
        <SelectField
          label={texts.controlNet}
          value={control}
          onChange={chosen => change({ control: chosen })}
          options={[['', texts.default], ['none', texts.none], ...controls.map(name => [name, name] as const)]}
        />
      )}
      <div class="pair">
        {mode === 'draw' && kind === 'inpaint' && <InpaintFields settings={settings} change={change} />}
        <SelectField
          label={texts.variations}
          value={settings.variations}
          onChange={variations => change({ variations })}
          options={['1', '2', '3', '4'].map(one => [one, one] as const)}
        />
      </div>
      <SeedField seed={settings.seed} onSeed={seed => change({ seed })} lastSeed={lastSeed} />
      {!supportsPrompt && prompt !== '' && (
        <p class="hint">
          {fill(texts.promptIgnored, { model: engine?.name ?? '' })}
          {reader && ` ${fill(texts.promptReader, { model: reader.name })}`}
        </p>
      )}
    </>
  )
}

function InpaintFields({ settings, change }: Pick<Props, 'settings' | 'change'>) {
  const texts = useEditorTexts()
  return (
    <>
      <label>
        {texts.strength}
        <input
          type="number"
          min={DRAWING_LIMITS.strength.min}
          max={DRAWING_LIMITS.strength.max}
          step="0.05"
          placeholder={texts.default}
          value={settings.strength}
          onInput={event => change({ strength: event.currentTarget.value })}
        />
      </label>
      <SelectField
        label={texts.area}
        value={settings.area}
        onChange={area => change({ area: area as Settings['area'] })}
        options={[
          ['whole', texts.wholePicture],
          ['masked', texts.onlyMasked],
        ]}
      />
    </>
  )
}
