import { type JsonRecord, recordOf } from '../../src/protocol/json.ts';
import type { UpstreamAnswer } from './upstream.ts';

/** The response of OpenAI, with a field that the gateway has never heard of. */
export function nativeResponse(fields: JsonRecord = {}): JsonRecord {
  return {
    id: 'resp_of_openai',
    object: 'response',
    created_at: 1_787_150_064,
    status: 'in_progress',
    background: false,
    completed_at: null,
    error: null,
    frequency_penalty: 0,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    model: 'gpt-6-2026-01-01',
    output: [],
    parallel_tool_calls: true,
    presence_penalty: 0,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    service_tier: 'default',
    store: false,
    temperature: 1,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: 'auto',
    tools: [],
    top_logprobs: 0,
    top_p: 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: {},
    of_tomorrow: { a: 1 },
    ...fields,
  };
}

/** What it costs, with a count that the gateway has never heard of. */
export const NATIVE_USAGE = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 2, dreaming_tokens: 1 },
  total_tokens: 25,
};

/** A message that says this, with what OpenAI may add to one. */
export function nativeMessage(text: string, fields: JsonRecord = {}): JsonRecord {
  const content = [{ type: 'output_text', annotations: [], logprobs: [], text }];
  return {
    id: 'msg_of_openai',
    type: 'message',
    status: 'completed',
    content,
    phase: 'final_answer',
    role: 'assistant',
    ...fields,
  };
}

/** Thoughts in a blob. */
export function nativeThoughts(blob: string): JsonRecord {
  return { id: 'rs_of_openai', type: 'reasoning', encrypted_content: blob, summary: [] };
}

/** Events from the beginning of a response up to its end, without their numbers. */
export function nativeEvents(output: readonly JsonRecord[]): readonly JsonRecord[] {
  const done = { status: 'completed', completed_at: 1_787_150_066, output, usage: NATIVE_USAGE };
  return [
    { type: 'response.created', response: nativeResponse() },
    { type: 'response.in_progress', response: nativeResponse() },
    ...output.flatMap((item, output_index) => itemEvents(item, output_index)),
    { type: 'response.completed', response: nativeResponse(done) },
  ];
}

function itemEvents(item: JsonRecord, output_index: number): JsonRecord[] {
  // Thoughts have none.
  const begun = 'status' in item ? { status: 'in_progress' } : {};
  const added = { type: 'response.output_item.added', item: { ...item, ...begun }, output_index };
  const done = { type: 'response.output_item.done', item, output_index };
  if (item['type'] !== 'message') return [added, done];
  const [part = {}] = item['content'] as readonly JsonRecord[];
  const at = { content_index: 0, item_id: item['id'], output_index };
  const words = String(recordOf(part)['text']).match(/\S+\s*/g) ?? [];
  return [
    { ...added, item: { ...item, ...begun, content: [] } },
    { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
    ...words.map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [], obfuscation: 'aXb' })),
    { type: 'response.output_text.done', ...at, logprobs: [], text: recordOf(part)['text'] },
    { type: 'response.content_part.done', ...at, part },
    done,
  ];
}

/** The data of events as OpenAI writes it, numbered. */
export function nativeTexts(events: readonly JsonRecord[]): readonly string[] {
  return events.map((event, sequence_number) => JSON.stringify({ ...event, sequence_number }));
}

/** A stream of these events. */
export function nativeStream(events: readonly JsonRecord[]): UpstreamAnswer {
  const frames = nativeTexts(events).map((text, at) => `event: ${events[at]?.['type']}\ndata: ${text}\n\n`);
  return { headers: { 'content-type': 'text/event-stream' }, body: frames.join(''), pieceBytes: 100 };
}

/** A whole answer with this output. */
export function nativeWhole(output: readonly JsonRecord[]): UpstreamAnswer {
  return { body: JSON.stringify(nativeEvents(output).at(-1)?.['response']) };
}
