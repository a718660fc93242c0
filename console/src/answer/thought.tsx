import { count, duration } from '../parts/format.ts';
import { useAge } from './call-hooks.ts';

interface ThoughtProps {
  readonly reasoning: string;
  /** It is thinking now. */
  readonly isOpen: boolean;
  /** How long it thought; null where that was not seen. */
  readonly tookMs: number | null;
  /** Null where they are not known. */
  readonly tokens: number | null;
}

/** What was thought before an answer, folded. */
export function Thought({ reasoning, isOpen, tookMs, tokens }: ThoughtProps) {
  if (reasoning === '') return null;
  return (
    <details class="answer-thought">
      <summary>{isOpen ? <Thinking /> : thoughtWords(tookMs, tokens)}</summary>
      <p class="quiet">{reasoning}</p>
    </details>
  );
}

const EVERY_MS = 1000;

function Thinking() {
  const seconds = Math.floor(useAge(EVERY_MS) / 1000);
  return <>Thinking…{seconds > 0 && ` ${seconds} s`}</>;
}

function thoughtWords(tookMs: number | null, tokens: number | null): string {
  const took = tookMs === null ? 'Thought' : `Thought for ${duration(tookMs)}`;
  return tokens ? `${took} · ${count(tokens)} tokens` : took;
}
