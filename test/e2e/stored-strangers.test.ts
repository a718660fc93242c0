import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { recordsOf } from '../../src/protocol/json.ts';
import { describeOnEngines, openScene, type StoredClient } from '../support/stored.ts';

/** Longer than a key of an index may be, and not to be compressed. */
const LONG = randomBytes(3000).toString('hex');
const WRONG: readonly unknown[] = [
  LONG,
  null,
  true,
  7,
  -1,
  1.5,
  'x',
  '',
  [],
  [1],
  {},
  { id: 5 },
  [[]],
  [null],
  'x'.repeat(5000),
];
const say = (text: string) => ({ role: 'user', content: text });

/** Every answer is the client's own fault or fine; never ours. */
async function expectNoFault(asked: Promise<{ status: number; error: object }>, what: unknown): Promise<number> {
  const { status, error } = await asked;
  const isFine = status < 500 && (status < 400 || 'message' in error);
  expect([JSON.stringify(what)?.slice(0, 200), status, isFine]).toEqual([expect.anything(), status, true]);
  return status;
}

describeOnEngines('what no client should send', (createUrl) => {
  it('is refused in every field of a request that has to do with state', async () => {
    const { a } = await openScene(await createUrl());
    const fields = [
      'input',
      'previous_response_id',
      'conversation',
      'store',
      'background',
      'stream',
      'metadata',
      'include',
    ];
    for (const field of fields) {
      for (const value of WRONG) await expectNoFault(a.create({ input: 'x', [field]: value }), { [field]: value });
    }
    for (const type of ['item_reference', 'message', 'function_call_output', 'reasoning', 'compaction', 'nothing']) {
      for (const id of WRONG) await expectNoFault(a.create({ input: [{ type, id }] }), { type, id });
    }
  });

  it('is refused in every body and query of conversations', async () => {
    const { a } = await openScene(await createUrl());
    const { id } = await a.ask('POST', 'conversations', { items: [say('one')] });
    const path = `conversations/${id}`;
    for (const value of WRONG) {
      for (const [where, body] of [
        ['conversations', value],
        ['conversations', { metadata: value }],
        ['conversations', { metadata: { a: value } }],
        ['conversations', { items: value }],
        ['conversations', { items: [value] }],
        ['conversations', { items: [{ ...say('x'), id: value }] }],
        ['conversations', { items: [{ type: 'item_reference', id: value }] }],
        [path, { metadata: value }],
        [`${path}/items`, value],
        [`${path}/items`, { items: value }],
        [`${path}/items`, { items: [{ type: 'message', role: 'user', content: value }] }],
        [`${path}/fork`, value],
        [`${path}/fork`, { after_item: value }],
      ] as const) {
        await expectNoFault(a.ask('POST', where, body), [where, body]);
      }
    }
    for (const body of ['{', '"', '\u0000', '[1,', 'null', '']) {
      for (const where of ['conversations', path, `${path}/items`, `${path}/fork`, 'responses']) {
        await expectNoFault(a.ask('POST', where, body), [where, body]);
      }
    }
    const many = { items: Array.from({ length: 21 }, () => say('x')) };
    expect((await a.ask('POST', 'conversations', many)).status).toBe(400);
    expect((await a.ask('POST', `${path}/items`, many)).status).toBe(400);
  });

  it('is refused in every path and query', async () => {
    const { a } = await openScene(await createUrl());
    const ids = ['x', 'resp_', '%00', '%F0%9F%8C%8A', "'%20OR%201=1", '%25', '%E0%A4%A', '__proto__', 'y'.repeat(3000)];
    for (const id of ids) {
      for (const [method, path] of pathsOf(id)) {
        const status = await expectNoFault(a.ask(method, path, method === 'POST' ? {} : undefined), [method, path]);
        expect([method, path, status === 404 || status === 400]).toEqual([method, path, true]);
      }
    }
    const made = await a.create({ input: 'one', background: true, stream: false });
    const { id } = await a.ask('POST', 'conversations', { items: [say('one')] });
    const values = [
      '',
      '0',
      '-1',
      '1e3',
      '99999999999',
      'true',
      'x',
      '%00',
      '%F0%9F%8C%8A',
      '[',
      "'",
      'y'.repeat(2000),
    ];
    for (const value of values) {
      for (const name of [
        'limit',
        'order',
        'after',
        'q',
        'metadata[a]',
        'format',
        'stream',
        'starting_after',
        'include[]',
      ]) {
        for (const path of [
          `responses/${made.id}`,
          `responses/${made.id}/input_items`,
          'conversations',
          `conversations/${id}/items`,
          `conversations/${id}/export`,
        ]) {
          await expectNoFault(a.get(`${path}?${name}=${value}`), [path, name, value]);
          await expectNoFault(a.get(`${path}?${name}=${value}&${name}=2`), [path, name, value, 'twice']);
        }
      }
    }
  });

  it('leaves nothing behind, and is kept as it came where it is odd and not wrong', async () => {
    const { a } = await openScene(await createUrl());
    const odd = 'NUL \u0000 half \ud800 🌊 "\\" %_ \u202e';
    const made = await a.ask('POST', 'conversations', { metadata: { title: odd, [odd]: odd }, items: [say(odd)] });
    expect([made.status, (await a.get(`conversations/${made.id}`)).body]).toEqual([200, made.body]);
    const [item] = recordsOf((await a.get(`conversations/${made.id}/items`)).body['data']);
    expect(item?.['content']).toMatchObject([{ type: 'input_text', text: JSON.parse(JSON.stringify(odd)) }]);
    const answer = await a.create({ input: odd, conversation: made.id, metadata: { [odd]: odd } });
    expect([answer.status, answer.body['store']]).toEqual([200, true]);
    expect((await a.get(`responses/${answer.id}`)).body).toEqual(answer.body);
    const before = (await a.get('conversations')).ids;
    await a.ask('POST', 'conversations', { items: [say('fine'), { type: 'nothing' }] });
    expect((await a.get('conversations')).ids).toEqual(before);
  });

  it('finds no method that is not there', async () => {
    const { a } = await openScene(await createUrl());
    for (const [method, path, allowed] of [
      ['PUT', 'responses/resp_x', 'GET, DELETE'],
      ['GET', 'responses', 'POST'],
      ['GET', 'responses/resp_x/cancel', 'POST'],
      ['POST', 'responses/resp_x/input_items', 'GET'],
      ['DELETE', 'conversations', 'GET, POST'],
      ['PATCH', 'conversations/conv_x', 'GET, POST, DELETE'],
      ['GET', 'conversations/conv_x/fork', 'POST'],
    ] as const) {
      const refused = await a.ask(method, path);
      expect([refused.status, refused.headers.get('allow')]).toEqual([405, allowed]);
    }
    expect((await a.get('responses/resp_x/nothing')).status).toBe(404);
    expect((await a.get('conversations/conv_x/nothing')).status).toBe(404);
  });
});

function pathsOf(id: string): readonly (readonly [Parameters<StoredClient['ask']>[0], string])[] {
  return [
    ['GET', `responses/${id}`],
    ['GET', `responses/${id}?stream=true`],
    ['DELETE', `responses/${id}`],
    ['POST', `responses/${id}/cancel`],
    ['GET', `responses/${id}/input_items`],
    ['GET', `conversations/${id}`],
    ['POST', `conversations/${id}`],
    ['DELETE', `conversations/${id}`],
    ['GET', `conversations/${id}/items`],
    ['POST', `conversations/${id}/items`],
    ['GET', `conversations/${id}/items/${id}`],
    ['DELETE', `conversations/${id}/items/${id}`],
    ['POST', `conversations/${id}/fork`],
    ['GET', `conversations/${id}/export`],
  ];
}
