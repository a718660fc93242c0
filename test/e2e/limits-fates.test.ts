import { request as httpRequest } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createChance } from '../../lab/chance.ts';
import { type JsonRecord, recordsOf } from '../../src/protocol/json.ts';
import { ACCESS_ENGINES } from '../support/access.ts';
import { CHATS, configOfFates } from '../support/fates.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { toNano } from '../support/governed.ts';
import { type Ask, askOf, makeKeyElsewhere } from '../support/managed.ts';

const CALLS = 500;
const SEED = 5;
/** What changes holds within a second; a busy machine may be late. */
const HOLDS_MS = 1500;
const KEYS = 4;
const CLIENTS = 24;

/** Limits that are in the way of none. */
const OPEN = {
  limit: 1000,
  limit_reset: 'daily',
  rpm_limit: null,
  tpm_limit: null,
  max_parallel_requests: null,
  model_limits: null,
};
/** Limits that are in the way of some calls, or of all. */
const TIGHT: readonly object[] = [
  { limit: 0.05 },
  { limit: 1 },
  { limit: 0 },
  { limit: null },
  { rpm_limit: 100_000 },
  { rpm_limit: 0 },
  { tpm_limit: 1e9 },
  { tpm_limit: 1e8 },
  { tpm_limit: 0 },
  { max_parallel_requests: 10 },
  { max_parallel_requests: 3 },
  { max_parallel_requests: 0 },
  { model_limits: { dear: { rpm_limit: 10_000, max_parallel_requests: 3 } } },
];

interface LiveKey {
  hash: string;
  secret: string;
}

/** Calls and changes of limits at random, over one gateway. */
class Storm {
  readonly gateway: TestGateway;
  readonly boss: Ask;
  readonly keys: LiveKey[] = [];
  readonly statuses = new Map<string, number>();
  readonly #random: () => number;
  readonly #agent: Agent;
  #made = 0;

  constructor(gateway: TestGateway, boss: Ask, agent: Agent) {
    this.gateway = gateway;
    this.boss = boss;
    this.#agent = agent;
    this.#random = createChance(SEED);
  }

  async makeKey(at: number): Promise<void> {
    const body = { name: `key ${at}`, org_id: 'acme', limit: 50, limit_reset: 'daily' };
    const made = await this.boss('POST', '/v1/keys', body);
    expect(made.status).toBe(201);
    this.keys[at] = { hash: String(made.data['hash']), secret: String(made.body['key']) };
  }

  async client(): Promise<void> {
    while (this.#made < CALLS) {
      const number = this.#made++;
      await (number % 12 === 0 ? this.change() : this.call(number));
    }
  }

  async call(number: number): Promise<void> {
    const kind = this.#below(10);
    if (kind === 0) return this.#form(this.#below(2) === 0);
    if (kind === 1) return this.#ask('embeddings', { model: 'embed', input: 'Hello' });
    if (kind <= 3) return this.#ask('completions', { model: 'm', prompt: 'Hi', stream: true }, {}, this.#leaving(0.3));
    const fate = CHATS[this.#below(CHATS.length)] ?? 'whole';
    const isStream = fate === 'whole' ? false : fate !== 'large' || this.#below(2) === 0;
    const content = fate === 'large' ? `large${' word'.repeat(60_000)}` : fate;
    const body = { model: 'm', stream: isStream, messages: [{ role: 'user', content }] };
    const headers: Record<string, string> = {};
    if (fate === 'silent') headers['x-sluice-timeout'] = '150ms';
    if (this.#below(12) === 0) headers['x-sluice-resumable'] = 'true';
    // Of two calls with one id the second is refused, where they meet.
    if (this.#below(6) === 0) headers['x-request-id'] = `twin-${number}`;
    const asked = this.#ask('chat/completions', body, headers, this.#leaving(0.2));
    if ('x-request-id' in headers) await this.#ask('chat/completions', body, headers);
    await asked;
  }

  async change(): Promise<void> {
    const at = this.#below(KEYS);
    const key = this.keys[at] as LiveKey;
    const path = `/v1/keys/${key.hash}`;
    const kind = this.#below(8);
    if (kind === 0) {
      const { config } = this.gateway.snapshot();
      await this.gateway.reload(() => ({ ...config, governance: { ...config.governance } }));
    } else if (kind === 1) {
      const rotated = await this.boss('POST', `${path}/rotate`, { grace: this.#below(2) === 0 ? '0' : '1h' });
      if (rotated.status === 200 && this.keys[at] === key) key.secret = String(rotated.body['key']);
    } else if (kind === 2) {
      const gone = await this.boss('DELETE', `${path}${this.#below(2) === 0 ? '?cancel=true' : ''}`);
      if (gone.status === 200) await this.makeKey(at);
    } else if (kind === 3) await this.boss('PATCH', '/v1/orgs/acme', this.#below(3) === 0 ? this.#limits() : OPEN);
    else await this.boss('PATCH', path, this.#limits());
  }

  /** Mostly one of them is in the way, seldom of all calls. */
  #limits(): object {
    const { length } = TIGHT;
    return { ...OPEN, on_exhausted: this.#below(2) === 0 ? 'cut' : 'finish', ...TIGHT[this.#below(length + 3)] };
  }

  #leaving(share: number): AbortSignal | undefined {
    if (this.#random() > share) return undefined;
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(), this.#below(60));
    return leaving.signal;
  }

  async #ask(path: string, body: object, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<void> {
    const { secret } = this.keys[this.#below(KEYS)] as LiveKey;
    try {
      const { statusCode, body: read } = await request(`${this.gateway.url}/v1/${path}`, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        ...(signal ? { signal } : {}),
      });
      await read.dump({ limit: 10_000_000 });
      this.#count(String(statusCode));
    } catch {
      this.#count('broken');
    }
  }

  /** A form that asks for some pictures behind the one that it brings; or that is broken off. */
  #form(isBroken: boolean): Promise<void> {
    const { secret } = this.keys[this.#below(KEYS)] as LiveKey;
    const count = [2, 4, 5000][this.#below(3)];
    const { promise, resolve } = Promise.withResolvers<void>();
    const sent = httpRequest(`${this.gateway.url}/v1/images/edits`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'multipart/form-data; boundary=abc' },
    });
    const ended = (status: string) => (): void => {
      this.#count(status);
      resolve();
    };
    sent.on('error', ended('broken'));
    sent.on('response', (got) => got.resume().on('close', ended(`form ${got.statusCode}`)));
    sent.write(`--abc\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\n${'x'.repeat(100_000)}`);
    sent.write('\r\n--ab');
    if (isBroken) setTimeout(() => sent.destroy(), this.#below(20));
    else sent.end(`c\r\ncontent-disposition: form-data; name="n"\r\n\r\n${count}\r\n--abc--\r\n`);
    return promise;
  }

  #count(status: string): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  #below(most: number): number {
    return Math.floor(this.#random() * most);
  }
}

async function recordsFrom(boss: Ask): Promise<readonly JsonRecord[]> {
  const found: JsonRecord[] = [];
  for (let cursor = ''; ; ) {
    const { status, body } = await boss('GET', `/v1/usage/records?limit=1000${cursor}`);
    expect(status).toBe(200);
    found.push(...recordsOf(body['data']));
    if (body['has_more'] !== true) return found;
    cursor = `&after=${String(body['next_cursor'])}`;
  }
}

function costOf(records: readonly JsonRecord[]): number {
  return records.reduce((sum, one) => sum + toNano(one['cost_usd']) + toNano(one['wasted_cost_usd']), 0);
}

/** Timers that keep a process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

/** Rejections that no one has heard of, from now on. */
function unheard(): readonly unknown[] {
  const found: unknown[] = [];
  const note = (error: unknown): void => void found.push(error);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  return found;
}

async function openStorm(databaseUrl: string): Promise<Storm> {
  const bossKey = await makeKeyElsewhere(databaseUrl);
  const gateway = await runGateway(await configOfFates(databaseUrl));
  const boss = askOf(gateway.url, bossKey);
  const agent = new Agent({ connections: 100, pipelining: 1 });
  onTestFinished(() => agent.destroy());
  await boss('POST', '/v1/orgs', { id: 'acme', ...OPEN });
  const storm = new Storm(gateway, boss, agent);
  for (let at = 0; at < KEYS; at++) await storm.makeKey(at);
  return storm;
}

/** What an organisation or a key says of its money, beside what the log says. */
async function moneyOf(boss: Ask, path: string, records: readonly JsonRecord[]): Promise<unknown[][]> {
  const { data } = await boss('GET', path);
  const cost = costOf(records);
  const told = [data['held'], toNano(data['usage_daily']), toNano(data['limit_remaining'])];
  return [told, [0, cost, toNano(OPEN.limit) - cost]];
}

describe.each(ACCESS_ENGINES)('calls whose limits change, on %s', (_engine, isSkipped, createUrl) => {
  it.skipIf(isSkipped)(
    'hold nothing at their end, whatever becomes of them, and have spent what the log says',
    async () => {
      const storm = await openStorm(await createUrl());
      const { boss, gateway, keys } = storm;
      const [rejections, timersBefore] = [unheard(), timers()];
      await Promise.all(Array.from({ length: CLIENTS }, () => storm.client()));
      const inFlight = async (): Promise<unknown> => (await boss('GET', '/v1/requests?all=true')).body['data'];
      await expect.poll(inFlight, { timeout: 20_000, interval: 100 }).toEqual([]);

      // One call more, of each key, passes only where none is counted any more.
      for (const path of ['/v1/orgs/acme', ...keys.map(({ hash }) => `/v1/keys/${hash}`)])
        expect((await boss('PATCH', path, { ...OPEN, max_parallel_requests: 1 })).status).toBe(200);
      await wait(HOLDS_MS);
      for (const { secret } of keys) {
        const call = { model: 'nil', messages: [{ role: 'user', content: 'Hi' }] };
        // What would still be counted would refuse it for good.
        await expect
          .poll(async () => (await askOf(gateway.url, secret)('POST', '/v1/chat/completions', call)).status)
          .toBe(200);
      }
      const records = await recordsFrom(boss);
      for (const { hash } of keys) {
        const own = records.filter(({ key_hash: of }) => of === hash);
        const [told, logged] = await moneyOf(boss, `/v1/keys/${hash}`, own);
        expect(told).toEqual(logged);
      }
      const [told, logged] = await moneyOf(boss, '/v1/orgs/acme', records);
      expect(told).toEqual(logged);
      expect(rejections).toEqual([]);
      await expect.poll(timers).toBeLessThanOrEqual(timersBefore + 5);
      for (const status of ['200', '402', '429', '409', 'form 200', 'form 402'])
        expect([...storm.statuses.keys()]).toContain(status);
    },
    600_000,
  );
});
