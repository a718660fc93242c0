const OPEN = '<think>';
const CLOSE = /<\/think>/i;
/** The longest part of `</think>` that says nothing yet. */
const UNFINISHED_CLOSE = /<(\/(t(h(i(n(k)?)?)?)?)?)?$/i;

/** A text, taken apart into thinking and answer. */
export interface Split {
  readonly reasoning: string;
  readonly text: string;
}

/** Splits a whole text into its leading `<think>` block and the rest. A block without an end is all reasoning. */
export function splitThinking(whole: string): Split {
  const splitter = createThinkingSplitter();
  const first = splitter.push(whole);
  const last = splitter.end();
  return { reasoning: first.reasoning + last.reasoning, text: first.text + last.text };
}

/**
 * Takes the `<think>` block at the very start of a streamed text apart from what follows, without the line breaks
 * around it. Tags may be cut anywhere; what could still become a tag is held back, so the result does not depend
 * on the cuts.
 */
export function createThinkingSplitter(): { push(piece: string): Split; end(): Split } {
  let state: 'start' | 'before-thinking' | 'thinking' | 'before-text' | 'text' = 'start';
  let held = '';

  const step = (): Split => {
    if (state === 'start') start();
    if (state === 'before-thinking') skipBreaks('thinking');
    const reasoning = state === 'thinking' ? think() : '';
    if (state === 'before-text') skipBreaks('text');
    return { reasoning, text: state === 'text' ? take(held.length) : '' };
  };

  const start = (): void => {
    const lead = held.trimStart();
    const word = lead.slice(0, OPEN.length).toLowerCase();
    if (word === OPEN) {
      held = lead.slice(OPEN.length);
      state = 'before-thinking';
    } else if (!OPEN.startsWith(word)) state = 'text';
  };

  const think = (): string => {
    const close = CLOSE.exec(held);
    if (close === null) return take(UNFINISHED_CLOSE.exec(held)?.index ?? held.length);
    const reasoning = take(close.index);
    held = held.slice(close[0].length);
    state = 'before-text';
    return reasoning;
  };

  const skipBreaks = (next: 'thinking' | 'text'): void => {
    held = held.replace(/^[\r\n]+/, '');
    if (held !== '') state = next;
  };

  const take = (length: number): string => {
    const taken = held.slice(0, length);
    held = held.slice(length);
    return taken;
  };

  return {
    push(piece) {
      if (state === 'text') return { reasoning: '', text: piece };
      held += piece;
      return step();
    },
    end() {
      const rest = take(held.length);
      return state === 'thinking' ? { reasoning: rest, text: '' } : { reasoning: '', text: rest };
    },
  };
}
