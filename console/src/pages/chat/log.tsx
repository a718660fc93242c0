import { useMemo } from 'preact/hooks';
import { Answer } from '../../answer/answer.tsx';
import { type AskedAgain, messagesBefore } from '../../answer/asked-again.ts';
import type { Conversation } from '../../answer/conversation.ts';
import { type Said, toAnswer } from '../../answer/said.ts';
import { toFields } from '../../answer/settings.ts';
import { heightOf } from '../../markdown/height.ts';
import { later } from '../../parts/later.tsx';
import { settingsOf } from './kept-settings.ts';
import { AskedMessage } from './question.tsx';

/** Not needed before an answer is there. */
const VersionActions = later(async () => (await import('./version-actions.tsx')).VersionActions);
const Versions = later(async () => (await import('./version-actions.tsx')).Versions);

/** What stands around the text of a message. */
const AROUND_PX = 70;

interface LogProps {
  readonly conversation: Conversation;
  /** Key of the question that was sent last on this page. */
  readonly sent: string | null;
  readonly onEdit: (question: Said) => void;
}

/** What was said, and the answer that is coming. A row is drawn anew only when something of it has changed. */
export function Log({ conversation, sent, onEdit }: LogProps) {
  const said = conversation.said.value;
  const turn = conversation.turn.value;
  const rows = useMemo(() => {
    let question: Said | null = null;
    return said.map((one) => {
      question = one.role === 'user' ? one : question;
      return <Row key={one.key} {...{ said: one, question, conversation, onEdit }} isSent={one.key === sent} />;
    });
  }, [said, sent, conversation, onEdit]);
  if (turn === null) return <>{rows}</>;
  const key = conversation.answerKey;
  const coming = toAnswer(turn, key);
  const question = said.findLast(({ role }) => role === 'user') ?? null;
  // In one list with the others, so that it stays in its place when it is whole.
  return <>{[...rows, <Row key={key} said={coming} isGrowing {...{ question, conversation, onEdit }} />]}</>;
}

interface RowProps extends Omit<LogProps, 'sent'> {
  readonly said: Said;
  /** The question before an answer; null where that is not on the page. */
  readonly question: Said | null;
  /** Sent last on this page. */
  readonly isSent?: boolean;
  /** The answer that is coming. */
  readonly isGrowing?: boolean;
}

function Row({ said, question, conversation, isSent = false, isGrowing = false, onEdit }: RowProps) {
  // The browser lays a message that grows no more out when it comes near, and until then takes this for its height.
  const height = isGrowing ? 'auto' : `auto ${AROUND_PX + heightOf(said.text)}px`;
  return (
    <div
      class={isGrowing ? 'row' : 'row settled'}
      style={{ containIntrinsicBlockSize: height }}
      data-sent={isSent ? '' : undefined}
    >
      {said.role === 'user' ? (
        <AskedMessage question={said} actions={said.before && <EditButton onClick={() => onEdit(said)} />} />
      ) : (
        <Answer
          said={said}
          asked={() => askedFor(conversation, said)}
          actions={
            isGrowing ? (
              question && <Versions {...{ conversation, question }} />
            ) : (
              <VersionActions {...{ conversation, question }} answer={said} />
            )
          }
        />
      )}
    </div>
  );
}

/** As it would be asked now: how is what the conversation is set to. */
function askedFor({ id, said }: Conversation, { key }: Said): Omit<AskedAgain, 'model'> {
  return { messages: messagesBefore(said.peek(), key), fields: toFields(settingsOf(id).peek()) };
}

function EditButton({ onClick }: { readonly onClick: () => void }) {
  return (
    <button class="button plain edit" type="button" onClick={onClick}>
      Edit
    </button>
  );
}
