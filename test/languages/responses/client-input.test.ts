import { describe, expect, it } from 'vitest';
import { checkResponsesBody, type ResponsesBody } from '../../../src/languages/responses/client-check.ts';
import { toInputItems } from '../../../src/languages/responses/client-input.ts';
import { referencesIn, withReferences } from '../../../src/languages/responses/client-references.ts';
import { createItemId } from '../../../src/languages/responses/words.ts';
import { GatewayError } from '../../../src/protocol/errors.ts';
import type { JsonRecord } from '../../../src/protocol/json.ts';
import { atOnce } from '../../../src/protocol/turns.ts';

const SOURCES = { now: () => 0, randomHex: (digits: number) => '0'.repeat(digits) };
const newId = (type: string) => createItemId(type, SOURCES);
const ZEROS = '0'.repeat(48);

function kept(input: ResponsesBody['input']) {
  return atOnce(toInputItems(input, newId));
}

describe('the items that are kept of an input', () => {
  it('are what the user says, of a text', () => {
    expect(kept('Hello')).toEqual([
      {
        id: `msg_${ZEROS}`,
        type: 'message',
        status: 'completed',
        role: 'user',
        content: [{ type: 'input_text', text: 'Hello' }],
      },
    ]);
  });

  it('have their content as parts, in the words of who says it', () => {
    expect(kept([{ role: 'assistant', content: 'Hm.', phase: 'commentary' }])[0]).toMatchObject({
      type: 'message',
      phase: 'commentary',
      content: [{ type: 'output_text', text: 'Hm.', annotations: [] }],
    });
    const said = { type: 'output_text', text: 'Hm.', logprobs: null };
    expect(kept([{ role: 'assistant', content: [said] }])[0]).toMatchObject({
      content: [{ type: 'output_text', text: 'Hm.', annotations: [] }],
    });
  });

  it('keep the ids of the client and leave out what is null', () => {
    const [item] = kept([{ type: 'reasoning', id: 'mine', content: null, encrypted_content: null, status: null }]);
    expect(item).toEqual({ id: 'mine', type: 'reasoning', status: 'completed', summary: [] });
  });

  it('are the same when they are kept again', () => {
    const input = [
      { role: 'user', content: 'Hi' },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}', status: 'incomplete' },
      { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'x' }] },
      { type: 'compaction', encrypted_content: 'x' },
    ];
    const items = kept(input);
    expect(items.map(({ id }) => String(id).split('_')[0])).toEqual(['msg', 'fc', 'fco', 'cmp']);
    expect(items[1]).toMatchObject({ status: 'incomplete' });
    expect(kept(items)).toEqual(items);
  });

  it('are none of nothing', () => {
    expect(kept(null)).toEqual([]);
  });

  it('are made in steps', () => {
    const input = Array.from({ length: 5000 }, () => ({ role: 'user', content: 'x' }));
    expect([...toInputItems(input, newId)]).toHaveLength(5);
  });
});

describe('references to kept items', () => {
  const body = atOnce(
    checkResponsesBody({
      model: 'm',
      store: false,
      input: [{ id: 'rs_1' }, { type: 'item_reference', id: 'fc_1' }, { id: 'rs_1' }, { role: 'user', content: 'Hi' }],
    }),
  );

  it('are found, each once', () => {
    expect(referencesIn(body)).toEqual(['rs_1', 'fc_1']);
    expect(referencesIn({ model: 'm', input: 'rs_1' })).toEqual([]);
  });

  it('give way to what they refer to, in its place', () => {
    const items: [string, JsonRecord][] = ['rs_1', 'fc_1'].map((id) => [id, { type: 'x', id }]);
    const { input } = withReferences(body, new Map(items));
    expect(input).toEqual([{ type: 'x', id: 'rs_1' }, { type: 'x', id: 'fc_1' }, { type: 'x', id: 'rs_1' }, HI]);
    expect(withReferences({ model: 'm', input: [HI] }, new Map()).input).toEqual([HI]);
  });

  it('are refused where they refer to nothing', () => {
    const refuse = () => withReferences(body, new Map([['fc_1', {}]]));
    expect(refuse).toThrow(GatewayError);
    expect(refuse).toThrow(/^Item with id 'rs_1' not found\. Items are not persisted when `store` is set to false\./);
    expect(() => withReferences({ ...body, store: true }, new Map())).toThrow(/^Item with id 'rs_1' not found\.$/);
  });
});

const HI = { role: 'user', content: 'Hi' };
