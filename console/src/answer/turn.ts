import { type AnswerParts, citedIn, NO_PARTS, type Origin, reasoningOf } from './parts.ts';
import type { UrlCitation } from './sources.ts';

/** Where an answer is in its life; the last three are for good. */
export type TurnPhase = 'sending' | 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';

/** What an answer comes to so far. */
export interface Turn extends AnswerParts {
  readonly phase: TurnPhase;
  /** Of the response; null before the gateway has said it. */
  readonly id: string | null;
  /** Number of the last event, after which a broken stream is taken up; -1 before the first. */
  readonly lastEvent: number;
  readonly text: string;
  /** When the first and the last thought came, by the clock of `at`; null where none has. */
  readonly thinking: { readonly since: number; readonly until: number } | null;
  readonly model: string | null;
  readonly tokens: { readonly input: number; readonly output: number; readonly reasoning: number } | null;
  readonly problem: string | null;
  /** Of what went wrong, where the gateway has one for it. */
  readonly code: string | null;
  /** How long it took from the wish to stop it until the gateway had ended its call; null where that is not known. */
  readonly stopMs: number | null;
  /** The connection is lost, and taken up again. */
  readonly isReconnecting: boolean;
  /** As many answers are streamed as a browser can: the rest of this one comes at its end, or when another has ended. */
  readonly isPlaceless: boolean;
}

/** A response as it stands in its events, as far as it is read here. */
export interface ResponseFacts {
  readonly id: string;
  readonly created_at: number;
  readonly status: string;
  readonly model: string;
  readonly output: readonly ResponseItem[];
  readonly usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly output_tokens_details: { readonly reasoning_tokens: number };
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** An item of a response or a conversation; of what is not a message only the kind is known. */
export interface ResponseItem {
  readonly id?: string;
  readonly type: string;
  readonly role?: string;
  /** `incomplete` where it was cut off. */
  readonly status?: string;
  readonly content?: readonly ContentPart[] | string;
  /** Of a thought: what is shown of it. */
  readonly summary?: readonly { readonly type: string; readonly text: string }[];
  /** The response that said it or was asked it, where that is still known. */
  readonly said_by?: Origin | null;
}

/** A piece of a message: words, a picture or a file. */
export interface ContentPart {
  readonly type: string;
  readonly text?: string;
  readonly annotations?: readonly UrlCitation[];
  readonly image_url?: string | null;
  readonly file_data?: string | null;
  readonly filename?: string | null;
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
  /** `at` in milliseconds, by any clock that goes evenly. */
  | { readonly type: 'event'; readonly event: ResponseEvent; readonly at: number }
  | { readonly type: 'stored'; readonly response: ResponseFacts }
  | { readonly type: 'lost' }
  | { readonly type: 'placeless' }
  | { readonly type: 'stop' }
  /** The gateway says that it is stopped. */
  | { readonly type: 'ended'; readonly tookMs: number }
  | { readonly type: 'refused'; readonly message: string };

/** An answer that has just been asked for. */
export const NEW_TURN: Turn = {
  phase: 'sending',
  id: null,
  lastEvent: -1,
  text: '',
  ...NO_PARTS,
  thinking: null,
  model: null,
  tokens: null,
  problem: null,
  code: null,
  stopMs: null,
  isReconnecting: false,
  isPlaceless: false,
};

/** True while there is more to come. */
export function isOpen({ phase }: Pick<Turn, 'phase'>): boolean {
  return phase === 'sending' || phase === 'waiting' || phase === 'streaming';
}

/** What an answer is after an event. One that has ended stays as it is, but for what its store says of it. */
export function nextTurn(turn: Turn, event: TurnEvent): Turn {
  if (event.type === 'stored') return withResponse({ ...turn, isReconnecting: false }, event.response);
  if (event.type === 'ended') return { ...turn, stopMs: event.tookMs };
  if (!isOpen(turn)) return turn;
  if (event.type === 'stop') return { ...turn, phase: 'stopped', isReconnecting: false };
  if (event.type === 'lost') return { ...turn, isReconnecting: true };
  if (event.type === 'placeless') return { ...turn, isReconnecting: false, isPlaceless: true };
  if (event.type === 'refused') return { ...turn, phase: 'failed', problem: event.message, isReconnecting: false };
  return withEvent(turn, event.event, event.at);
}

/** All words of an item; empty for one that has none. */
export function textOf({ content }: ResponseItem): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map(({ text = '' }) => text).join('');
}

function withEvent(turn: Turn, event: ResponseEvent, at: number): Turn {
  // A stream that is taken up may begin with what is known.
  if (event.sequence_number <= turn.lastEvent) return turn;
  const next = { ...turn, lastEvent: event.sequence_number, isReconnecting: false, isPlaceless: false };
  if (event.response !== undefined) return withResponse(next, event.response);
  if (event.type === 'response.output_text.delta' || event.type === 'response.refusal.delta')
    return { ...next, phase: 'streaming', text: next.text + (event.delta ?? '') };
  if (event.type === 'response.reasoning_summary_text.delta' || event.type === 'response.reasoning_text.delta')
    return {
      ...{ ...next, phase: 'streaming', reasoning: next.reasoning + (event.delta ?? '') },
      thinking: { since: next.thinking?.since ?? at, until: at },
    };
  return next;
}

function withResponse(turn: Turn, response: ResponseFacts): Turn {
  const { id, created_at, model, status, error } = response;
  const known = { ...turn, id, origin: { id, created_at }, model, tokens: tokensOf(response) ?? turn.tokens };
  if (status === 'queued' || status === 'in_progress')
    return { ...known, phase: turn.phase === 'sending' ? 'waiting' : turn.phase };
  // What is stored is the whole of it: the last words may not have been streamed.
  const words = response.output
    .filter(({ type }) => type === 'message')
    .map(textOf)
    .join('\n\n');
  const text = words === '' ? turn.text : words;
  const parts = { text, reasoning: reasoningOf(response.output) || turn.reasoning, sources: citedIn(response.output) };
  if (status === 'completed') return { ...known, phase: 'done', ...parts };
  if (status === 'cancelled' || turn.phase === 'stopped') return { ...known, phase: 'stopped', ...parts };
  if (status === 'incomplete')
    return { ...known, phase: 'done', ...parts, problem: 'The answer was cut off: it is not complete.' };
  return {
    ...known,
    phase: 'failed',
    ...parts,
    problem: error?.message ?? 'The answer failed.',
    code: error?.code ?? null,
  };
}

function tokensOf({ usage }: ResponseFacts): Turn['tokens'] {
  if (usage === null) return null;
  const { input_tokens: input, output_tokens: output, output_tokens_details: details } = usage;
  return { input, output, reasoning: details.reasoning_tokens };
}
