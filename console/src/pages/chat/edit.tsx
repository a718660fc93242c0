import { useMemo, useState } from 'preact/hooks';
import { messagesBefore } from '../../answer/asked-again.ts';
import type { Asked, Conversation } from '../../answer/conversation.ts';
import type { Said } from '../../answer/said.ts';
import type { ApiError } from '../../feed/client.ts';
import { Composer } from './composer.tsx';
import { useTokens } from './use-tokens.ts';
import { askInstead } from './version-actions.tsx';

interface EditProps {
  readonly conversation: Conversation;
  readonly question: Said;
  readonly onEnd: () => void;
}

/** A question that was asked, to be asked otherwise. */
export function Edit({ conversation, question, onEnd }: EditProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const said = conversation.said.value;
  const before = useMemo(
    () =>
      said.slice(
        0,
        Math.max(
          0,
          said.findIndex(({ key }) => key === question.key),
        ),
      ),
    [said, question],
  );
  const send = async (asked: Asked): Promise<boolean> => {
    try {
      await askInstead(conversation, question, asked);
      return true;
    } catch (error) {
      setProblem(`Not sent: ${(error as ApiError).message}`);
      return false;
    }
  };
  return (
    <>
      {problem && (
        <p class="notice error" role="alert">
          {problem}
        </p>
      )}
      <Composer
        thread={conversation.id}
        edited={question}
        tokensBefore={useTokens(before)}
        isAnswering={false}
        before={() => messagesBefore(said, question.key)}
        onSend={send}
        onStop={() => {}}
        onCancel={onEnd}
      />
    </>
  );
}
