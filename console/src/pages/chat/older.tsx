import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Conversation } from '../../answer/conversation.ts';
import type { ApiError } from '../../feed/client.ts';
import { whenIdle } from '../../parts/idle.ts';
import { Problem } from '../../parts/states.tsx';

/** So many messages are drawn by themselves; what is before them when it is asked for. */
const MAX_BY_ITSELF = 1000;

/** Draws what was said before, a page at a time while the browser has nothing to do; what is read stays where it is. */
export function Older({ conversation }: { readonly conversation: Conversation }) {
  const { said, hasOlder } = conversation;
  const [problem, setProblem] = useState<ApiError | null>(null);
  const place = useRef<{ readonly element: Element; readonly top: number } | null>(null);
  const first = said.value[0]?.key;
  const read = async (): Promise<void> => {
    setProblem(null);
    try {
      await conversation.loadOlder(() => {
        place.current = placeOf(document.querySelector('.row'));
      });
    } catch (error) {
      setProblem(error as ApiError);
    }
  };
  useLayoutEffect(() => {
    const before = place.current;
    place.current = null;
    if (before?.element.isConnected) scrollBy({ top: before.element.getBoundingClientRect().top - before.top });
  }, [first]);
  const goesOn = hasOlder.value && said.value.length < MAX_BY_ITSELF && problem === null;
  useEffect(() => {
    if (goesOn) return whenIdle(() => void read());
  }, [goesOn, first]);
  if (problem !== null)
    return <Problem message={`Earlier messages are missing: ${problem.message}`} error={problem} retry={read} />;
  if (!hasOlder.value || goesOn) return null;
  return (
    <button class="button" type="button" onClick={() => void read()}>
      Earlier messages
    </button>
  );
}

function placeOf(element: Element | null) {
  return element && { element, top: element.getBoundingClientRect().top };
}
