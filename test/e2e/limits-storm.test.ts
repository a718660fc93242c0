import { Agent, request } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { createChance } from '../../lab/chance.ts';
import { recordOf } from '../../src/protocol/json.ts';
import { chatCompletion, chatStream } from '../support/chat-answers.ts';
import { chatError } from '../support/fallback-pair.ts';
import { type GovernedScene, runGoverned, toNano } from '../support/governed.ts';
import type { UpstreamAnswer, UpstreamRequestRecord } from '../support/upstream.ts';

/** What becomes of a call, by its only message. */
const FATES = ['whole', 'stream', 'fallback', 'retry', 'rescue', 'hedge', 'leaves', 'embed', 'dead'] as const;
type Fate = (typeof FATES)[number];

const STREAM = chatStream('The', ' sea', ' is calm to-night.');
const CUT: UpstreamAnswer = { ...STREAM, destroyAfterBytes: 480 };

function fateOf({ body }: UpstreamRequestRecord): { fate: Fate; isStream: boolean } {
  const { messages, stream } = recordOf(body);
  const text = JSON.stringify(messages ?? 'embed');
  return { fate: FATES.find((fate) => text.includes(fate)) ?? 'whole', isStream: stream === true };
}

/** The one provider; the other one, which steps in, always answers but for those that are to die. */
function answer(asked: UpstreamRequestRecord, number: number): UpstreamAnswer {
  const { fate, isStream } = fateOf(asked);
  const good = isStream ? STREAM : chatCompletion('The sea is calm to-night.');
  switch (fate) {
    case 'fallback':
      return chatError(404, 'model_not_found');
    case 'dead':
      return chatError(503, 'overloaded');
    case 'retry':
      return number % 2 === 0 ? chatError(503, 'overloaded') : good;
    case 'rescue':
      return CUT;
    case 'hedge':
    case 'leaves':
      return { ...good, isSilent: true };
    case 'embed':
      return {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          data: [],
          ...(number % 2 === 0 ? { usage: { prompt_tokens: 5, total_tokens: 5 } } : {}),
        }),
      };
    default:
      return good;
  }
}

async function runStorm(settings: Parameters<typeof runGoverned>[0]): Promise<GovernedScene> {
  const scene = await runGoverned({
    m: 'hedge: { after: 60ms }',
    ...settings,
    rest: 'breaker: { failures: 1000000 }\n',
  });
  scene.upstream.answer(answer);
  scene.fallback.answer((asked) => {
    const { fate, isStream } = fateOf(asked);
    if (fate === 'dead') return chatError(500, 'server_error');
    return isStream ? STREAM : chatCompletion('The sea is calm to-night.');
  });
  return scene;
}

/** A client that reads its answer to the end, or leaves in the middle of it. */
async function call({ gateway }: GovernedScene, agent: Agent, fate: Fate, leaveAfterMs: number): Promise<number> {
  const isStream = !['whole', 'embed', 'retry'].includes(fate);
  const body =
    fate === 'embed'
      ? { model: 'embed', input: 'Hello' }
      : { model: 'm', stream: isStream, max_tokens: 100, messages: [{ role: 'user', content: fate }] };
  const leaving = new AbortController();
  if (fate === 'leaves') setTimeout(() => leaving.abort(), leaveAfterMs);
  try {
    const { statusCode, body: read } = await request(
      `${gateway.url}/v1/${fate === 'embed' ? 'embeddings' : 'chat/completions'}`,
      {
        method: 'POST',
        dispatcher: agent,
        signal: leaving.signal,
        headers: { authorization: 'Bearer key-a', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      },
    );
    await read.dump();
    return statusCode;
  } catch {
    return 499;
  }
}

function createAgent(connections: number): Agent {
  const agent = new Agent({ connections, pipelining: 1 });
  onTestFinished(() => agent.destroy());
  return agent;
}

async function ended({ gateway }: GovernedScene): Promise<void> {
  const headers = { authorization: 'Bearer key-admin' };
  const inFlight = async (): Promise<unknown> => {
    const response = await fetch(`${gateway.url}/v1/requests?all=true`, { headers });
    return recordOf(await response.json())['data'];
  };
  await expect.poll(inFlight, { timeout: 20_000, interval: 100 }).toEqual([]);
}

it('a thousand calls at once, of every kind, spend what they cost, and no more than is there', async () => {
  const limit = 0.11;
  const scene = await runStorm({ budget: `{ day: ${limit} }` });
  const agent = createAgent(1000);
  const random = createChance(7);
  const fates = Array.from({ length: 1000 }, (_, at) => FATES[at % FATES.length] ?? 'whole');
  const statuses = await Promise.all(fates.map((fate) => call(scene, agent, fate, 20 + random() * 200)));
  await ended(scene);
  const [records, left, cost] = [await scene.records(), await scene.left(), await scene.cost()];
  // What is neither spent nor left would be held.
  expect(left).toBe(toNano(limit) - cost);
  expect(left).toBeGreaterThanOrEqual(0);
  const refused = records.filter(({ error_code }) => error_code === 'budget_exceeded');
  for (const { attempts, cost_usd: usd } of refused) if (attempts === 0) expect(usd).toBeNull();
  expect(statuses.filter((status) => status === 402).length).toBeGreaterThan(100);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(50);
  expect(statuses.every((status) => [200, 402, 499, 500, 502, 503].includes(status))).toBe(true);
}, 120_000);

it('two thousand calls of random fate leave the limits as they were', async () => {
  const limits = '{ concurrency: 40, rpm: 10000000, tpm: 1000000000 }';
  const scene = await runStorm({ limits, budget: '{ day: 1000 }' });
  const agent = createAgent(50);
  const random = createChance(11);
  let made = 0;
  const client = async (): Promise<void> => {
    while (made < 2000) {
      made++;
      // Those that wait for something are the fewest, so that the test takes seconds.
      const fate = random() < 0.9 ? FATES[Math.floor(random() * 5)] : FATES[Math.floor(random() * FATES.length)];
      await call(scene, agent, fate ?? 'whole', random() * 50);
    }
  };
  await Promise.all(Array.from({ length: 50 }, client));
  await ended(scene);
  const [left, cost] = [await scene.left(), await scene.cost()];
  expect(left).toBe(toNano(1000) - cost);
  scene.upstream.answer({ ...STREAM, isSilent: true });
  const before = scene.upstream.requests.length;
  const hanging = Array.from({ length: 41 }, () => scene.post({ stream: true, fallbacks: [] }));
  const first = await Promise.race(hanging);
  expect(first.code).toBe('concurrency_limit_exceeded');
  await scene.upstream.request(before + 40);
  scene.upstream.release();
  const answered = await Promise.all(hanging);
  expect(answered.filter(({ status }) => status === 200)).toHaveLength(40);
}, 120_000);
