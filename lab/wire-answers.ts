import type { Answer } from './provider.ts';

const PROMPT_TOKENS = 20;
const IDENTITY = { id: 'chatcmpl-bench', created: 1_790_000_000, model: 'bench', system_fingerprint: null };

/** The last event of a chat stream. */
export const DONE = 'data: [DONE]\n\n';

/** A value as an event of a stream, with its frame. */
export function toEvent(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** An event of a chat stream; `rest` takes the place of what is usual, as the model's name. */
export function chatChunk(delta: object, finish: string | null = null, rest: object = {}): string {
  return chatEvent([{ index: 0, delta, logprobs: null, finish_reason: finish }], rest);
}

/** The event of a chat stream that tells its usage alone. */
export function chatUsage(completion: number, rest: object = {}): string {
  return chatEvent([], { usage: chatTokens(completion), ...rest });
}

/** A whole chat answer; without usage where `completion` is null. */
export function chatAnswer(said: object, completion: number | null, finish = 'stop', rest: object = {}): object {
  const message = { role: 'assistant', ...said, refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finish }];
  const usage = completion === null ? {} : { usage: chatTokens(completion) };
  return { ...IDENTITY, object: 'chat.completion', choices, ...usage, ...rest };
}

/** A whole answer, or an event, in Gemini's language; without usage where `completion` is null. */
export function geminiAnswer(parts: readonly object[], completion: number | null, finishReason?: string): object {
  const candidate = { content: { parts, role: 'model' }, index: 0, ...(finishReason && { finishReason }) };
  const usage = completion === null ? {} : { usageMetadata: geminiTokens(completion) };
  return { candidates: [candidate], ...usage, modelVersion: 'bench', responseId: 'bench' };
}

/** Says `Hi` in the language of the path; `isCounted: false` leaves out the usage, which the gateway then estimates. */
export function shortAnswer(path: string, isStream = false, isCounted = true): Answer {
  const completion = isCounted ? 1 : null;
  if (path.includes(':streamGenerateContent')) return streamed(toEvent(geminiAnswer([{ text: 'Hi' }], 1, 'STOP')));
  if (path.includes(':generateContent')) return json(geminiAnswer([{ text: 'Hi' }], completion, 'STOP'));
  if (/\/(responses|agent)$/.test(path))
    return isStream ? streamed(responsesEvents()) : json(responsesAnswer(isCounted));
  if (path.endsWith('/embeddings')) return json(EMBEDDING);
  if (!path.endsWith('/chat/completions')) return json({ object: 'list', data: [] });
  if (!isStream) return json(chatAnswer({ content: 'Hi' }, completion));
  return streamed(`${chatChunk({ role: 'assistant', content: 'Hi' })}${chatChunk({}, 'stop')}${DONE}`);
}

/** A whole answer as JSON, with its content type. */
export function json(body: object, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

const EMBEDDING = {
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
  usage: { prompt_tokens: 1, total_tokens: 1 },
};

function streamed(events: string): Answer {
  return { headers: { 'content-type': 'text/event-stream' }, body: [events] };
}

function chatEvent(choices: readonly object[], rest: object): string {
  return toEvent({ ...IDENTITY, object: 'chat.completion.chunk', choices, ...rest });
}

function chatTokens(completion: number): object {
  return { prompt_tokens: PROMPT_TOKENS, completion_tokens: completion, total_tokens: PROMPT_TOKENS + completion };
}

function geminiTokens(completion: number): object {
  const totalTokenCount = PROMPT_TOKENS + completion;
  return { promptTokenCount: PROMPT_TOKENS, candidatesTokenCount: completion, totalTokenCount };
}

function responsesAnswer(isCounted: boolean): object {
  const content = [{ type: 'output_text', text: 'Hi', annotations: [] }];
  const output = [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content }];
  const usage = isCounted ? { usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } } : {};
  return { id: 'resp_1', object: 'response', created_at: 1, status: 'completed', model: 'm', output, ...usage };
}

function responsesEvents(): string {
  const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const events = [
    { type: 'response.output_text.delta', ...at, delta: 'Hi' },
    { type: 'response.completed', response: responsesAnswer(true) },
  ];
  return events.map((event) => `event: ${event.type}\n${toEvent(event)}`).join('');
}
