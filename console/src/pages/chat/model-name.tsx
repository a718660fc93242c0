import { useState } from 'preact/hooks';
import type { ChosenModel } from './choice.ts';

interface ModelNameProps {
  readonly chosen: ChosenModel | null;
  readonly onPick: (id: string) => void;
}

/** So many there have been on this page. */
let boxes = 0;

/** Which model answers, where the key may not list them: any name. The gateway says whether there is such a model. */
export function ModelName({ chosen, onPick }: ModelNameProps) {
  // One stands below the box, another in the dialog.
  const [why] = useState(() => `why-a-name-${boxes++}`);
  return (
    <>
      <div class="picker">
        <label class="field">
          Model
          <input
            autocomplete="off"
            spellcheck={false}
            placeholder="Name of a model"
            aria-describedby={why}
            value={chosen?.id ?? ''}
            onInput={(event) => onPick(event.currentTarget.value)}
          />
        </label>
      </div>
      <small id={why} class="quiet model-why">
        Write the name of a model: your key may not list them. The operator of this gateway grants it by the key’s
        routes.
      </small>
    </>
  );
}
