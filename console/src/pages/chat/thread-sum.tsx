import { useEffect, useState } from 'preact/hooks';
import type { Conversation } from '../../answer/conversation.ts';
import { costSum } from '../../answer/cost-sum.ts';
import { knownRecords, noteRecord } from '../../answer/known-records.ts';
import type { Said } from '../../answer/said.ts';
import { findRecord } from '../../feed/records.ts';
import { whenIdle } from '../../parts/idle.ts';

/** What the answers of a conversation cost together; nothing before there is one. */
export function ThreadSum({ conversation }: { readonly conversation: Conversation }) {
  const answers = conversation.said.value.filter(({ role }) => role === 'assistant');
  useAllRecords(answers);
  if (answers.length === 0) return null;
  const { text, hint } = costSum(answers.map(({ origin }) => origin && knownRecords.value.get(origin.id)));
  return (
    <span class="quiet sum" title={hint}>
      <span class="hidden">{hint}: </span>
      {text}
    </span>
  );
}

/** Reads what is on record of those that were not seen yet, one after the other while the browser has nothing else to do. */
function useAllRecords(answers: readonly Said[]): void {
  const [hasFailed, setFailed] = useState(false);
  const known = knownRecords.value;
  // Those of this visit are asked for where they stand: their records may still have to be written.
  const next = answers.find(({ origin, turn }) => origin !== null && turn === null && !known.has(origin.id))?.origin;
  useEffect(() => {
    if (!next || hasFailed) return;
    const leaving = new AbortController();
    const isLeft = (): boolean => leaving.signal.aborted;
    const cancel = whenIdle(() => {
      findRecord(next, false, leaving.signal).then(
        (call) => isLeft() || noteRecord(next.id, call),
        () => isLeft() || setFailed(true),
      );
    });
    return () => {
      cancel();
      leaving.abort();
    };
  }, [next?.id, hasFailed]);
}
