import { chatCompletion, chatStream } from './chat-answers.ts';
import { runGateway, type TestGateway } from './gateway.ts';
import { runUpstream, type TestUpstream, type UpstreamAnswer } from './upstream.ts';

/** A gateway with model `m`, and `other` to step in for it, each on a provider of its own. */
export interface FallbackPair {
  readonly primary: TestUpstream;
  readonly fallback: TestUpstream;
  readonly gateway: TestGateway;
  /** Attempts on primary and fallback so far. */
  attempts(): [number, number];
}

export interface PairOptions {
  /** Settings of model `m`, and of `other`, as YAML. */
  readonly m?: string;
  readonly other?: string;
  /** How long a client waits for a sign of life; default 15 s. */
  readonly keepalive?: string;
  /** More of the configuration. */
  readonly rest?: string;
}

/** Waits that a test can afford. The deadlines are the usual ones: shorter ones end what goes well on a machine that stands still. */
export const QUICK = 'server: { drain: 0ms }\nretry: { initial_delay: 40ms, max_delay: 120ms }\n';
/** Settings of a model whose provider falls silent in mid-stream, which is waited for. */
export const IMPATIENT = 'timeouts: { idle: 400ms }';

/** Both providers answer as told by the test; until then the primary is broken, and the fallback says "I step in". */
export async function runPair({
  m = '',
  other = '',
  keepalive = '15s',
  rest = '',
}: PairOptions = {}): Promise<FallbackPair> {
  const [primary, fallback] = await Promise.all([runUpstream({ status: 503 }), runUpstream()]);
  fallback.answer(({ body }) => (isStream(body) ? chatStream('I', ' step', ' in') : chatCompletion('I step in')));
  const provider = (url: string): string => `{ kind: openai-compatible, base_url: "${url}/v1" }`;
  const gateway = await runGateway(
    `providers:\n  p: ${provider(primary.url)}\n  f: ${provider(fallback.url)}\n` +
      `models:\n  m: { provider: p, fallbacks: [other], ${m} }\n  other: { provider: f, ${other} }\n` +
      `${QUICK.replace('drain: 0ms', `drain: 0ms, keepalive: ${keepalive}`)}${rest}`,
  );
  return { primary, fallback, gateway, attempts: () => [primary.requests.length, fallback.requests.length] };
}

function isStream(body: unknown): boolean {
  return (body as { stream?: boolean }).stream === true;
}

/** An error as OpenAI words it. */
export function chatError(status: number, code: string, headers: Record<string, string> = {}): UpstreamAnswer {
  const error = { message: `The provider says ${code}.`, type: 'error', param: null, code };
  return { status, headers, body: JSON.stringify({ error }) };
}
