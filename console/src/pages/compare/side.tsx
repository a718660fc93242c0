import { useState } from 'preact/hooks';
import type { AskSettings } from '../../feed/lone-question.ts';
import { count, dollars } from '../../parts/format.ts';
import type { Estimate } from './estimate.ts';
import { EFFORTS, settingsWords } from './sides.ts';

interface SideProps {
  /** `First` or `Second`. */
  readonly title: string;
  readonly models: readonly string[];
  readonly model: string;
  readonly settings: AskSettings;
  readonly estimate: Estimate;
  readonly onModel: (model: string) => void;
  readonly onSettings: (settings: AskSettings) => void;
}

/** Which model is asked on one side, how, and for how much. */
export function Side({ title, models, model, settings, estimate, onModel, onSettings }: SideProps) {
  return (
    <fieldset class="side">
      <legend class="hidden">{title} model</legend>
      <label class="field">
        {title} model
        <select value={model} onChange={(event) => onModel(event.currentTarget.value)}>
          {/* The address may name an alias, which no list has. */}
          {!models.includes(model) && <option value={model}>{model}</option>}
          {models.map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </label>
      <EstimateWords estimate={estimate} maxTokens={settings.maxTokens} />
      <Settings title={title} settings={settings} onChange={onSettings} />
    </fieldset>
  );
}

interface EstimateProps {
  readonly estimate: Estimate;
  readonly maxTokens: number | null;
}

function EstimateWords({ estimate: { usd, problem, answering }, maxTokens }: EstimateProps) {
  if (problem !== null) return <p class="estimate problem">{problem}</p>;
  const length = maxTokens === null ? 'usual length' : `${count(maxTokens)} tokens`;
  return (
    <p class="estimate quiet">
      Price: {dollars(usd, true)}
      {usd !== null && ` for an answer of ${length}`}
      {answering !== null && `, by ${answering}`}
    </p>
  );
}

interface SettingsProps {
  readonly title: string;
  readonly settings: AskSettings;
  readonly onChange: (settings: AskSettings) => void;
}

function Settings({ title, settings, onChange }: SettingsProps) {
  const [isOpen, open] = useState(false);
  const words = settingsWords(settings);
  return (
    <details
      class="settings"
      open={isOpen}
      onToggle={(event) => open(event.currentTarget.open)}
      // What is wrong in there has to be seen.
      onInvalidCapture={() => open(true)}
    >
      <summary>
        Settings<span class="hidden"> of the {title.toLowerCase()} model</span>
        {words !== '' && <span class="quiet">: {words}</span>}
      </summary>
      <div class="knobs">
        <label class="field">
          Effort
          <select
            value={settings.effort ?? ''}
            onChange={(event) => onChange({ ...settings, effort: event.currentTarget.value || null })}
          >
            <option value="">usual</option>
            {EFFORTS.map((effort) => (
              <option key={effort}>{effort}</option>
            ))}
          </select>
        </label>
        <label class="field">
          Temperature
          <input
            type="number"
            min="0"
            max="2"
            step="any"
            placeholder="usual"
            value={settings.temperature ?? ''}
            onInput={(event) => onChange({ ...settings, temperature: numberIn(event.currentTarget) })}
          />
        </label>
        <label class="field">
          Max tokens
          <input
            type="number"
            min="1"
            step="1"
            placeholder="usual"
            value={settings.maxTokens ?? ''}
            onInput={(event) => onChange({ ...settings, maxTokens: numberIn(event.currentTarget) })}
          />
        </label>
        <label class="field wide-field">
          System prompt
          <textarea
            rows={2}
            value={settings.system}
            onInput={(event) => onChange({ ...settings, system: event.currentTarget.value })}
          />
        </label>
      </div>
    </details>
  );
}

function numberIn({ valueAsNumber: value }: HTMLInputElement): number | null {
  return Number.isNaN(value) ? null : value;
}
