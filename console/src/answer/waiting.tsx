import { useAge, useCallInFlight } from './call-hooks.ts';
import { waitingWords } from './waiting.ts';

/** A fast answer is not announced. */
const DOTS_MS = 300;
const WORDS_MS = 1000;
const LOOK_MS = 100;

/** What stands where an answer will be: nothing, then dots, then what the gateway does. @param id of the call, once it is known */
export function Waiting({ id }: { readonly id: string | null }) {
  const age = useAge(LOOK_MS);
  const call = useCallInFlight(age < WORDS_MS ? null : id);
  if (age < DOTS_MS) return <p class="answer-waiting" />;
  const words = age < WORDS_MS ? '' : call === null ? 'waiting for the gateway' : waitingWords(call);
  return (
    <p class="answer-waiting quiet">
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {words}
    </p>
  );
}
