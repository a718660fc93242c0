import { join } from 'node:path';
import { type JsonRecord, numberOf, parseJson, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { temporaryFolder } from './config-files.ts';
import { runGateway, type TestGateway } from './gateway.ts';
import { runUpstream, type TestUpstream } from './upstream.ts';

/** What a client got. */
export interface GovernedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of the error, in JSON or as the last event; null where there is none. */
  readonly code: string | null;
}

/**
 * A gateway with a key `key-a` that has limits, one without (`key-free`), and an admin's; `m` on one provider costs 1 and 10 USD
 * per million tokens and falls back to `dear` on another, which costs ten times as much. `nil` costs nothing, `odd` has no price.
 */
export interface GovernedScene {
  readonly upstream: TestUpstream;
  readonly fallback: TestUpstream;
  readonly gateway: TestGateway;
  /** @param path below `/v1` */
  post(body: object, path?: string, headers?: Readonly<Record<string, string>>): Promise<GovernedAnswer>;
  /** Nano-USD of the budget that are neither spent nor held, as a call is told that costs nothing. */
  left(): Promise<number>;
  /** Every call on record, the newest first. */
  records(): Promise<readonly JsonRecord[]>;
  /** Nano-USD of all calls on record. */
  cost(): Promise<number>;
}

export interface GovernedSettings {
  /** Of the key, in YAML's flow style. */
  readonly limits?: string;
  readonly budget?: string;
  /** Of model `m`. */
  readonly price?: string;
  /** Settings of model `m`. */
  readonly m?: string;
  readonly dear?: string;
  /** More of the configuration. */
  readonly rest?: string;
}

const ADMIN = { authorization: 'Bearer key-admin' };

export async function runGoverned(settings: GovernedSettings = {}): Promise<GovernedScene> {
  const [upstream, fallback] = await Promise.all([runUpstream(), runUpstream()]);
  const gateway = await runGateway(configOf(upstream.url, fallback.url, settings));
  const post: GovernedScene['post'] = async (body, path = '/chat/completions', headers = {}) => {
    const response = await fetch(`${gateway.url}/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer key-a', ...headers },
      body: JSON.stringify({ model: 'm', ...(path.endsWith('completions') ? { messages: HELLO } : {}), ...body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, code: codeIn(text) };
  };
  const records = async (): Promise<readonly JsonRecord[]> => {
    const found: JsonRecord[] = [];
    for (let cursor = ''; ; ) {
      const response = await fetch(`${gateway.url}/v1/usage/records?limit=1000${cursor}`, { headers: ADMIN });
      const page = recordOf(await response.json());
      found.push(...recordsOf(page['data']));
      if (page['has_more'] !== true) return found;
      cursor = `&after=${String(page['next_cursor'])}`;
    }
  };
  return {
    upstream,
    fallback,
    gateway,
    post,
    async left() {
      const { headers } = await post({ model: 'nil', stream: false });
      return toNano(headers.get('x-sluice-budget-remaining'));
    },
    records,
    async cost() {
      const response = await fetch(`${gateway.url}/v1/usage`, { headers: ADMIN });
      const total = recordOf(recordOf(await response.json())['total']);
      return toNano(total['cost_usd']) + toNano(total['wasted_cost_usd']);
    },
  };
}

const HELLO = [{ role: 'user', content: 'Hello' }];

/** Nano-USD, of what is written in USD. */
export function toNano(usd: unknown): number {
  return Math.round((numberOf(usd) ?? 0) * 1e9);
}

function configOf(url: string, fallbackUrl: string, settings: GovernedSettings): string {
  const { limits = '{}', budget = '{}', price = '{ input: 1, output: 10 }', m = '', dear = '', rest = '' } = settings;
  const provider = (base: string): string => `{ kind: openai-compatible, base_url: "${base}/v1", api_key: k }`;
  return (
    `auth:\n  keys:\n    - { name: a, key: key-a, limits: ${limits}, budget: ${budget} }\n` +
    '    - { name: free, key: key-free }\n    - { name: admin, key: key-admin, admin: true }\n' +
    `providers:\n  p: ${provider(url)}\n  f: ${provider(fallbackUrl)}\n  demo: { kind: demo }\n` +
    `models:\n  m: { provider: p, fallbacks: [dear], prices: [${price}], ${m} }\n` +
    `  dear: { provider: f, prices: [{ input: 10, output: 100 }], ${dear} }\n` +
    '  embed: { provider: p, kind: embedding, prices: [{ input: 0.02, output: 0 }] }\n' +
    '  picture: { provider: p, fees: { image: 0.04 } }\n' +
    '  nil: { provider: demo, upstream: demo, prices: [{ input: 0, output: 0 }] }\n' +
    '  odd: { provider: demo, upstream: demo }\n' +
    `passthrough: { default: p }\nusage: { path: "${join(temporaryFolder(), 'usage.db')}" }\nserver: { drain: 0ms }\nretry: { initial_delay: 10ms }\n${rest}`
  );
}

function codeIn(text: string): string | null {
  const last = text.trimEnd().split('\n\n').at(-1) ?? '';
  const { error } = recordOf(parseJson(last.replace(/^(event: .*\n)?data: /, '')));
  return error === undefined ? null : String(recordOf(error)['code']);
}
