import { useState } from 'preact/hooks';
import type { ApiError } from '../feed/client.ts';

/** Something that is done when it is asked for, once at a time. */
export interface Action {
  readonly isBusy: boolean;
  /** Why it was not done; null until then. */
  readonly problem: ApiError | null;
  readonly run: (event?: Event) => Promise<void>;
}

/** @param work rejects with the ApiError that is shown; it also submits forms, which then load no page */
export function useAction(work: () => Promise<void>): Action {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const run = async (event?: Event): Promise<void> => {
    event?.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error as ApiError);
    }
    setBusy(false);
  };
  return { isBusy, problem, run };
}
