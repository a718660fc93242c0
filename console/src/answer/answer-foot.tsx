import type { ComponentChildren } from 'preact';
import { AnswerActions } from './answer-actions.tsx';
import type { AskedAgain } from './asked-again.ts';
import type { useRecord } from './call-hooks.ts';
import { CallRecord } from './call-record.tsx';
import type { Said } from './said.ts';

interface AnswerFootProps {
  readonly said: Said;
  readonly record: ReturnType<typeof useRecord>;
  /** What it was asked, with what stood before. */
  readonly asked: () => Omit<AskedAgain, 'model'>;
  /** What the page adds to what can be done with it. */
  readonly children?: ComponentChildren;
}

/** What stands below an answer that is whole: how it came about, and what can be done with it. */
export function AnswerFoot({ said: { text, turn, origin }, record, asked, children }: AnswerFootProps) {
  const model = record.data?.call?.requested_model || turn?.model || 'auto';
  return (
    <>
      <div class="answer-record">
        <CallRecord origin={origin} record={record} turn={turn} />
      </div>
      <AnswerActions text={text} asked={() => ({ ...asked(), model })}>
        {children}
      </AnswerActions>
    </>
  );
}
