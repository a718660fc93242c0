import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { recordOf, recordsOf } from '../../src/protocol/json.ts';
import { openaiFor } from '../clients/client.ts';
import { chatStream } from '../support/chat-answers.ts';
import { runGateway } from '../support/gateway.ts';
import { ask, runLane, sent } from '../support/native-pair.ts';
import { checkResponsesStream, eventsIn } from '../support/responses.ts';
import {
  NATIVE_USAGE,
  nativeEvents,
  nativeMessage,
  nativeResponse,
  nativeStream,
  nativeTexts,
  nativeThoughts,
  nativeWhole,
} from '../support/responses-upstream.ts';
import { runUpstream } from '../support/upstream.ts';

describe('a stream of OpenAI’s own', () => {
  const strange = [
    nativeEvents([nativeMessage('The sea is wide.')]).slice(0, 4),
    { type: 'response.dream.delta', item_id: 'x', delta: { a: 1 }, note: 'new' },
    { type: 'response.dream.finished', deep: [{ sequence_number: 7 }] },
    nativeEvents([nativeMessage('The sea is wide.')]).slice(4),
  ].flat();

  it('passes byte for byte, known to the gateway or not', async () => {
    const { gateway, openai } = await runLane();
    openai.answer(nativeStream(strange));
    const text = await (await ask(gateway, { stream: true })).text();
    const ours = strange.filter((event) => 'response' in event).length;
    const plain = nativeTexts(strange).filter((_, at) => !('response' in (strange[at] ?? {})));
    for (const data of plain) expect(text).toContain(`\ndata: ${data}\n\n`);
    const told = eventsIn(text);
    expect(told).toHaveLength(plain.length + ours);
    const responses = told.flatMap(({ response }) => (response === undefined ? [] : [recordOf(response)]));
    const [first] = responses;
    expect(first).toEqual(nativeResponse({ id: first?.['id'], model: 'm', store: true }));
    expect(String(first?.['id'])).toMatch(/^resp_[0-9a-f]{48}$/);
    expect(responses.at(-1)).toMatchObject({ usage: NATIVE_USAGE, output: [nativeMessage('The sea is wide.')] });
    expect(new Set(responses.map(({ id }) => id)).size).toBe(1);
  });

  it('is read by OpenAI’s own client, and kept as it was', async () => {
    const { gateway, openai } = await runLane();
    openai.answer(nativeStream(nativeEvents([nativeThoughts('gAAA'), nativeMessage('The sea.')])));
    const stream = openaiFor(gateway).responses.stream({ model: 'm', input: 'Hello', metadata: { a: 'b' } });
    const final = await stream.finalResponse();
    expect(final.output_text).toBe('The sea.');
    expect(final).toMatchObject({ metadata: { a: 'b' }, model: 'm', store: true });
    const kept = recordOf(await (await fetch(`${gateway.url}/v1/responses/${final.id}`)).json());
    expect(kept).toMatchObject({ output: [{ id: 'rs_of_openai' }, nativeMessage('The sea.')], of_tomorrow: { a: 1 } });
  });

  it('is renumbered where the gateway has told of it before', async () => {
    const { gateway, openai } = await runLane();
    openai.answer(nativeStream(nativeEvents([nativeMessage('The sea.')])));
    const text = await (await ask(gateway, { background: true, stream: true })).text();
    const { events, response } = checkResponsesStream(text);
    expect(events.map(({ type }) => type).slice(0, 4)).toEqual([
      'response.created',
      'response.queued',
      'response.in_progress',
      'response.output_item.added',
    ]);
    expect(response).toMatchObject({ background: true, store: true, status: 'completed', of_tomorrow: { a: 1 } });
  });
});

describe('a whole answer of OpenAI’s own', () => {
  it('passes with every field and tool', async () => {
    const { gateway, openai } = await runLane();
    const dreamt = { id: 'dream_1', type: 'dream_call', call_id: 'call_1', status: 'completed', of: ['sheep'] };
    openai.answer(nativeWhole([dreamt]));
    const asked = { tools: [{ type: 'dream', size: 3 }], wishes: { a: 1 }, input: [{ role: 'user', content: 'Hi' }] };
    const reply = await ask(gateway, { ...asked, fallbacks: ['other'], metadata: { a: 'b' } });
    expect(sent(openai)).toEqual({
      model: 'gpt-6',
      ...asked,
      store: false,
      include: ['reasoning.encrypted_content'],
    });
    const response = recordOf(await reply.json());
    expect(response).toEqual({
      ...nativeResponse({ status: 'completed', completed_at: 1_787_150_066, output: [dreamt], usage: NATIVE_USAGE }),
      id: response.id,
      model: 'm',
      store: true,
      metadata: { a: 'b' },
    });
  });

  it('is one of any server whose provider is set to it', async () => {
    const other = await runUpstream(nativeWhole([nativeMessage('Hi.')]));
    const gateway = await runGateway(
      `providers:\n  up: { kind: openai-compatible, base_url: "${other.url}/v1", responses: native }\n` +
        'models:\n  m: { provider: up, upstream: theirs }\nserver: { drain: 0ms }\nresponses: { store: false }\n',
    );
    expect(await (await ask(gateway, {})).json()).toMatchObject({ of_tomorrow: { a: 1 }, model: 'm', store: false });
    expect(other.requests[0]).toMatchObject({ path: '/v1/responses' });
    expect(sent(other)).toEqual({ model: 'theirs', input: 'Hello', store: false });
  });

  it('is spoken anew where the provider is set so, or its client speaks chat', async () => {
    const { gateway, openai } = await runLane(', responses: chat');
    openai.answer(chatStream('Hi'));
    const reply = await ask(gateway, { stream: true });
    expect(checkResponsesStream(await reply.text()).response).toMatchObject({ status: 'completed' });
    expect(openai.requests[0]?.path).toBe('/v1/chat/completions');
  });
});

it('a long conversation goes whole to OpenAI, which forgets by itself what it is asked to', async () => {
  const { gateway, openai } = await runLane();
  openai.answer(nativeWhole([nativeMessage('The sea.')]));
  const input = Array.from({ length: 20 }, (_, at) => ({ role: 'user', content: `${at} ${'word '.repeat(200)}` }));
  await ask(gateway, { model: 'small', input, truncation: 'auto' });
  expect(sent(openai)).toMatchObject({ input, truncation: 'auto' });
});

describe('an item that OpenAI alone may know', () => {
  const input = [
    { role: 'user', content: 'Hi' },
    { type: 'dream_output', call_id: 'call_1', of: ['sheep'] },
  ];

  it('goes to OpenAI, also where it goes on', async () => {
    const { gateway, openai } = await runLane();
    openai.answer(nativeWhole([nativeMessage('The sea.')]));
    const { id } = recordOf(await (await ask(gateway, { input })).json());
    expect(sent(openai)).toMatchObject({ input });
    await ask(gateway, { previous_response_id: id });
    expect(recordsOf(sent(openai, 2)['input'])[1]).toMatchObject({ ...input[1] });
  });

  it('is refused where another one is asked, and never falls back', async () => {
    const { gateway, openai, other } = await runLane();
    const reply = await ask(gateway, { model: 'other', input });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ error: { param: 'input[1].type', code: 'invalid_value' } });
    openai.answer({ status: 503 });
    expect((await ask(gateway, { input })).status).toBe(503);
    expect(other.requests).toHaveLength(0);
  });
});

describe('thoughts that OpenAI alone can read', () => {
  const thinking = [nativeThoughts('gAAA'), nativeMessage('The sea.')];

  it('come back over a chain', async () => {
    const { gateway, openai } = await runLane();
    openai.answer(nativeStream(nativeEvents(thinking)));
    const client = openaiFor(gateway);
    const first = await client.responses.stream({ model: 'm', input: 'Hello' }).finalResponse();
    expect((first.output[0] as OpenAI.Responses.ResponseReasoningItem).encrypted_content).toMatch(/^sl1\./);
    await client.responses.stream({ model: 'm', input: 'And?', previous_response_id: first.id }).finalResponse();
    const { input, ...rest } = sent(openai, 2);
    expect(recordsOf(input).slice(1)).toEqual([...thinking, { role: 'user', content: 'And?' }]);
    expect(JSON.stringify(recordsOf(input).slice(1, 3))).toBe(JSON.stringify(thinking));
    expect(rest).toMatchObject({ store: false });
    expect(rest).not.toHaveProperty('previous_response_id');
  });

  it('come back from a client that keeps them itself', async () => {
    const { gateway, openai } = await runLane();
    openai.answer(nativeWhole(thinking));
    const client = openaiFor(gateway);
    const asked = { model: 'm', store: false, input: [{ role: 'user' as const, content: 'Hello' }] };
    const { output } = await client.responses.create(asked);
    const input = [...asked.input, ...(output as OpenAI.Responses.ResponseInputItem[]), ...asked.input];
    await client.responses.create({ ...asked, input });
    expect(sent(openai, 2)['input']).toEqual([...asked.input, ...thinking, ...asked.input]);
  });

  it('stay out, and are named, where they are of another', async () => {
    const { gateway, openai } = await runLane();
    const { gateway: elsewhere, openai: theirs } = await runLane();
    theirs.answer(nativeWhole(thinking));
    const made = recordsOf(recordOf(await (await ask(elsewhere, {})).json())['output']);
    const foreign = made.map((item) => ({
      ...item,
      ...(item['encrypted_content'] ? { encrypted_content: otherEnvelope(String(item['encrypted_content'])) } : {}),
    }));
    openai.answer(nativeWhole(thinking));
    const input = [{ role: 'user', content: 'Hello' }, ...foreign, { role: 'user', content: 'And?' }];
    const reply = await ask(gateway, { input });
    expect(reply.headers.get('x-sluice-dropped-params')).toBe('input.reasoning');
    expect(sent(openai)['input']).toEqual([input[0], nativeMessage('The sea.'), input.at(-1)]);
    expect((await ask(gateway, { input, fallbacks: [] }, { 'x-sluice-strict': 'true' })).status).toBe(400);
  });
});

/** The envelope as if a provider of another name had given it. */
function otherEnvelope(sealed: string): string {
  const content = JSON.parse(Buffer.from(sealed.slice(4), 'base64url').toString());
  return `sl1.${Buffer.from(JSON.stringify({ ...content, answered_by: 'another' })).toString('base64url')}`;
}

describe('a stream of OpenAI that breaks off', () => {
  const thoughts = { ...nativeThoughts('gAAA'), status: 'completed' };
  const events = nativeEvents([thoughts, nativeMessage('The sea is wide.')]);
  const cut = events.slice(
    0,
    events.findIndex(({ delta }) => delta === 'is '),
  );

  it('is gone on with in the same message by one that speaks chat', async () => {
    const { gateway, openai, other } = await runLane();
    openai.answer(nativeStream(cut));
    const text = await (await ask(gateway, { stream: true })).text();
    const { response } = checkResponsesStream(text);
    expect(response).toMatchObject({ status: 'completed', model: 'm' });
    const [thoughts, message] = recordsOf(response['output']);
    expect(thoughts).toMatchObject({ id: 'rs_of_openai' });
    expect(message).toMatchObject({
      id: 'msg_of_openai',
      phase: 'final_answer',
      content: [{ text: 'The sea is blue.' }],
    });
    for (const data of nativeTexts(cut).filter((line) => line.includes('output_text.delta'))) {
      expect(text).toContain(`\ndata: ${data}\n\n`);
    }
    expect(recordsOf(sent(other)['messages']).at(-1)).toMatchObject({ role: 'assistant', content: 'The sea' });
    const read = await openaiFor(gateway).responses.stream({ model: 'm', input: 'Hello' }).finalResponse();
    expect(read.output_text).toBe('The sea is blue.');
  });

  it('fails with what there is where none can', async () => {
    const { gateway, openai, other } = await runLane();
    openai.answer(nativeStream(cut));
    other.answer({ status: 500 });
    const { events: told, response } = checkResponsesStream(await (await ask(gateway, { stream: true })).text());
    expect(told.map(({ type }) => type).slice(-2)).toEqual(['error', 'response.failed']);
    expect(response).toMatchObject({ status: 'failed', output: [{ id: 'rs_of_openai' }, { status: 'incomplete' }] });
    expect(recordsOf(response['output'])[1]).toMatchObject({ content: [{ text: 'The sea ' }] });
  });
});
