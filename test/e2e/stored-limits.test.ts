import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../src/protocol/json.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { passTime } from '../support/pass-time.ts';
import { describeOnEngines, openScene, stalling, toldTo, wordsOf } from '../support/stored.ts';

const say = (text: string) => ({ role: 'user', content: text });
const LARGE = 'x'.repeat(3000);
const SECOND = 1000;

describeOnEngines('limits of what is kept', (createUrl) => {
  it('refuses an item that is too large (max_item), before a provider is asked', async () => {
    const { a, upstream } = await openScene(await createUrl(), { responses: '{ max_item: 2kb }' });
    const { id } = await a.ask('POST', 'conversations', { items: [say('one')] });
    for (const [refused, param] of [
      [await a.create({ input: [say('one'), say(LARGE)] }), 'input[1]'],
      [await a.create({ input: LARGE, background: true }), 'input[0]'],
      [await a.create({ input: LARGE, conversation: id }), 'input[0]'],
      [await a.ask('POST', 'conversations', { items: [say(LARGE)] }), 'items[0]'],
      [await a.ask('POST', `conversations/${id}/items`, { items: [say('two'), say(LARGE)] }), 'items[1]'],
    ] as const) {
      expect([refused.status, refused.error]).toMatchObject([400, { code: 'thread_too_large', param }]);
    }
    expect(upstream.requests).toHaveLength(0);
    expect((await a.get(`conversations/${id}/items`)).ids).toHaveLength(1);
    expect((await a.create({ input: LARGE, store: false })).status).toBe(200);
    // The lock that a refused turn might have left.
    expect((await a.create({ input: 'two', conversation: id })).status).toBe(200);
  });

  it('refuses a thread with too many items (max_items)', async () => {
    const { a } = await openScene(await createUrl(), { responses: '{ max_items: 4 }' });
    const first = await a.create({ input: 'one' });
    const second = await a.create({ input: [say('two')], previous_response_id: first.id });
    expect(second.status).toBe(200);
    const third = await a.create({ input: 'three', previous_response_id: second.id });
    expect([third.status, third.error]).toMatchObject([400, { code: 'thread_too_large', param: 'input' }]);
    const { id } = await a.ask('POST', 'conversations', { items: [say('1'), say('2'), say('3')] });
    expect((await a.ask('POST', `conversations/${id}/items`, { items: [say('4'), say('5')] })).status).toBe(400);
    expect((await a.ask('POST', `conversations/${id}/items`, { items: [say('4')] })).status).toBe(200);
    const next = await a.create({ input: 'more', conversation: id });
    expect([next.status, next.error['code']]).toEqual([400, 'thread_too_large']);
    expect((await a.get(`conversations/${id}/items`)).ids).toHaveLength(4);
  });

  it('refuses a thread that is too large (max_thread)', async () => {
    const { a } = await openScene(await createUrl(), { responses: '{ max_thread: 5kb }' });
    const first = await a.create({ input: LARGE });
    const second = await a.create({ input: LARGE, previous_response_id: first.id });
    expect([second.status, second.error['code']]).toEqual([400, 'thread_too_large']);
    expect((await a.create({ input: 'short', previous_response_id: first.id })).status).toBe(200);
    const { id } = await a.ask('POST', 'conversations', { items: [say(LARGE)] });
    expect((await a.ask('POST', `conversations/${id}/items`, { items: [say(LARGE)] })).status).toBe(400);
  });

  it('forgets what has expired: a chain with its last turn (responses.keep)', async () => {
    const url = await createUrl();
    const { a, upstream } = await openScene(url, { responses: '{ keep: 10m }' });
    const first = await a.create({ input: 'one' });
    const alone = await a.create({ input: 'alone' });
    await passTime(url, 400 * SECOND);
    const second = await a.create({ input: 'two', previous_response_id: first.id });
    await passTime(url, 300 * SECOND);
    expect((await a.get(`responses/${alone.id}`)).status).toBe(404);
    // Its own time is over as well, and it lives with its child.
    expect((await a.get(`responses/${first.id}`)).status).toBe(200);
    await a.create({ input: 'three', previous_response_id: second.id, store: false });
    expect(toldTo(upstream)).toHaveLength(5);
    const lost = await a.create({ input: 'x', previous_response_id: alone.id });
    expect([lost.status, lost.error['code']]).toEqual([400, 'previous_response_not_found']);
    await passTime(url, 400 * SECOND);
    expect((await a.get(`responses/${first.id}`)).status).toBe(404);
    expect((await a.create({ input: 'x', previous_response_id: second.id })).status).toBe(400);
  });

  it('keeps conversations for ever, unless they are given a time after their last turn (conversations.keep)', async () => {
    const url = await createUrl();
    const { a, upstream } = await openScene(url, { responses: '{ keep: 10m }', conversations: '{ keep: 20m }' });
    const { id } = await a.ask('POST', 'conversations', { items: [say('one')] });
    const other = await a.ask('POST', 'conversations', { items: [say('one')] });
    const made = await a.create({ input: 'two', conversation: id });
    // A child of one of its responses is no turn of it, and does not give it an end.
    await a.create({ input: 'aside', previous_response_id: made.id });
    await passTime(url, 900 * SECOND);
    expect((await a.get(`responses/${made.id}`)).status).toBe(404);
    await a.create({ input: 'three', conversation: id });
    await passTime(url, 400 * SECOND);
    expect((await a.get(`conversations/${other.id}`)).status).toBe(404);
    expect((await a.get('conversations')).ids).toEqual([id]);
    upstream.answer(stalling('so ', 'far'));
    const running = await a.create({ input: 'four', conversation: id, background: true });
    await passTime(url, 1300 * SECOND);
    expect(recordsOf((await a.get('conversations')).body['data'])).toMatchObject([{ id, running: running.id }]);
    upstream.release();
    await expect
      .poll(async () => wordsOf((await a.get(`conversations/${id}/items?limit=1`)).body['data']))
      .toEqual(['so far']);
    await passTime(url, 1300 * SECOND);
    expect((await a.get(`conversations/${id}`)).status).toBe(404);
    for (const [method, path] of [
      ['DELETE', ''],
      ['GET', '/items'],
      ['POST', ''],
    ] as const) {
      expect((await a.ask(method, `conversations/${id}${path}`, method === 'POST' ? {} : undefined)).status).toBe(404);
    }
  });
});

describe('a gateway that keeps nothing (responses.store: off)', () => {
  it('answers, says store: false, and refuses what needs state', async () => {
    const { a, upstream } = await openScene(`${temporaryFolder()}/s.db`, { responses: '{ store: off }' });
    for (const store of [undefined, true, false]) {
      const made = await a.create({ input: 'one', ...(store === undefined ? {} : { store }) });
      expect([made.status, made.body['store']]).toEqual([200, false]);
      expect((await a.get(`responses/${made.id}`)).status).toBe(404);
    }
    for (const [body, param] of [
      [{ previous_response_id: 'resp_x' }, 'previous_response_id'],
      [{ conversation: 'conv_x' }, 'conversation'],
      [{ background: true }, 'background'],
      [{ input: [{ type: 'item_reference', id: 'msg_x' }] }, 'input'],
    ] as const) {
      const refused = await a.create({ input: 'two', ...body });
      expect([refused.status, refused.error['param']]).toEqual([400, param]);
    }
    expect(upstream.requests).toHaveLength(3);
    for (const [method, path] of [
      ['POST', 'conversations'],
      ['GET', 'conversations'],
      ['GET', 'conversations/conv_x/items'],
      ['DELETE', 'responses/resp_x'],
      ['POST', 'responses/resp_x/cancel'],
    ] as const) {
      const refused = await a.ask(method, path);
      expect([refused.status, refused.error['message']]).toEqual([
        404,
        expect.stringContaining('responses.store: off'),
      ]);
    }
  });
});
