import { useState } from 'preact/hooks';
import { type ChatSettings, EFFORTS, NO_SETTINGS, problemsOf } from '../../answer/settings.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { readsSentences, setReadSentences } from './read-sentences.ts';

interface SettingsDrawerProps {
  readonly settings: ChatSettings;
  readonly onSave: (settings: ChatSettings) => void;
  readonly onClose: () => void;
}

/** How this conversation is answered. Nothing is taken over before it is right. */
export function SettingsDrawer({ settings, onSave, onClose }: SettingsDrawerProps) {
  const [draft, setDraft] = useState(settings);
  const [isRead, setRead] = useState(readsSentences.peek());
  const problems = problemsOf(draft);
  const isWrong = Object.keys(problems).length > 0;
  const change = (change: Partial<ChatSettings>): void => setDraft((before) => ({ ...before, ...change }));
  const field = (name: TextSetting) => ({ name, value: draft[name], problem: problems[name], change });
  return (
    <Dialog title="How this conversation is answered" onClose={onClose}>
      <form
        class="chat-settings"
        onSubmit={(event) => {
          event.preventDefault();
          if (isWrong) return;
          onSave(draft);
          setReadSentences(isRead);
          onClose();
        }}
      >
        <label class="check">
          <input
            type="checkbox"
            checked={draft.isStreamed}
            onChange={(event) => change({ isStreamed: event.currentTarget.checked })}
          />
          Show the answer while it is written
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={draft.keepsPartial}
            onChange={(event) => change({ keepsPartial: event.currentTarget.checked })}
          />
          Keep what was said when I stop it, or it fails
        </label>
        <label class="check">
          <input type="checkbox" checked={isRead} onChange={(event) => setRead(event.currentTarget.checked)} />
          Have screen readers read whole sentences meanwhile, in all conversations
        </label>
        <label class="field">
          Effort
          <select value={draft.effort} onChange={(event) => change({ effort: event.currentTarget.value })}>
            <option value="">as the model does</option>
            {EFFORTS.map((effort) => (
              <option key={effort}>{effort}</option>
            ))}
          </select>
        </label>
        <TextField {...field('temperature')} label="Temperature, 0 to 2" />
        <TextField {...field('maxTokens')} label="Tokens of an answer, at most" />
        <TextField {...field('fallbacks')} label="Models to ask when it fails, apart by commas" />
        <TextField {...field('instructions')} label="Instructions" rows={4} />
        <TextField {...field('schema')} label="JSON Schema of the answer" rows={4} />
        <p class="quiet">Kept in this browser for this conversation. Write no secrets here.</p>
        <p class="actions">
          <button class="button" type="button" onClick={() => setDraft(NO_SETTINGS)}>
            Reset
          </button>
          <button class="button" type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="button primary" type="submit" disabled={isWrong}>
            Save
          </button>
        </p>
      </form>
    </Dialog>
  );
}

/** Those that are written. */
type TextSetting = Exclude<keyof ChatSettings, 'isStreamed' | 'keepsPartial'>;

interface TextFieldProps {
  readonly name: TextSetting;
  readonly label: string;
  readonly value: string;
  readonly problem: string | undefined;
  /** Lines; one where it is missing. */
  readonly rows?: number;
  readonly change: (change: Partial<ChatSettings>) => void;
}

function TextField({ name, label, value, problem, rows, change }: TextFieldProps) {
  const attributes = {
    id: `setting-${name}`,
    value,
    spellcheck: name === 'instructions',
    'aria-invalid': problem !== undefined,
    'aria-describedby': `${name}-problem`,
    onInput: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
      change({ [name]: currentTarget.value }),
  };
  return (
    <div class="field">
      <label for={attributes.id}>{label}</label>
      {rows === undefined ? <input {...attributes} /> : <textarea class="box" rows={rows} {...attributes} />}
      <p id={`${name}-problem`} class="problem" role="alert">
        {problem}
      </p>
    </div>
  );
}
