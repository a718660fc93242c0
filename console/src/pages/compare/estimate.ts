import { useEffect, useState } from 'preact/hooks';
import { toApiError } from '../../feed/client.ts';
import { explainQuestion, type LoneQuestion } from '../../feed/lone-question.ts';
import type { Explanation } from '../../feed/wire.ts';

/** What a question would cost on one side, before it is sent. */
export interface Estimate {
  /** Null where it is not known. */
  readonly usd: number | null;
  /** Who would answer, where that is another model than the one that was named. */
  readonly answering: string | null;
  /** Why it could not be sent, in the gateway's words. */
  readonly problem: string | null;
}

/** While it is typed nothing is asked. */
const PAUSE_MS = 300;

const UNKNOWN: Estimate = { usd: null, answering: null, problem: null };

/** Asks the gateway what a question would cost, which spends nothing; not before there is a question. */
export function useEstimate(asked: LoneQuestion): Estimate {
  const [estimate, setEstimate] = useState(UNKNOWN);
  const key = JSON.stringify(asked);
  const isAsked = asked.model !== '' && asked.question.trim() !== '';
  useEffect(() => {
    if (!isAsked) {
      setEstimate(UNKNOWN);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      explainQuestion(asked, abort.signal)
        .then((explanation) => setEstimate(toEstimate(asked.model, explanation)))
        .catch((error) => !abort.signal.aborted && setEstimate(toProblem(error)));
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, isAsked]);
  return estimate;
}

function toEstimate(asked: string, { model, candidates }: Explanation): Estimate {
  const chosen = candidates.find(({ chosen: isChosen }) => isChosen);
  return {
    usd: chosen?.estimated_cost_usd ?? null,
    answering: model === asked ? null : model,
    problem: chosen?.skipped ?? null,
  };
}

function toProblem(error: unknown): Estimate {
  const { message, status } = toApiError(error);
  // A key may be let in to ask and not to look; a gateway that is away is said above the page.
  return { ...UNKNOWN, problem: status === 400 || status === 404 ? message : null };
}
