import { DONE_FRAME, toFrame } from '../../src/protocol/sse.ts';
import type { UpstreamAnswer } from './upstream.ts';

const HEAD = { id: 'chatcmpl-upstream', created: 1_760_000_000, model: 'm-upstream' };
const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

/** One chunk with text, as OpenAI frames it. */
export function chatChunk(content: string): string {
  return chunkOf({ content }, null);
}

/** A stream that says these words, as OpenAI would. */
export function chatStream(...words: readonly string[]): UpstreamAnswer {
  const body = `${chunkOf({ role: 'assistant', content: '' }, null)}${words.map(chatChunk).join('')}`;
  return {
    headers: { 'content-type': 'text/event-stream' },
    body: `${body}${chunkOf({}, 'stop')}${DONE_FRAME}`,
  };
}

/** Bytes of a stream's body until just after its first word. */
export function firstWordBytes(answer: UpstreamAnswer): number {
  const body = String(answer.body);
  return body.indexOf('\n\n', body.indexOf('\n\n') + 2) + 2;
}

/** A whole answer that says this. */
export function chatCompletion(content: string): UpstreamAnswer {
  const choice = { index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' };
  return { body: JSON.stringify({ ...HEAD, object: 'chat.completion', choices: [choice], usage: USAGE }) };
}

function chunkOf(delta: object, finish: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return toFrame({ ...HEAD, object: 'chat.completion.chunk', choices });
}
