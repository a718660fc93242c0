import { expect } from 'vitest';
import { type JsonRecord, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { chatChunk, chatStream } from './chat-answers.ts';
import type { FallbackPair, PairOptions } from './fallback-pair.ts';
import { checkStream, type StreamedAnswer } from './stream-rules.ts';
import type { UpstreamAnswer } from './upstream.ts';

/** The answer that most tests break off after its second word. */
export const WORDS = ['The', ' sea', ' is', ' calm', ' to-night.'];
export const WHOLE = WORDS.join('');
/** As a model goes on that was given "The sea" as the beginning of its answer. */
export const CONTINUED = chatStream(...WORDS.slice(2));
/** Settings that let the fallback take the beginning of an answer as prefix. */
export const PREFILL: PairOptions = { other: 'capabilities: [prefill]' };

/** The whole answer, up to the end of its first two words. */
export function brokenAt(fault: 'destroyAfterBytes' | 'stallAfterBytes'): UpstreamAnswer {
  const answer = chatStream(...WORDS);
  return { ...answer, [fault]: String(answer.body).indexOf(' sea') + 60 };
}

/** A stream of these frames, a few bytes at a time, and then its end. */
export function brokenAfter(...frames: readonly string[]): UpstreamAnswer {
  return { headers: { 'content-type': 'text/event-stream' }, body: frames.join(''), pieceBytes: 5 };
}

/** An answer that ends after its second word, without a finish reason. */
export const CUT = brokenAfter(chatChunk('The'), chatChunk(' sea'));

/** Streams the call `mine` with usage, and checks the stream. */
export async function readStream(
  { gateway }: FallbackPair,
  body: object = {},
  isFailed = false,
): Promise<StreamedAnswer> {
  const response = await gateway.chat(
    { stream: true, stream_options: { include_usage: true }, ...body },
    { headers: { 'x-request-id': 'mine' } },
  );
  expect(response.status).toBe(200);
  return checkStream(await response.text(), { includeUsage: true, isFailed });
}

/** Streams the call `mine`, which ends with `upstream_stream_interrupted` and without a finish reason. */
export async function expectBroken(pair: FallbackPair, body: object = {}): Promise<StreamedAnswer> {
  const answer = await readStream(pair, body, true);
  expect(answer.error).toMatchObject({ code: 'upstream_stream_interrupted' });
  expect(answer.choices[0]?.finish ?? null).toBeNull();
  return answer;
}

/** The attempts of the call `mine`, as its page tells them. */
export async function attemptsOf({ gateway }: FallbackPair): Promise<readonly JsonRecord[]> {
  const response = await fetch(`${gateway.url}/v1/requests/mine`);
  return recordsOf(recordOf(await response.json())['attempts']);
}

/** The last message of a request that the fallback got. */
export function lastMessage({ fallback }: FallbackPair, number = 1): unknown {
  return recordsOf(recordOf(fallback.requests[number - 1]?.body)['messages']).at(-1);
}
