import { describe, expect, it } from 'vitest';
import { checkResponsesBody } from '../../../src/languages/responses/client-check.ts';
import { readResponsesRequest } from '../../../src/languages/responses/client-request.ts';
import { createNativeDialect } from '../../../src/languages/responses/native.ts';
import { sealEnvelope } from '../../../src/languages/responses/words.ts';
import { type JsonRecord, recordsOf } from '../../../src/protocol/json.ts';
import { atOnce } from '../../../src/protocol/turns.ts';
import { FACTS } from '../../support/replay.ts';

const dialect = createNativeDialect({ provider: 'acme', thinks: () => true }, () => 'call_1');

function said(fields: object, context: readonly JsonRecord[] = []) {
  const body = atOnce(checkResponsesBody({ model: 'm', input: 'Hello', ...fields }));
  return dialect.request(atOnce(readResponsesRequest(body, context)), FACTS);
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

  it('has no item that says nothing but its id: the provider would look it up in its account', () => {
    const painted = { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'aGk=' };
    for (const item of [
      { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: null },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
    ]) {
      const { body, dropped } = said({ input: [HELLO, item, painted] });
      expect(body['input']).toEqual([HELLO, painted]);
      expect(dropped).toEqual([`input.${item.type}`]);
    }
  });

  it('tells a summary of the gateway in words', () => {
    const sealed = { provider: 'sluice', kind: 'summary', data: 'They met.', callId: null, answeredBy: null } as const;
    const { body } = said({ input: [HELLO, { type: 'compaction', encrypted_content: sealEnvelope(sealed) }, HELLO] });
    expect(recordsOf(body['input'])[1]).toMatchObject({
      role: 'developer',
      content: [{ text: 'Summary of the conversation so far: They met.' }],
    });
  });
});
