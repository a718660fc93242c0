import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { messagesBefore } from '../../answer/asked-again.ts';
import { useAge } from '../../answer/call-hooks.ts';
import type { Conversation } from '../../answer/conversation.ts';
import type { Said } from '../../answer/said.ts';
import type { TurnPhase } from '../../answer/turn.ts';
import { later } from '../../parts/later.tsx';
import { Problem, Skeleton } from '../../parts/states.tsx';
import { Composer } from './composer.tsx';
import { Log } from './log.tsx';
import { Older } from './older.tsx';
import { UnsentMessage } from './question.tsx';
import { readsSentences } from './read-sentences.ts';
import { useFollowing } from './scroll.ts';
import { useKeys } from './use-keys.ts';
import { useTokens } from './use-tokens.ts';

const Edit = later(async () => (await import('./edit.tsx')).Edit);
const ThreadTools = later(async () => (await import('./thread-tools.tsx')).ThreadTools);
const Sentences = later(async () => (await import('./sentences.tsx')).Sentences);

interface ThreadViewProps {
  readonly conversation: Conversation;
  /** What opens the list, where that is not beside it. */
  readonly opener: VNode | null;
  /** The list is to be read anew. */
  readonly onChanged: () => void;
}

/** A conversation: what was said, the answer that is coming, and what to say next. */
export function ThreadView({ conversation, opener, onChanged }: ThreadViewProps) {
  const { thread, problem, isLoaded } = conversation;
  const sent = useSent(conversation);
  const { log, room, isAway, toEnd } = useFollowing(sent);
  const [edited, edit] = useState<Said | null>(null);
  const isAnswering = conversation.isAnswering.value;
  useKeys(isAnswering ? async () => (await import('./shortcuts.ts')).stopKeyOf(conversation) : null);
  return (
    <div class="talk">
      <div class="heading head">
        {opener}
        <h1 class="title">{thread.value?.metadata?.['title'] || 'Conversation'}</h1>
        <div class="thread-tools">
          <ThreadTools conversation={conversation} onChanged={onChanged} />
        </div>
      </div>
      {problem.value !== null && (
        <Problem message={problem.value.message} error={problem.value} retry={() => void conversation.load()} />
      )}
      {!isLoaded.value && problem.value === null && <Skeleton rows={4} />}
      <Older conversation={conversation} />
      <div ref={log} role="log" aria-live="off" aria-busy={isAnswering} aria-label="What was said">
        <Log conversation={conversation} sent={sent} onEdit={edit} />
        <Unsent conversation={conversation} />
      </div>
      <div ref={room} />
      <Told
        isAnswering={isAnswering}
        last={(conversation.unsent.value === null && conversation.said.value.at(-1)) || null}
      />
      {readsSentences.value && <Sentences conversation={conversation} />}
      <div class="dock">
        {isAway && (
          <button class="button newest" type="button" onClick={toEnd}>
            ↓ Newest
          </button>
        )}
        {edited === null ? (
          <Next conversation={conversation} onEdit={edit} />
        ) : (
          <Edit key={edited.key} conversation={conversation} question={edited} onEnd={() => edit(null)} />
        )}
      </div>
    </div>
  );
}

/** Key of the question that was sent last while this is shown; null before. */
function useSent({ said, isAnswering }: Conversation): string | null {
  const sent = useRef<string | null>(null);
  const last = said.value.at(-1);
  // Those that were stored before have an id from the beginning.
  if (isAnswering.value && last?.role === 'user' && last.id === null) sent.current = last.key;
  return sent.current;
}

function Unsent({ conversation }: { readonly conversation: Conversation }) {
  const unsent = conversation.unsent.value;
  if (unsent === null) return null;
  return <UnsentMessage unsent={unsent} retry={() => conversation.send(unsent.asked)} />;
}

interface ToldProps {
  readonly isAnswering: boolean;
  /** What was said last; null where a question came back. */
  readonly last: Said | null;
}

/** How an answer stands, for those who do not see it. */
function Told({ isAnswering, last }: ToldProps) {
  const wasAnswering = useRef(false);
  // It stays when what is stored takes the place of what came.
  const ended = useRef<string | undefined>(undefined);
  if (isAnswering) {
    wasAnswering.current = true;
    ended.current = undefined;
  } else if (wasAnswering.current && last?.turn) ended.current = ENDED[last.turn.phase];
  return (
    <p class="hidden" role="status">
      {isAnswering ? <Answering /> : ended.current}
    </p>
  );
}

/** What went wrong is told where it stands. */
const ENDED: Readonly<Partial<Record<TurnPhase, string>>> = { done: 'Answer complete', stopped: 'Answer stopped' };
const STILL_MS = 7000;

function Answering() {
  const seconds = Math.round(useAge(STILL_MS) / 1000);
  return <>{seconds === 0 ? 'Answering' : `Still answering, ${seconds} s`}</>;
}

interface NextProps {
  readonly conversation: Conversation;
  readonly onEdit: (question: Said) => void;
}

function Next({ conversation, onEdit }: NextProps) {
  const { said, isAnswering, unsent, isLoaded } = conversation;
  return (
    <Composer
      thread={conversation.id}
      tokensBefore={useTokens(said.value)}
      isAnswering={isAnswering.value}
      isUnknown={!isLoaded.value}
      before={() => messagesBefore(said.peek(), '')}
      unsent={unsent.value}
      onSend={(asked) => {
        conversation.send(asked);
        return Promise.resolve(true);
      }}
      onStop={() => void conversation.stop()}
      onEditLast={() => {
        const last = said.peek().findLast(({ role, before }) => role === 'user' && before !== null);
        if (last !== undefined) onEdit(last);
      }}
    />
  );
}
