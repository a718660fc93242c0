import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { recordOf } from '../../src/protocol/json.ts';
import { openSqliteFile } from '../support/sqlite-file.ts';
import { describeOnEngines, eventsOf, openScene, stalling, typesOf, wordsOf } from '../support/stored.ts';

/** Several tries: SQLite gives up a locked file after a quarter of a second, the setting a commit after half of one. */
const AWAY_MS = 1400;
/** Less than what a commit takes on a busy machine would give up those that are done in the end. */
const SETTINGS = { responses: '{ commit: 500ms }' };

/** Takes the tables away from the gateway. @returns gives them back, after a last statement */
async function takeAway(url: string): Promise<(statement?: string) => Promise<void>> {
  if (!url.startsWith('postgres:')) {
    const db = openSqliteFile(url);
    db.exec('BEGIN IMMEDIATE');
    return async (statement = '') => {
      db.exec(`${statement}; COMMIT`);
      db.close();
    };
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE responses IN ACCESS EXCLUSIVE MODE');
  return async (statement = '') => {
    await client.query(`${statement}; COMMIT`);
    await client.end();
  };
}

describeOnEngines('an answer whose store is away for a moment at its end', (createUrl) => {
  it('is kept in the background nevertheless, before its last event is told', async () => {
    const url = await createUrl();
    const { a, gateway, upstream } = await openScene(url, SETTINGS);
    upstream.answer(stalling('so ', 'far'));
    const followed = await a.open('POST', 'responses', { model: 'm', input: 'one', background: true, stream: true });
    const id = followed.headers.get('x-request-id') ?? '';
    const whole = await a.create({ input: 'two', background: true });
    await upstream.request(2);
    const giveBack = await takeAway(url);
    upstream.release();
    await expect.poll(async () => wordsOf((await a.get(`responses/${id}`)).body['output'])).toEqual(['so far']);
    await wait(AWAY_MS);
    expect((await a.get(`responses/${id}`)).body).toMatchObject({ status: 'in_progress', usage: null });
    await giveBack();
    const events = eventsOf(await followed.text());
    expect(typesOf(events).at(-1)).toBe('completed');
    const last = recordOf(events.at(-1)?.['response']);
    expect([last['store'], wordsOf(last['output'])]).toEqual([true, ['so far']]);
    expect((await a.get(`responses/${id}`)).body).toEqual(last);
    const again = await a.open('GET', `responses/${id}?stream=true`);
    expect(eventsOf(await again.text())).toEqual(events);
    await expect.poll(async () => (await a.get(`responses/${whole.id}`)).body['status']).toBe('completed');
    expect((await a.create({ input: 'three', previous_response_id: whole.id, background: true })).status).toBe(200);
    expect(gateway.log.join()).not.toContain('an answer was not kept');
  });

  it('of a conversation waits for it as long as its end may wait', async () => {
    const url = await createUrl();
    const { a, upstream } = await openScene(url, { responses: '{ commit: 15s }' });
    const { id } = await a.ask('POST', 'conversations', {});
    upstream.answer(stalling('so ', 'far'));
    const asked = a.create({ input: 'one', conversation: id });
    await upstream.request(1);
    const giveBack = await takeAway(url);
    upstream.release();
    await wait(AWAY_MS);
    await giveBack();
    const { body } = await asked;
    expect([body['status'], body['store']]).toEqual(['completed', true]);
    expect(wordsOf((await a.get(`conversations/${id}/items?order=asc`)).body['data'])).toEqual(['one', 'so far']);
  });

  it('is lost where another gateway was back first, and has said that it failed', async () => {
    const url = await createUrl();
    const { a, gateway, upstream } = await openScene(url, SETTINGS);
    upstream.answer(stalling('so ', 'far'));
    const followed = await a.open('POST', 'responses', { model: 'm', input: 'one', background: true, stream: true });
    const id = followed.headers.get('x-request-id') ?? '';
    await upstream.request(1);
    const giveBack = await takeAway(url);
    upstream.release();
    await expect.poll(async () => wordsOf((await a.get(`responses/${id}`)).body['output'])).toEqual(['so far']);
    await giveBack(`UPDATE responses SET status = 'failed', output = '[]' WHERE id = '${id}'`);
    const last = eventsOf(await followed.text()).at(-1);
    expect(last).toMatchObject({ type: 'response.completed', response: { store: false } });
    expect((await a.get(`responses/${id}`)).body['status']).not.toBe('completed');
    await expect.poll(() => gateway.log.join()).toContain('another gateway has ended it');
  });

  it('ends without it where it is cancelled meanwhile, and says so', async () => {
    const url = await createUrl();
    const { a, gateway, upstream } = await openScene(url, SETTINGS);
    upstream.answer(stalling('so ', 'far'));
    const { id } = await a.create({ input: 'one', background: true, stream: false });
    await upstream.request(1);
    const giveBack = await takeAway(url);
    upstream.release();
    await expect.poll(async () => wordsOf((await a.get(`responses/${id}`)).body['output'])).toEqual(['so far']);
    expect((await a.ask('DELETE', `requests/${id}`)).status).toBe(200);
    await expect.poll(() => gateway.log.join()).toContain('an answer was not kept');
    await giveBack();
  });
});
