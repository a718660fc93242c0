import type { ApiError } from '../feed/client.ts';
import { isOpen, type TurnPhase } from './turn.ts';

/** One answer of `POST /v1/chat/completions`, which is kept by the page alone. */
export interface Completion {
  readonly phase: TurnPhase;
  readonly text: string;
  readonly reasoning: string;
  /** Who answers; null before the gateway has said it. */
  readonly model: string | null;
  /** Parameters that this model cannot honour, and was not sent. */
  readonly dropped: readonly string[];
  readonly tokens: { readonly input: number; readonly output: number } | null;
  /** Why it ended, in the provider's word; null before. */
  readonly finish: string | null;
  /** Why there is no answer, or no more of it. */
  readonly problem: ApiError | null;
}

/** What the head of an answer says. */
export interface CompletionHead {
  readonly model: string | null;
  readonly dropped: readonly string[];
}

/** A `chat.completion.chunk`, or what comes in its place where the answer failed on its way. */
export interface CompletionChunk {
  readonly choices?: readonly CompletionChoice[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  readonly error?: { readonly message: string; readonly code: string | null };
}

interface CompletionChoice {
  readonly delta: {
    readonly content?: string | null;
    readonly refusal?: string | null;
    readonly reasoning_content?: string | null;
  };
  readonly finish_reason: string | null;
}

/** What happens to an answer: by its stream, or by its reader. */
export type CompletionEvent =
  | { readonly type: 'head'; readonly head: CompletionHead }
  | { readonly type: 'chunk'; readonly chunk: CompletionChunk }
  | { readonly type: 'refused'; readonly error: ApiError }
  | { readonly type: 'stop' };

/** An answer that has just been asked for. */
export const NEW_COMPLETION: Completion = {
  phase: 'sending',
  text: '',
  reasoning: '',
  model: null,
  dropped: [],
  tokens: null,
  finish: null,
  problem: null,
};

/** What an answer is after an event. One that has ended changes no more, but for its usage, which comes last. */
export function nextCompletion(before: Completion, event: CompletionEvent): Completion {
  if (event.type === 'chunk') return withChunk(before, event.chunk);
  if (!isOpen(before)) return before;
  if (event.type === 'head') return { ...before, ...event.head, phase: 'waiting' };
  if (event.type === 'stop') return { ...before, phase: 'stopped' };
  return { ...before, phase: 'failed', problem: event.error };
}

function withChunk(before: Completion, { choices = [], usage }: CompletionChunk): Completion {
  if (before.phase === 'stopped' || before.phase === 'failed') return before;
  const tokens = usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : before.tokens;
  const [choice] = choices;
  if (choice === undefined) return { ...before, tokens };
  const { content, refusal, reasoning_content: thought } = choice.delta;
  const text = before.text + (content ?? '') + (refusal ?? '');
  const reasoning = before.reasoning + (thought ?? '');
  const finish = choice.finish_reason ?? before.finish;
  const hasBegun = text !== '' || reasoning !== '';
  return { ...before, tokens, text, reasoning, finish, phase: finish ? 'done' : hasBegun ? 'streaming' : before.phase };
}
