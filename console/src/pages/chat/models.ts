import { useEffect } from 'preact/hooks';
import { picked } from '../../answer/picked-model.ts';
import { place } from '../../app/router.ts';
import { listAllModels } from '../../feed/figures.ts';
import { type Polled, usePoll } from '../../feed/poll.ts';
import type { ModelDetails } from '../../feed/wire.ts';
import { type ChosenModel, chosenId, chosenOf } from './choice.ts';

/** The models, and the one that is asked next. */
export interface ModelChoice {
  /** Null where the key may not list them. */
  readonly models: readonly ModelDetails[] | null;
  /** Null while it is not known, and where the key may use none. */
  readonly chosen: ChosenModel | null;
  readonly polled: Polled<readonly ModelDetails[]>;
}

/** As they were read last on this page. */
let known: readonly ModelDetails[] = [];

/** Reads the models. `?model=` in the address picks one, until the reader does. */
export function useChosenModel(): ModelChoice {
  const polled = usePoll(listAllModels, 'all-models', null);
  // They are asked for anew with each box, and a question need not wait for that.
  if (polled.data !== null) known = polled.data;
  const models = polled.error?.code === 'route_not_allowed' ? null : known;
  const chosen = chosenOf(models, place.value.query.get('model') ?? picked.value);
  useEffect(() => {
    chosenId.value = chosen?.id ?? null;
  }, [chosen?.id]);
  return { models, chosen, polled };
}
