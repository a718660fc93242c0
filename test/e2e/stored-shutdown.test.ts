import { once } from 'node:events';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { recordsOf } from '../../src/protocol/json.ts';
import { writeConfig } from '../support/config-files.ts';
import { type Program, startProgram } from '../support/program.ts';
import { openSqliteFile } from '../support/sqlite-file.ts';
import {
  clientOf,
  describeOnEngines,
  eventsOf,
  openScene,
  type StoredClient,
  stalling,
  storedConfig,
  typesOf,
  wordsOf,
} from '../support/stored.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

const STOPPED = { code: 'server_error', message: 'The gateway was stopped while this response was running.' };

/** The lease of ten seconds, and two starts of the program, on a machine that has more to do. */
const KILL_MS = 120_000;

/** The real program, with a response and a conversation's turn under way. */
interface Running {
  readonly program: Program;
  readonly config: string;
  readonly upstream: TestUpstream;
  readonly streamed: string;
  readonly turn: string;
  readonly conversation: string;
}

async function startRunning(url: string): Promise<Running> {
  const upstream = await runUpstream(stalling('so ', 'far'));
  const config = writeConfig(storedConfig(upstream.url, url));
  const program = await startProgram(config);
  const a = clientOf(program.url, 'key-a');
  const conversation = (await a.ask('POST', 'conversations', {})).id;
  const response = await a.open('POST', 'responses', { model: 'm', input: 'one', background: true, stream: true });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  while (!seen.includes('output_text.delta')) seen += (await reader?.read())?.value ?? '';
  reader?.cancel().catch(() => undefined);
  const turn = await a.create({ input: 'two', conversation, background: true });
  await upstream.request(2);
  return {
    program,
    config,
    upstream,
    streamed: /"id":"(resp_\w+)"/.exec(seen)?.[1] ?? '',
    turn: turn.id,
    conversation,
  };
}

const statusOf = async (client: StoredClient, id: string): Promise<unknown> =>
  (await client.get(`responses/${id}`)).body['status'];

/** As if the lease had been given ten seconds earlier. */
async function age(url: string): Promise<void> {
  const statements = [
    'UPDATE responses SET lease_until = lease_until - 10000 WHERE lease_until IS NOT NULL',
    'UPDATE threads SET locked_until = locked_until - 10000 WHERE locked_until IS NOT NULL',
  ];
  if (url.startsWith('postgres:')) {
    const client = new Client({ connectionString: url });
    await client.connect();
    for (const sql of statements) await client.query(sql);
    await client.end();
  } else {
    const db = openSqliteFile(url);
    for (const sql of statements) db.exec(sql);
    db.close();
  }
}

describeOnEngines('responses that run when their gateway ends', (createUrl) => {
  it(
    'have failed after kill -9 and a restart, and the conversation is free',
    async () => {
      const url = await createUrl();
      const { program, config, streamed, turn, conversation, upstream } = await startRunning(url);
      // Events are kept four times a second, what is not streamed as often as leases are renewed.
      await expect.poll(() => eventCount(url, streamed)).toBe(6);
      const client = clientOf(program.url, 'key-a');
      await expect.poll(() => keptOutput(url, turn)).toContain('so ');
      const told = wordsOf((await client.get(`responses/${turn}`)).body['output']);
      program.child.kill('SIGKILL');
      await once(program.child, 'exit');
      // On SQLite the real lease is waited for; elsewhere time is given to it.
      const isWaiting = !url.startsWith('postgres:');
      if (!isWaiting) await age(url);
      const { url: restarted } = await startProgram(config);
      const a = clientOf(restarted, 'key-a');
      for (const id of [streamed, turn]) {
        await expect.poll(() => statusOf(a, id), { timeout: 25_000, interval: 100 }).toBe('failed');
        const { body } = await a.get(`responses/${id}`);
        expect(body).toMatchObject({ error: STOPPED, usage: null, background: true });
        expect([wordsOf(body['output']), recordsOf(body['output'])]).toMatchObject([told, [{ status: 'incomplete' }]]);
      }
      const replayed = await a.open('GET', `responses/${streamed}?stream=true`);
      const events = eventsOf(await replayed.text());
      expect(typesOf(events).slice(0, 3)).toEqual(['created', 'queued', 'in_progress']);
      expect(typesOf(events).slice(-2)).toEqual(['error', 'failed']);
      expect(events.at(-1)).toMatchObject({ response: { id: streamed, status: 'failed', error: STOPPED } });
      expect(events.at(-1)?.['response']).toEqual((await a.get(`responses/${streamed}`)).body);
      const numbers = events.length;
      for (const after of [4, numbers - 3, numbers - 2, numbers - 1]) {
        const rest = await a.open('GET', `responses/${streamed}?stream=true&starting_after=${after}`);
        expect(eventsOf(await rest.text())).toEqual(events.slice(after + 1));
      }
      const asked = await a.get(`responses/${turn}/input_items`);
      expect(wordsOf(asked.body['data'])).toEqual(['two']);
      expect((await a.get(`conversations/${conversation}/items`)).ids).toEqual([]);
      upstream.answer(stalling());
      const next = await a.create({ input: 'again', conversation, background: true });
      expect(next.status).toBe(200);
    },
    KILL_MS,
  );

  it('come to their end within server.drain, and are kept', async () => {
    const { a, gateway, upstream, url } = await openDraining(await createUrl(), '10s');
    const { id } = await a.create({ input: 'one', background: true });
    await upstream.request(1);
    const stopped = gateway.stop();
    const refused = await a.create({ input: 'two', background: true });
    expect([refused.status, refused.error['code']]).toEqual([503, 'shutting_down']);
    expect(await statusOf(a, id)).toBe('in_progress');
    upstream.release();
    await stopped;
    const next = await openScene(url);
    const { body } = await next.a.get(`responses/${id}`);
    expect([body['status'], wordsOf(body['output'])]).toEqual(['completed', ['so far']]);
  });

  it('have failed with what they had said, where server.drain is over', async () => {
    const { a, gateway, url } = await openDraining(await createUrl(), '50ms');
    const { id } = await a.create({ input: 'one', background: true });
    await expect.poll(async () => wordsOf((await a.get(`responses/${id}`)).body['output'])).toEqual(['so ']);
    await gateway.stop();
    const next = await openScene(url);
    const { body } = await next.a.get(`responses/${id}`);
    expect([body['status'], wordsOf(body['output'])]).toEqual(['failed', ['so ']]);
    expect(body['error']).toEqual({ code: 'server_error', message: 'The gateway is stopping.' });
  });

  it('have failed after SIGTERM of the program', async () => {
    const url = await createUrl();
    const { program, config, streamed, turn } = await startRunning(url);
    const exited = once(program.child, 'exit');
    program.child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    const a = clientOf((await startProgram(config)).url, 'key-a');
    expect([await statusOf(a, streamed), await statusOf(a, turn)]).toEqual(['failed', 'failed']);
    const events = eventsOf(await (await a.open('GET', `responses/${streamed}?stream=true`)).text());
    expect(typesOf(events).slice(-2)).toEqual(['error', 'failed']);
  });
});

async function openDraining(url: string, drain: string) {
  const scene = await openScene(url, { server: `{ drain: ${drain} }` });
  scene.upstream.answer(stalling('so ', 'far'));
  return { ...scene, url };
}

async function eventCount(url: string, id: string): Promise<number> {
  return Number(await valueIn(url, `SELECT count(*) AS value FROM events WHERE response = '${id}'`));
}

async function keptOutput(url: string, id: string): Promise<string> {
  return String(await valueIn(url, `SELECT output AS value FROM responses WHERE id = '${id}'`));
}

async function valueIn(url: string, sql: string): Promise<unknown> {
  if (url.startsWith('postgres:')) {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(sql);
    await client.end();
    return rows[0].value;
  }
  const db = openSqliteFile(url, true);
  const row = db.prepare(sql).get();
  db.close();
  return row?.['value'];
}
