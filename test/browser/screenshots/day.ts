import type { Clock } from './clock.ts';
import { ADMIN, type Scene } from './gateway.ts';
import { documentOf } from './words.ts';

/** How many calls each hour has, beginning with the earliest. */
const HOURS = [3, 2, 2, 5, 9, 8, 5, 3, 2, 1, 2, 4, 8, 14, 22, 26, 20, 15, 21, 27, 25, 22];
/** How many calls the minutes of the last hour have, in turn. */
const MINUTES = [1, 1, 1, 2];
/** Which models the calls name, in turn. */
const MODELS = ['swift', 'deep', 'swift', 'demo', 'auto', 'deep', 'swift', 'elder'];
/** How long a client waits that then leaves. */
const LEAVES_MS = 700;
/** From one to the next of what is made one after another: what is of one moment is listed in any order. */
const BETWEEN_MS = 2400;
/** Calls that go on while pictures are taken, and how many seconds after the time of the pictures they begin. */
const IN_FLIGHT = [
  [900, 6],
  [5200, 9],
] as const;
/** What comes in between, by the number of the call. */
const MISHAPS: readonly (readonly [every: number, body: object])[] = [
  [53, { model: 'demo:500', fallbacks: [] }],
  [19, { model: 'demo:cut', fallbacks: ['swift'] }],
  [71, { model: 'demo:cut', fallbacks: [] }],
];

/** The last three of them make calls. */
const KEYS = [
  { name: 'finance', kind: 'management', org_id: 'acme' },
  { name: 'old-importer', org_id: 'acme', disabled: true },
  { name: 'notebooks', models: ['swift', 'demo*'], max_parallel_requests: 20 },
  { name: 'web', org_id: 'acme', limit: 3, limit_reset: 'daily', rpm_limit: 120 },
  { name: 'mobile', org_id: 'acme', budgets: { day: 1, month: 10 } },
];

/** How long before the pictures the day begins, in minutes. */
export const DAY_MINUTES = (HOURS.length + 1) * 60;

/** Makes organisations and keys, and then calls at hours of a day, up to the time of the pictures. */
export async function makeDay(scene: Scene): Promise<void> {
  const { url, clock } = scene;
  const made = await makeKeys(scene);
  const secrets = [...made, 'the-key-of-the-night'];
  const calls = createCalls(url, secrets);
  for (const [at, count] of HOURS.entries()) {
    clock.setBefore((HOURS.length - at) * 60 + 10);
    await calls.make(count);
  }
  await makeTitles(url, clock);
  for (let before = 59; before > 0; before--) {
    clock.setBefore(before);
    await calls.make(MINUTES[before % MINUTES.length] ?? 1);
    if (before % 20 === 0) await leaveCall(url, clock);
  }
  clock.setBefore(0);
  await scene.putDownUse(made);
}

/** Begins calls that go on while pictures are taken, until the signal. */
export async function beginCalls({ url, clock }: Scene, signal: AbortSignal): Promise<void> {
  for (const [tokens, seconds] of IN_FLIGHT) {
    clock.setBefore(-seconds / 60);
    await readCall(url, tokens, signal);
  }
}

async function leaveCall(url: string, clock: Clock): Promise<void> {
  const leaving = new AbortController();
  await readCall(url, 2000, leaving.signal);
  await clock.pass(LEAVES_MS);
  leaving.abort();
}

/** Reads a slow answer until the signal: what is not read would be given up. Resolves when it has begun. */
async function readCall(url: string, tokens: number, signal: AbortSignal): Promise<void> {
  const answer = await post(url, ADMIN, bodyOf('careful', tokens), signal);
  void answer.text().catch(() => undefined);
}

/** Conversations that the list has beside the one that is shown. */
async function makeTitles(url: string, clock: Clock): Promise<void> {
  for (const title of ['Tides and the Moon', 'A letter to the landlord', 'Regular expressions that are slow']) {
    await ask(url, '/v1/conversations', { metadata: { title } });
    await clock.pass(BETWEEN_MS);
  }
}

async function makeKeys({ url, clock }: Scene): Promise<string[]> {
  await ask(url, '/v1/orgs', { id: 'acme', name: 'Acme', limit: 25, limit_reset: 'monthly' });
  const made: string[] = [];
  for (const key of KEYS) {
    made.push((await ask(url, '/v1/keys', key)).key);
    await clock.pass(BETWEEN_MS);
  }
  return made.slice(-3);
}

function createCalls(url: string, secrets: readonly string[]) {
  let number = 0;
  const one = async (): Promise<void> => {
    const at = number++;
    const model = MODELS[at % MODELS.length] ?? 'swift';
    const [, mishap = {}] = MISHAPS.find(([every]) => at % every === every - 1) ?? [];
    // Keys in longer turns than the models, so that each has all of them; this one may not ask for the dear ones.
    const secret = secrets[Math.floor(at / 3) % secrets.length] ?? ADMIN;
    const body = bodyOf(model, 1500 + ((at * 911) % 13) * 1400, mishap);
    const response = await post(url, secret, body);
    await response.text();
  };
  // One after another: of two at a time it would be chance which is the first.
  return {
    async make(count: number): Promise<void> {
      for (let made = 0; made < count; made++) await one();
    },
  };
}

function bodyOf(model: string, tokens: number, rest: object = {}): object {
  const body = { model, messages: [{ role: 'user', content: documentOf(tokens) }], ...rest };
  // Where the demo model streams it takes its time, and by another clock.
  return { ...body, stream: body.model !== 'demo' };
}

async function ask(url: string, path: string, body: object): Promise<{ readonly key: string }> {
  const response = await post(url, ADMIN, body, null, path);
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as { key: string };
}

function post(url: string, secret: string, body: object, signal: AbortSignal | null = null, path?: string) {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body), signal };
  return fetch(`${url}${path ?? '/v1/chat/completions'}`, init);
}
