import { useEffect, useRef, useState } from 'preact/hooks';
import type { Conversation } from '../../answer/conversation.ts';
import { readable, sentencesAfter } from '../../answer/sentences.ts';

/** A screen reader is not interrupted by each sentence, and none is left out. */
const EVERY_MS = 1500;

/** Tells the answer that comes, or has just come, in whole sentences; nothing of what was there before. */
export function Sentences({ conversation }: { readonly conversation: Conversation }) {
  const [words, tell] = useState('');
  const told = useRef(0);
  const isAnswering = conversation.isAnswering.value;
  useEffect(() => {
    if (!isAnswering) return;
    told.current = 0;
    const timer = setInterval(() => {
      const next = sentencesAfter(conversation.turn.peek()?.text ?? '', told.current);
      told.current = next.until;
      if (next.words !== '') tell(next.words);
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
      // Its last sentence may end without a sign.
      tell(readable((conversation.said.peek().at(-1)?.text ?? '').slice(told.current)));
    };
  }, [isAnswering, conversation]);
  return (
    <p class="hidden" aria-live="polite">
      {words}
    </p>
  );
}
