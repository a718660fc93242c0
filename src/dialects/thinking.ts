const OPEN = '<think>';
const CLOSE = '</think>';

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
 * Takes the `<think>` block at the very start of a streamed text apart from what follows. Tags may be cut
 * anywhere; what could still become a tag is held back, so the result does not depend on the cuts.
 */
export function createThinkingSplitter(): { push(piece: string): Split; end(): Split } {
  let state: 'start' | 'thinking' | 'text' = 'start';
  let held = '';
  const step = (): Split => {
    if (state === 'start') {
      const lead = held.trimStart().toLowerCase();
      if (lead.startsWith(OPEN)) {
        held = held.trimStart().slice(OPEN.length);
        state = 'thinking';
      } else if (!OPEN.startsWith(lead)) state = 'text';
      else return { reasoning: '', text: '' };
    }
    if (state === 'thinking') return think();
    return { reasoning: '', text: take(held.length) };
  };
  const think = (): Split => {
    const at = held.toLowerCase().indexOf(CLOSE);
    if (at < 0) return { reasoning: take(held.length - tagPrefixLength(held)), text: '' };
    const reasoning = take(at);
    state = 'text';
    held = held.slice(CLOSE.length).replace(/^\n+/, '');
    return { reasoning, text: take(held.length) };
  };
  const take = (length: number): string => {
    const taken = held.slice(0, length);
    held = held.slice(length);
    return taken;
  };
  return {
    push(piece) {
      held += piece;
      return step();
    },
    end() {
      const rest = take(held.length);
      return state === 'thinking' ? { reasoning: rest, text: '' } : { reasoning: '', text: rest };
    },
  };
}

/** How many characters at the end could be the beginning of `</think>`. */
function tagPrefixLength(text: string): number {
  const lower = text.toLowerCase();
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) {
    if (CLOSE.startsWith(lower.slice(-length))) return length;
  }
  return 0;
}
