import { useEffect, useRef, useState } from 'preact/hooks';
import { beginConversation, type Conversation, type Said } from '../../answer/conversation.ts';
import type { Turn } from '../../answer/turn.ts';
import { go } from '../../app/router.ts';
import type { ApiError } from '../../feed/client.ts';
import { Markdown } from '../../markdown/markdown.tsx';
import { count } from '../../parts/format.ts';
import { Problem, Skeleton } from '../../parts/states.tsx';
import { Composer } from './composer.tsx';

/** Within so many pixels of its end a growing answer is followed. */
const NEAR_END = 48;

/** Before anything was said. */
export function NewThread() {
  const [problem, setProblem] = useState<string | null>(null);
  const begin = async (input: string, model: string): Promise<boolean> => {
    try {
      const { id } = await beginConversation(input, model);
      go(`/c/${id}`);
      return true;
    } catch (error) {
      setProblem(`Not sent: ${(error as ApiError).message}`);
      return false;
    }
  };
  return (
    <div class="talk">
      <h1>What would you like to know?</h1>
      <p class="quiet">
        The demo model needs no key: ask it anything, or pick <code>demo:cut</code> and see an answer break off.
      </p>
      {problem && (
        <p class="notice error" role="alert">
          {problem}
        </p>
      )}
      <Composer thread="new" isAnswering={false} onSend={begin} onStop={() => {}} />
    </div>
  );
}

/** A conversation: what was said, the answer that is coming, and what to say next. */
export function ThreadView({ conversation }: { readonly conversation: Conversation }) {
  const { said, turn, problem, isLoaded } = conversation;
  useFollow(said.value, turn.value);
  const wasAnswering = useRef(false);
  const isAnswering = turn.value !== null;
  if (isAnswering) wasAnswering.current = true;
  return (
    <div class="talk">
      <h1 class="hidden">Conversation</h1>
      {problem.value !== null && (
        <Problem message={problem.value.message} error={problem.value} retry={() => void conversation.load()} />
      )}
      {!isLoaded.value && problem.value === null && <Skeleton rows={4} />}
      <div role="log" aria-live="off" aria-busy={isAnswering} aria-label="What was said">
        {said.value.map((one, at) => (
          <Message key={at} said={one} />
        ))}
        {turn.value !== null && (
          <Message key={said.value.length} said={{ role: 'assistant', text: turn.value.text, turn: turn.value }} />
        )}
      </div>
      <p class="hidden" role="status">
        {isAnswering ? 'Answering' : wasAnswering.current ? 'Answer complete' : ''}
      </p>
      <Composer
        thread={conversation.id}
        isAnswering={isAnswering}
        onSend={(input, model) => {
          // What is stored will replace all that is shown: a question from before would be lost.
          if (isLoaded.peek()) conversation.send(input, model);
          return Promise.resolve(isLoaded.peek());
        }}
        onStop={() => void conversation.stop()}
      />
    </div>
  );
}

function Message({ said: { role, text, turn } }: { readonly said: Said }) {
  if (role === 'user') {
    return (
      <article class="message asked" aria-label="You">
        <p>{text}</p>
      </article>
    );
  }
  return (
    <article class="message" aria-label="Answer">
      {turn?.reasoning && (
        <details>
          <summary>What it thought</summary>
          <p class="quiet thought">{turn.reasoning}</p>
        </details>
      )}
      <Markdown text={text} />
      {turn !== null && <State turn={turn} />}
    </article>
  );
}

function State({ turn: { phase, model, tokens, problem, isReconnecting, text } }: { readonly turn: Turn }) {
  if (isReconnecting) return <p class="quiet">Reconnecting; the answer runs on.</p>;
  if (phase === 'sending' || phase === 'waiting')
    return <p class="quiet">Waiting{model === null ? '' : ` for ${model}`} …</p>;
  if (phase === 'streaming') return text === '' ? <p class="quiet">Thinking …</p> : null;
  return (
    <>
      {problem && (
        <p class="notice error" role="alert">
          {problem}
        </p>
      )}
      <p class="quiet">
        {phase === 'stopped' && 'Stopped. '}
        {model}
        {tokens !== null && ` · ${count(tokens.input)}→${count(tokens.output)} tokens`}
      </p>
    </>
  );
}

/** Follows the end of the page while it grows, unless the reader has gone up. */
function useFollow(said: readonly Said[], turn: Turn | null): void {
  const isNear = useRef(true);
  useEffect(() => {
    const look = (): void => {
      const { scrollHeight, clientHeight, scrollTop } = document.documentElement;
      isNear.current = scrollHeight - clientHeight - scrollTop < NEAR_END;
    };
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, []);
  useEffect(() => {
    if (isNear.current) scrollTo({ top: document.documentElement.scrollHeight });
  }, [said, turn]);
}
