import { describe, expect, it } from 'vitest';
import { checkResponsesBody } from '../../../src/languages/responses/client-check.ts';
import { readResponsesRequest } from '../../../src/languages/responses/client-request.ts';
import type { ResponsesWriter } from '../../../src/languages/responses/client-writer.ts';
import { createNativeDialect } from '../../../src/languages/responses/native.ts';
import { openEnvelope, sealEnvelope } from '../../../src/languages/responses/words.ts';
import { batchOf, choiceDelta } from '../../../src/protocol/delta.ts';
import { type JsonRecord, parseJson, recordOf, recordsOf } from '../../../src/protocol/json.ts';
import type { ModelRequest } from '../../../src/protocol/model-request.ts';
import { EventReader } from '../../../src/protocol/sse.ts';
import { Tally } from '../../../src/protocol/tally.ts';
import { atOnce } from '../../../src/protocol/turns.ts';
import { loadRecordings } from '../../support/recordings.ts';
import { FACTS } from '../../support/replay.ts';
import { reportsFailure } from '../../support/reported-failure.ts';
import { checkResponsesStream, eventsIn } from '../../support/responses.ts';
import { createTestWriter } from '../../support/responses-writer.ts';

const dialect = createNativeDialect({ provider: 'acme', thinks: () => true }, () => 'call_1');

function asked(fields: object): ModelRequest {
  return atOnce(readResponsesRequest(atOnce(checkResponsesBody({ model: 'm', input: 'Hello', ...fields })), []));
}

const recordings = (loadRecordings() ?? []).filter(
  (recording) => recording.provider === 'openai' && recording.api === 'responses' && recording.kind !== 'error',
);
const answers = recordings.filter((recording) => !reportsFailure(recording) && recording.kind === 'stream');

describe.skipIf(answers.length === 0)('recorded events of OpenAI (skipped unless RECORDINGS_DIR is set)', () => {
  it.each(answers)('$name passes whole', ({ body }) => {
    const events = eventsOf(body).filter(({ type }) => type !== undefined);
    const writer = createTestWriter({ seal });
    writer.answeredBy('registry-model', 'acme', 'summary');
    const text = replay(writer, body);
    const told = eventsIn(text);
    // The recording of a stream that is taken up again has no beginning.
    const isWhole = events[0]?.['type'] === 'response.created';
    const compared = (list: readonly JsonRecord[]) => (isWhole ? list : list.filter((event) => !isBeginning(event)));
    expect(compared(told).map(withoutOurs)).toEqual(compared(events).map(withoutOurs));
    for (const [at, event] of told.entries()) expect(event['sequence_number']).toBe(at);
    for (const { response } of told.filter((event) => 'response' in event)) expect(response).toMatchObject(OURS);
    const frames = framesOf(body)
      .slice(0, events.length)
      .filter((frame) => /^{"type":"[\w.]+\.delta"/.test(frame));
    if (isWhole) for (const frame of frames) expect(text).toContain(`\ndata: ${frame}\n\n`);
    const last = recordOf(told.at(-1)?.['response']);
    expect(writer.result()).toEqual(last);
    expect(writer.storedItems().map(({ item }) => item)).toEqual(last['output']);
  });

  it.each(answers)('$name is the same however far it has come', ({ body }) => {
    const writer = createTestWriter({ seal });
    const reader = dialect.stream(asked({ stream: true }), FACTS);
    for (const event of framesOf(body)) {
      const last = reader.isDone();
      if (last) break;
      writer.push({ deltas: reader.read(event), native: [event] });
      const items = recordsOf(writer.snapshot()['output']);
      if (reader.isDone()) continue;
      const whole = wholeOutputOf(body);
      for (const [at, item] of items.entries()) expect(textOf(whole[at]).startsWith(textOf(item))).toBe(true);
    }
  });
});

describe('events of a provider that speaks the language of the client', () => {
  const message = { id: 'msg_a', type: 'message', status: 'in_progress', role: 'assistant', content: [] };
  const part = { type: 'output_text', text: '', annotations: [] };
  const at = { item_id: 'msg_a', output_index: 0, content_index: 0 };
  const said = (delta: string) => ({ type: 'response.output_text.delta', ...at, delta });
  const begun = [
    { type: 'response.output_item.added', output_index: 0, item: message },
    { type: 'response.content_part.added', ...at, part },
  ];

  it('begin with the response, get numbers, and stand in one line, where their host does not say so', () => {
    const { writer, push } = createLane();
    const lines = JSON.stringify(said('Hi "sequence_number":7 '), null, 2);
    const text = push(...begun.map((event) => JSON.stringify(event)), lines);
    const events = eventsIn(text);
    expect(events.map(({ type, sequence_number: number }) => [type, number])).toEqual([
      ['response.created', 0],
      ['response.in_progress', 1],
      ['response.output_item.added', 2],
      ['response.content_part.added', 3],
      ['response.output_text.delta', 4],
    ]);
    expect(events.at(-1)).toMatchObject({ delta: 'Hi "sequence_number":7 ' });
    expect(writer.snapshot()).toMatchObject({
      status: 'in_progress',
      output: [{ content: [{ text: events.at(-1)?.['delta'] }] }],
    });
    expect(Object.keys(writer.snapshot())).toContain('prompt_cache_key');
  });

  it('take up the numbers behind a sign of life, whatever stands in their texts', () => {
    const { writer, push } = createLane();
    writer.heartbeat();
    const created = { type: 'response.created', sequence_number: 0, response: { id: 'theirs', output: [] } };
    const tricky = { type: 'response.output_text.delta', delta: '"sequence_number":1', sequence_number: 1 };
    const text = push(JSON.stringify(created), JSON.stringify(tricky));
    expect(text).toBe(
      `event: response.output_text.delta\ndata: ${JSON.stringify({ ...tricky, sequence_number: 2 })}\n\n`,
    );
  });

  it('are spoken anew from the first batch without them, in the open message', () => {
    const { writer, push } = createLane();
    const citation = { type: 'url_citation', start_index: 0, end_index: 2, url: 'https://a.example', title: 'A' };
    const cited = { type: 'response.output_text.annotation.added', ...at, annotation_index: 0, annotation: citation };
    let text = push(...[...begun, said('Hi'), cited].map((event) => JSON.stringify(event)));
    text += writer.push(batchOf([choiceDelta(0, { content: ' there' })]));
    text += writer.push({ deltas: [choiceDelta(0, { content: '.' }, 'stop')], native: ['{"type":"x"}'] });
    const { response } = checkResponsesStream(text + writer.end());
    expect(response['output']).toEqual([
      {
        ...message,
        status: 'completed',
        content: [{ ...part, text: 'Hi there.', annotations: [citation], logprobs: [] }],
      },
    ]);
  });

  it('leave thoughts done where another goes on', () => {
    const { writer, push } = createLane();
    const thoughts = { id: 'rs_a', type: 'reasoning', status: 'in_progress', summary: [] };
    const place = { item_id: 'rs_a', output_index: 0, summary_index: 0 };
    const thinking = [
      { type: 'response.output_item.added', output_index: 0, item: thoughts },
      { type: 'response.reasoning_summary_part.added', ...place, part: { type: 'summary_text', text: '' } },
      { type: 'response.reasoning_summary_text.delta', ...place, delta: 'Hm' },
    ];
    let text = push(...thinking.map((event) => JSON.stringify(event)));
    text += writer.push(batchOf([choiceDelta(0, { content: 'Hi.' }, 'stop')]));
    const { response } = checkResponsesStream(text + writer.end());
    expect(response['output']).toMatchObject([
      { id: 'rs_a', status: 'completed', summary: [{ text: 'Hm' }] },
      { type: 'message', content: [{ text: 'Hi.' }] },
    ]);
  });

  it('count as an answer where they hold nothing that the house knows', () => {
    const whole = { object: 'response', status: 'completed', output: [{ type: 'dream_call', id: 'dream_1' }] };
    const tally = new Tally();
    tally.add(dialect.response(whole, asked({}), FACTS));
    expect(tally.verdict(asked({}))).toBeNull();
  });

  it('are no events where a host that knows no streaming gives a whole answer', () => {
    const { writer, push } = createLane();
    const content = [{ type: 'output_text', text: 'Hi.', annotations: [] }];
    const whole = { object: 'response', status: 'completed', output: [{ ...message, content }] };
    const { response } = checkResponsesStream(push(JSON.stringify(whole)) + writer.end());
    expect(response).toMatchObject({ status: 'completed', output: [{ content: [{ text: 'Hi.' }] }] });
  });
});

/** A writer that is pushed events as the reader of a native dialect gives them. */
function createLane() {
  const writer = createTestWriter({ seal });
  const reader = dialect.stream(asked({ stream: true }), FACTS);
  const push = (...native: string[]) => writer.push({ deltas: native.flatMap((text) => reader.read(text)), native });
  return { writer, push };
}

const OURS = {
  id: 'resp_test',
  model: 'registry-model',
  store: true,
  previous_response_id: null,
  background: false,
  metadata: {},
};

function isBeginning({ type }: JsonRecord): boolean {
  return /^response\.(created|queued|in_progress)$/.test(String(type));
}

/** Without what the gateway says instead; what it sealed is opened. */
function withoutOurs({ sequence_number: _, response, item, ...rest }: JsonRecord): JsonRecord {
  return {
    ...rest,
    ...(response === undefined ? {} : { response: withoutState(recordOf(response)) }),
    ...(item === undefined ? {} : { item: opened(recordOf(item)) }),
  };
}

function withoutState(response: JsonRecord): JsonRecord {
  const ours = Object.keys(OURS);
  const rest = Object.fromEntries(Object.entries(response).filter(([name]) => !ours.includes(name)));
  return { ...rest, output: recordsOf(response['output']).map(opened) };
}

function opened(item: JsonRecord): JsonRecord {
  const { encrypted_content: sealed } = item;
  if (typeof sealed !== 'string') return item;
  return { ...item, encrypted_content: openEnvelope(sealed)?.data ?? sealed };
}

const seal = (thought: Parameters<typeof sealEnvelope>[0]): string => sealEnvelope(thought);

function replay(writer: ResponsesWriter, body: Buffer): string {
  const reader = dialect.stream(asked({ stream: true }), FACTS);
  let text = '';
  for (const event of framesOf(body)) {
    if (reader.isDone()) break;
    text += writer.push({ deltas: reader.read(event), native: [event] });
  }
  return text + writer.end();
}

function framesOf(body: Buffer): readonly string[] {
  const events = new EventReader();
  return [...events.read(body), ...events.end()];
}

/** Up to the first end: one recording holds several. */
function eventsOf(body: Buffer): readonly JsonRecord[] {
  const events = framesOf(body).map((event) => recordOf(parseJson(event)));
  const end = events.findIndex(({ type }) => /^response\.(completed|incomplete)$/.test(String(type)));
  return end < 0 ? events : events.slice(0, end + 1);
}

function wholeOutputOf(body: Buffer): readonly JsonRecord[] {
  return recordsOf(recordOf(eventsOf(body).at(-1)?.['response'])['output']);
}

function textOf(item: JsonRecord | undefined): string {
  const parts = [...recordsOf(item?.['summary']), ...recordsOf(item?.['content'])];
  return parts.map(({ text }) => text ?? '').join('');
}
