import { describe, expect, it } from 'vitest';
import { createCompletion } from '../../../src/languages/chat/client-completion.ts';
import { batchOf, type Delta } from '../../../src/protocol/delta.ts';
import { type JsonRecord, parseJson, recordOf, recordsOf } from '../../../src/protocol/json.ts';
import { EventReader } from '../../../src/protocol/sse.ts';
import { requestOf } from '../../support/asked.ts';
import { forbiddenToolsOf, loadRecordings, type Recording } from '../../support/recordings.ts';
import { CHAT, FACTS, IDENTITY } from '../../support/replay.ts';
import { reportsFailure } from '../../support/reported-failure.ts';
import { checkResponsesStream } from '../../support/responses.ts';
import { createTestWriter } from '../../support/responses-writer.ts';
import { dialectFor } from '../replay-dialects.ts';

const all = (loadRecordings() ?? []).filter((recording) => recording.kind !== 'error' && !reportsFailure(recording));
const recordings = all.filter(({ api }) => api === 'responses');

describe.skipIf(recordings.length === 0)('recorded Responses (skipped unless RECORDINGS_DIR is set)', () => {
  it.each(recordings)('$name is spoken anew with the same items', (recording) => {
    const { output, status, incomplete_details, usage } = wholeOf(recording);
    const writer = createTestWriter();
    let text = '';
    for (const deltas of batchesOf(recording)) text += writer.push(batchOf(deltas));
    const { response } = checkResponsesStream(text + writer.end());
    expect(sayingsOf(recordsOf(response['output']))).toEqual(sayingsOf(recordsOf(output)));
    expect(response).toMatchObject({ status, incomplete_details });
    const { input_tokens, output_tokens, total_tokens, output_tokens_details } = recordOf(usage);
    expect(response['usage']).toMatchObject({ input_tokens, output_tokens, total_tokens, output_tokens_details });
  });
});

describe.skipIf(all.length === 0)('recorded answers of any language (skipped unless RECORDINGS_DIR is set)', () => {
  it.each(all)('$name is spoken as Responses with the words and calls of a chat', (recording) => {
    const batches = batchesOf(recording);
    const writer = createTestWriter();
    const completion = createCompletion();
    let text = '';
    for (const deltas of batches) {
      text += writer.push(batchOf(deltas));
      completion.add(deltas);
    }
    const { response } = checkResponsesStream(text + writer.end());
    const message = recordOf(recordsOf(recordOf(completion.toBody(IDENTITY))['choices'])[0]?.['message']);
    const said = sayingsOf(recordsOf(response['output']));
    expect(said.text).toBe(message['content'] ?? '');
    expect(said.refusal).toBe(message['refusal'] ?? '');
    expect(said.thoughts.startsWith(String(message['reasoning_content'] ?? ''))).toBe(true);
    const calls = recordsOf(message['tool_calls']).map((call) => recordOf(call['function'] ?? call['custom']));
    expect(said.calls.map(({ args, input }) => args ?? input)).toEqual(
      calls.map((call) => call['arguments'] ?? call['input']),
    );
    expect(said.annotations).toHaveLength(recordsOf(message['annotations']).length);
  });
});

function batchesOf(recording: Recording): (readonly Delta[])[] {
  const { api, body, kind } = recording;
  const dialect = dialectFor(api);
  const request = requestOf({ ...CHAT, ...forbiddenToolsOf(recording), stream: kind === 'stream' });
  if (kind === 'json') return [dialect.response(parseJson(body.toString('utf8')), request, FACTS)];
  const reader = dialect.stream(request, FACTS);
  return [...eventsOf(body).map((event) => reader.read(event)), reader.end()];
}

function eventsOf(body: Buffer): readonly string[] {
  const events = new EventReader();
  return [...events.read(body), ...events.end()];
}

/** The response at the end of its answer. */
function wholeOf({ body, kind }: Recording): JsonRecord {
  if (kind === 'json') return recordOf(parseJson(body.toString('utf8')));
  const responses = eventsOf(body).map((event) => recordOf(recordOf(parseJson(event))['response']));
  // One recording has a conversation of several.
  return responses.find(({ status }) => status === 'completed' || status === 'incomplete') ?? {};
}

/** What is said, thought, called and cited; how it is put into parts may differ. */
function sayingsOf(output: readonly JsonRecord[]) {
  const parts = (key: string) => output.flatMap((item) => recordsOf(item[key]));
  const texts = (list: readonly JsonRecord[], key: string) => list.map((part) => part[key] ?? '').join('');
  const called = output.filter(({ type }) => type === 'function_call' || type === 'custom_tool_call');
  return {
    text: texts(
      parts('content').filter(({ type }) => type === 'output_text'),
      'text',
    ),
    refusal: texts(parts('content'), 'refusal'),
    thoughts: texts([...parts('summary'), ...parts('content').filter(({ type }) => type === 'reasoning_text')], 'text'),
    calls: called.map(({ type, call_id, name, arguments: args, input }) => ({ type, call_id, name, args, input })),
    annotations: parts('content').flatMap((part) => recordsOf(part['annotations'])),
    order: output.map(({ type }) => type).filter((type) => /message|function_call|custom_tool_call/.test(String(type))),
  };
}
