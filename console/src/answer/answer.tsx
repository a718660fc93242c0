import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Markdown } from '../markdown/markdown.tsx';
import { duration } from '../parts/format.ts';
import { late } from '../parts/late.ts';
import { later } from '../parts/later.tsx';
import { useSeen } from '../parts/seen.ts';
import './answer.css';
import type { AskedAgain } from './asked-again.ts';
import { useRecord } from './call-hooks.ts';
import { SourceList, Sources } from './cited.tsx';
import type { Said } from './said.ts';
import { Thought } from './thought.tsx';
import { isOpen, type Turn } from './turn.ts';

/** Not needed before an answer is whole. */
const foot = late(async () => (await import('./answer-foot.tsx')).AnswerFoot);
/** Most answers begin before it would say anything. */
const Waiting = later(async () => (await import('./waiting.tsx')).Waiting);

interface AnswerProps {
  readonly said: Said;
  /** What it was asked, with what stood before. */
  readonly asked: () => Omit<AskedAgain, 'model'>;
  /** What else can be done with it. */
  readonly actions?: ComponentChildren;
}

/** An answer with what stands around it: thoughts, sources, how it came about and what it took. */
export function Answer({ said, asked, actions }: AnswerProps) {
  const { text, turn, reasoning, sources, origin } = said;
  const isGrowing = turn !== null && isOpen(turn);
  const [element, isSeen] = useSeen<HTMLElement>();
  // Of a long conversation only what is seen is asked for; an answer of this visit was.
  const record = useRecord(origin, (isSeen || turn !== null) && !isGrowing, turn !== null);
  const call = record.data?.call ?? null;
  const Foot = foot.loaded.value;
  useEffect(foot.want, [isGrowing]);
  const tokens =
    call?.usage?.completion_tokens_details['reasoning_tokens'] ||
    turn?.tokens?.reasoning ||
    // Of an answer that was stopped before its first word nobody has counted the thoughts apart.
    (text === '' ? (call?.completion_tokens ?? null) : null);
  return (
    <article class="message" aria-label="Answer" aria-busy={isGrowing} tabIndex={-1} ref={element}>
      <Thought
        reasoning={reasoning}
        isOpen={isGrowing && text === ''}
        tookMs={turn?.thinking ? turn.thinking.until - turn.thinking.since : null}
        tokens={tokens}
      />
      <Sources.Provider value={sources}>
        <Markdown text={text} />
      </Sources.Provider>
      <SourceList sources={sources} />
      {turn !== null && <State turn={turn} />}
      {text === '' && (turn === null || turn.phase === 'done') && <p class="quiet">The model said nothing.</p>}
      {isGrowing || Foot === null ? (
        actions
      ) : (
        <Foot said={said} record={record} asked={asked}>
          {actions}
        </Foot>
      )}
    </article>
  );
}

function State({ turn }: { readonly turn: Turn }) {
  const { phase, id, problem, stopMs } = turn;
  // Whether the answer runs on is not known before the gateway says so.
  if (turn.isReconnecting) return <p class="quiet">Reconnecting</p>;
  if (phase === 'sending' || phase === 'waiting') return <Waiting id={id} />;
  if (turn.isPlaceless && isOpen(turn))
    return <p class="quiet">Four answers are streamed already: the rest comes at its end.</p>;
  return (
    <>
      {problem && (
        <p class="notice error" role="alert">
          {problem}
        </p>
      )}
      {phase === 'stopped' && <p class="quiet">{stopMs === null ? 'Stopped.' : `Stopped in ${duration(stopMs)}.`}</p>}
    </>
  );
}
