import { describe, expect, it } from 'vitest';
import { checkResponsesBody } from '../../../src/languages/responses/client-check.ts';
import { readResponsesRequest } from '../../../src/languages/responses/client-request.ts';
import type { ResponsesWriter } from '../../../src/languages/responses/client-writer.ts';
import { createNativeDialect } from '../../../src/languages/responses/native.ts';
import { openEnvelope, sealEnvelope } from '../../../src/languages/responses/words.ts';
import { type JsonRecord, parseJson, recordOf, recordsOf } from '../../../src/protocol/json.ts';
import type { ModelRequest } from '../../../src/protocol/model-request.ts';
import { EventReader } from '../../../src/protocol/sse.ts';
import { atOnce } from '../../../src/protocol/turns.ts';
import { loadRecordings } from '../../support/recordings.ts';
import { FACTS } from '../../support/replay.ts';
import { reportsFailure } from '../../support/reported-failure.ts';
import { createTestWriter, eventsIn } from '../../support/responses.ts';

const dialect = createNativeDialect({ provider: 'acme', thinks: () => true }, () => 'call_1');

function asked(fields: object, context: readonly JsonRecord[] = []): ModelRequest {
  return atOnce(readResponsesRequest(atOnce(checkResponsesBody({ model: 'm', input: 'Hello', ...fields })), context));
}

function said(fields: object, context: readonly JsonRecord[] = []) {
  return dialect.request(asked(fields, context), FACTS);
}

const HELLO = { role: 'user', content: 'Hello' };

describe('a request in the words of its client', () => {
  it('goes as it came, but for what is the gateway’s own', () => {
    const fields = {
      tools: [{ type: 'brand_new', size: 3 }],
      tool_choice: { type: 'brand_new' },
      temperature: 0.3,
      max_output_tokens: 4,
      newest: { a: [1, null] },
      reasoning: null,
      truncation: 'auto',
      include: ['message.output_text.logprobs'],
    };
    const ours = { store: true, background: false, metadata: { a: 'b' }, fallbacks: ['other'], conversation: 'conv_1' };
    const { body, dropped, path } = said({ ...fields, ...ours, context_management: [{ type: 'compaction' }] });
    expect({ path, dropped }).toEqual({ path: '/responses', dropped: [] });
    expect(body).toEqual({
      ...fields,
      model: 'upstream-model',
      input: 'Hello',
      store: false,
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
    });
  });

  it('has the items before it first, byte for byte', () => {
    const context = [
      {
        id: 'msg_1',
        type: 'message',
        status: 'completed',
        role: 'user',
        content: [{ type: 'input_text', text: 'Hi' }],
      },
      { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x', extra: 1 } },
      { id: 'msg_2', type: 'message', role: 'assistant', phase: 'final_answer', content: [] },
    ];
    const { body } = said({ input: [{ ...HELLO, extra: true }], previous_response_id: 'resp_1' }, context);
    expect(JSON.stringify(body['input'])).toBe(JSON.stringify([...context, { ...HELLO, extra: true }]));
    expect(body).not.toHaveProperty('previous_response_id');
    expect(said({}, context).body['input']).toEqual([...context, HELLO]);
  });

  it('has envelopes of this provider opened, and names those of others, which are left out', () => {
    const envelope = (
      answeredBy: string,
      kind: 'encrypted-reasoning' | 'thought-signature' = 'encrypted-reasoning',
    ) => ({
      type: 'reasoning',
      id: `rs_${answeredBy}`,
      summary: [],
      encrypted_content: sealEnvelope({ provider: 'openai', kind, data: 'gAAA', callId: null, answeredBy }),
    });
    const own = { type: 'reasoning', id: 'rs_own', summary: [], encrypted_content: 'gBBB' };
    const bare = { type: 'reasoning', id: 'rs_bare', summary: [{ type: 'summary_text', text: 'Hm' }] };
    const mine = said({ input: [HELLO, envelope('acme'), own] });
    expect(mine.body['input']).toEqual([HELLO, { ...envelope('acme'), encrypted_content: 'gAAA' }, own]);
    expect(mine.dropped).toEqual([]);
    for (const other of [envelope('other'), envelope('acme', 'thought-signature'), bare]) {
      const { body, dropped } = said({ input: [HELLO, other] });
      expect(body['input']).toEqual([HELLO]);
      expect(dropped).toEqual(['input.reasoning']);
    }
  });

  it('tells a summary of the gateway in words', () => {
    const sealed = { provider: 'sluice', kind: 'summary', data: 'They met.', callId: null, answeredBy: null } as const;
    const { body } = said({ input: [HELLO, { type: 'compaction', encrypted_content: sealEnvelope(sealed) }, HELLO] });
    expect(recordsOf(body['input'])[0]).toMatchObject({
      role: 'developer',
      content: [{ text: 'Summary of the conversation so far: They met.' }],
    });
  });
});

const recordings = (loadRecordings() ?? []).filter(
  (recording) => recording.provider === 'openai' && recording.api === 'responses' && recording.kind !== 'error',
);
const answers = recordings.filter((recording) => !reportsFailure(recording) && recording.kind === 'stream');

describe.skipIf(answers.length === 0)('recorded events of OpenAI (skipped unless RECORDINGS_DIR is set)', () => {
  it.each(answers)('$name passes whole', ({ body }) => {
    const events = eventsOf(body).filter(({ type }) => type !== undefined);
    const writer = createTestWriter({ seal });
    writer.answeredBy('registry-model', 'acme');
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
