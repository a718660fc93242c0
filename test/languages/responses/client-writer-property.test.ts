import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { accumulateResponse } from 'openai/lib/responses/ResponseAccumulator';
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldOutput } from '../../../src/languages/responses/client-output-fold.ts';
import { batchOf } from '../../../src/protocol/delta.ts';
import { isRecord, type JsonRecord, recordsOf } from '../../../src/protocol/json.ts';
import { randomAnswer } from '../../support/random-answers.ts';
import { checkResponsesStream } from '../../support/responses.ts';
import { createTestWriter } from '../../support/responses-writer.ts';
import { loadResponsesSchemas } from '../../support/schemas.ts';

const SEEDS = Array.from({ length: 150 }, (_, seed) => seed);

/** The stream of one random answer, and the whole answer of a writer that streams nothing. */
function writeRandom(seed: number): { readonly text: string; readonly whole: JsonRecord } {
  const { batches, options, error } = randomAnswer(seed);
  const writer = createTestWriter(options);
  const whole = createTestWriter({ ...options, isStream: false });
  let text = '';
  for (const deltas of batches) {
    text += writer.push(batchOf(deltas));
    whole.push(batchOf(deltas));
  }
  if (error === null) return { text: text + writer.end(), whole: whole.result() };
  return { text: text + writer.fail(error), whole: whole.failedResult(error) };
}

describe('any answer', () => {
  it('is a stream in order, whose fold is the whole answer', () => {
    for (const seed of SEEDS) {
      const { text, whole } = writeRandom(seed);
      expect(checkResponsesStream(text).response, `seed ${seed}`).toEqual(whole);
    }
  });

  it('is the same however its deltas come', () => {
    for (const seed of SEEDS) {
      const { batches, options, error } = randomAnswer(seed);
      const writer = createTestWriter({ ...options, isStream: false });
      writer.push(batchOf(batches.flat()));
      const whole = error === null ? writer.result() : writer.failedResult(error);
      expect(whole, `seed ${seed}`).toEqual(writeRandom(seed).whole);
    }
  });

  it('cut anywhere is folded to what the writer had by then', () => {
    for (const seed of SEEDS) {
      const { batches, options } = randomAnswer(seed);
      const writer = createTestWriter(options);
      const frames: string[] = [];
      for (const deltas of batches) {
        const text = writer.push(batchOf(deltas));
        frames.push(...text.split('\n\n').filter((frame) => frame !== ''));
        const output = recordsOf(writer.snapshot()['output']);
        expect(foldOutput(frames), `seed ${seed}`).toEqual(output.map(asTold));
      }
    }
  });

  it("is folded by OpenAI's own client to the same, before it sees the last event", () => {
    for (const seed of SEEDS) {
      const { events, response } = checkResponsesStream(writeRandom(seed).text);
      let snapshot: Response | undefined;
      for (const event of events.slice(0, -1)) {
        snapshot = accumulateResponse(event as unknown as ResponseStreamEvent, snapshot);
      }
      if (response['status'] === 'completed') expect(snapshot?.output, `seed ${seed}`).toEqual(response['output']);
      else expect(snapshot?.output).toHaveLength(recordsOf(response['output']).length);
    }
  });
});

/** What is sealed, what tools are searched for, and what code printed, is told with the whole item. */
function asTold(item: JsonRecord): JsonRecord {
  if (item['status'] !== 'in_progress') return item;
  const { encrypted_content: _, ...told } = item;
  if (item['type'] === 'code_interpreter_call') return { ...told, outputs: [] };
  return item['type'] === 'tool_search_call' ? { ...told, arguments: {} } : told;
}

const schemas = loadResponsesSchemas();

describe.skipIf(schemas === null)("OpenAI's published schema (skipped unless OPENAI_SCHEMA_DIR is set)", () => {
  it('takes every event and every response', () => {
    for (const seed of SEEDS) {
      const { events, response } = checkResponsesStream(writeRandom(seed).text);
      for (const event of events.map(asPublished)) {
        expect(schemas?.event(event) ?? null, `seed ${seed} ${JSON.stringify(event)}`).toBeNull();
      }
      expect(schemas?.response(asPublished(response)) ?? null, `seed ${seed}`).toBeNull();
    }
  });
});

/**
 * A value without what the published document lacks and the wire, or clients, have: the status of custom calls (AI SDK
 * asks for it), the format of images, bytes in the log probabilities of events, padding of refusals, the nested error,
 * an error's code beyond the list, and our reason for a cancelled answer.
 */
function asPublished(value: JsonRecord): JsonRecord {
  const drop = (record: JsonRecord, ...keys: string[]) =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
  return JSON.parse(JSON.stringify(value), (key, inner) => {
    if (key === 'reason' && inner === 'cancelled') return 'max_output_tokens';
    if (key === 'code' && inner === 'context_length_exceeded') return 'server_error';
    if (key === 'bytes' && 'logprobs' in value) return undefined;
    if (!isRecord(inner)) return inner;
    if (inner['type'] === 'custom_tool_call') return drop(inner, 'status');
    if (inner['type'] === 'image_generation_call') return drop(inner, 'output_format');
    if (inner['type'] === 'error') return drop(inner, 'error');
    if (inner['type'] === 'response.refusal.delta') return drop(inner, 'obfuscation');
    return inner;
  });
}

describe("OpenAI's client, over a socket", () => {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(writeRandom(Number(request.headers['x-seed'])).text);
  });
  let client: OpenAI;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    client = new OpenAI({ apiKey: 'any', baseURL, maxRetries: 0 });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('reads the whole answer, or the error', async () => {
    for (const seed of SEEDS.slice(0, 60)) {
      const { whole } = writeRandom(seed);
      const stream = client.responses.stream({ model: 'm', input: 'x' }, { headers: { 'x-seed': String(seed) } });
      const read = stream.finalResponse();
      if (randomAnswer(seed).error === null) expect((await read).output.length).toBe(recordsOf(whole['output']).length);
      else await expect(read, `seed ${seed}`).rejects.toThrow(OpenAI.APIError);
    }
  });
});
