/** Where an answer is in its life; the last three are for good. */
export type TurnPhase = 'sending' | 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';

/** What an answer comes to so far. */
export interface Turn {
  readonly phase: TurnPhase;
  /** Of the response; null before the gateway has said it. */
  readonly id: string | null;
  /** Number of the last event, after which a broken stream is taken up; -1 before the first. */
  readonly lastEvent: number;
  readonly text: string;
  readonly reasoning: string;
  readonly model: string | null;
  readonly tokens: { readonly input: number; readonly output: number } | null;
  readonly problem: string | null;
  /** The connection is lost; the answer runs on at the gateway. */
  readonly isReconnecting: boolean;
}

/** A response as it stands in its events, as far as it is read here. */
export interface ResponseFacts {
  readonly id: string;
  readonly status: string;
  readonly model: string;
  readonly output: readonly ResponseItem[];
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number } | null;
  readonly error: { readonly message: string } | null;
}

/** An item of a response or a conversation; of what is not a message only the kind is known. */
export interface ResponseItem {
  readonly id?: string;
  readonly type: string;
  readonly role?: string;
  readonly content?: readonly { readonly type: string; readonly text?: string }[] | string;
}

/** An event of a streamed response. */
export interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly delta?: string;
  readonly response?: ResponseFacts;
}

/** What happens to an answer: by its stream, by the connection, by its reader. */
export type TurnEvent =
  | { readonly type: 'event'; readonly event: ResponseEvent }
  | { readonly type: 'stored'; readonly response: ResponseFacts }
  | { readonly type: 'lost' }
  | { readonly type: 'stop' }
  | { readonly type: 'refused'; readonly message: string };

/** An answer that has just been asked for. */
export const NEW_TURN: Turn = {
  phase: 'sending',
  id: null,
  lastEvent: -1,
  text: '',
  reasoning: '',
  model: null,
  tokens: null,
  problem: null,
  isReconnecting: false,
};

/** True while there is more to come. */
export function isOpen({ phase }: Turn): boolean {
  return phase === 'sending' || phase === 'waiting' || phase === 'streaming';
}

/** What an answer is after an event. One that has ended stays as it is, but for what its store says of it. */
export function nextTurn(turn: Turn, event: TurnEvent): Turn {
  if (event.type === 'stored') return withResponse({ ...turn, isReconnecting: false }, event.response);
  if (!isOpen(turn)) return turn;
  if (event.type === 'stop') return { ...turn, phase: 'stopped', isReconnecting: false };
  if (event.type === 'lost') return { ...turn, isReconnecting: true };
  if (event.type === 'refused') return { ...turn, phase: 'failed', problem: event.message, isReconnecting: false };
  return withEvent(turn, event.event);
}

/** All words of an item; empty for one that has none. */
export function textOf({ content }: ResponseItem): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map(({ text = '' }) => text).join('');
}

function withEvent(turn: Turn, event: ResponseEvent): Turn {
  // A stream that is taken up may begin with what is known.
  if (event.sequence_number <= turn.lastEvent) return turn;
  const next = { ...turn, lastEvent: event.sequence_number, isReconnecting: false };
  if (event.response !== undefined) return withResponse(next, event.response);
  if (event.type === 'response.output_text.delta' || event.type === 'response.refusal.delta')
    return { ...next, phase: 'streaming', text: next.text + (event.delta ?? '') };
  if (event.type === 'response.reasoning_summary_text.delta' || event.type === 'response.reasoning_text.delta')
    return { ...next, phase: 'streaming', reasoning: next.reasoning + (event.delta ?? '') };
  return next;
}

function withResponse(turn: Turn, response: ResponseFacts): Turn {
  const { id, model, usage, status, error } = response;
  const tokens = usage === null ? turn.tokens : { input: usage.input_tokens, output: usage.output_tokens };
  const known = { ...turn, id, model, tokens };
  if (status === 'queued' || status === 'in_progress')
    return { ...known, phase: turn.phase === 'sending' ? 'waiting' : turn.phase };
  // What is stored is the whole of it: the last words may not have been streamed.
  const words = response.output
    .filter(({ type }) => type === 'message')
    .map(textOf)
    .join('\n\n');
  const text = words === '' ? turn.text : words;
  if (status === 'completed') return { ...known, phase: 'done', text };
  if (status === 'cancelled' || turn.phase === 'stopped') return { ...known, phase: 'stopped', text };
  if (status === 'incomplete')
    return { ...known, phase: 'done', text, problem: 'The answer was cut off: it is not complete.' };
  return { ...known, phase: 'failed', text, problem: error?.message ?? 'The answer failed.' };
}
