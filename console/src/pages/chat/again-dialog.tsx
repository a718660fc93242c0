import { useState } from 'preact/hooks';
import type { Asked } from '../../answer/conversation.ts';
import { type ChatSettings, EFFORTS } from '../../answer/settings.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/states.tsx';
import { chosenOf } from './choice.ts';
import { ModelBox } from './model-box.tsx';
import { useChosenModel } from './models.ts';

interface AgainDialogProps {
  /** Who answered before. */
  readonly model: string;
  readonly settings: ChatSettings;
  readonly onAsk: (asked: Pick<Asked, 'model' | 'settings'>) => void;
  readonly onClose: () => void;
}

/** The question again, for another model or with more effort. */
export function AgainDialog({ model, settings, onAsk, onClose }: AgainDialogProps) {
  const {
    models,
    polled: { error, reload },
  } = useChosenModel();
  const [wanted, want] = useState(model);
  const [effort, setEffort] = useState(settings.effort);
  const chosen = chosenOf(models, wanted);
  const ask = (): void => {
    if (chosen === null) return;
    onClose();
    onAsk({ model: chosen.id, settings: { ...settings, effort } });
  };
  return (
    <Dialog title="Ask again" onClose={onClose}>
      {error !== null && models !== null && <Problem message={error.message} error={error} retry={reload} />}
      <div class="roomy">
        <ModelBox models={models} chosen={chosen} files={[]} onPick={want} />
      </div>
      <label class="field">
        Effort
        <select value={effort} onChange={(event) => setEffort(event.currentTarget.value)}>
          <option value="">as the model does</option>
          {EFFORTS.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <p class="actions">
        <button class="button" type="button" onClick={onClose}>
          Cancel
        </button>
        <button class="button primary" type="button" disabled={chosen === null} onClick={ask}>
          Ask again
        </button>
      </p>
    </Dialog>
  );
}
