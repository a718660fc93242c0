/**
 * The configuration of the soaked gateway. Retries and deadlines are short, so that a call with a fault takes
 * milliseconds; streams that are over or left are kept for four seconds, so that a short rest is enough to be rid
 * of them. Breakers stay out of the way, but for `outage`.
 */
export function toSettings(providerUrl: string): string {
  return `server: { body_limit: 4mb }
resume: { grace: ${KEPT_MS}ms, keep: ${KEPT_MS}ms }
retry: { max_retries: 2, initial_delay: 2ms, max_delay: 50ms, budget: 10 }
breaker: { failures: 100000, window: 1s }
passthrough: { default: chat }
providers:
  chat: { kind: openai-compatible, base_url: ${providerUrl}/v1 }
  gemini: { kind: gemini, base_url: ${providerUrl}/v1beta, api_key: none }
models:
${Object.entries(MODELS)
  .map(([name, entry]) => `  ${name}: { ${entry} }\n`)
  .join('')}`;
}

/**
 * How long the streams of resumable calls are kept when nobody reads them, and once more when they are over. On a busy
 * machine it takes a caller two seconds to come back.
 */
export const KEPT_MS = 4000;

const PREFILL = 'fallbacks: [prefill]';
const BURST = 'fallbacks: [burst]';

/** `chat` and `gemini` are the same process in two languages; an upstream name is a behaviour of it. */
const MODELS: Readonly<Record<string, string>> = {
  burst: 'provider: chat',
  prefill: 'provider: chat, upstream: paced, capabilities: [prefill]',
  ...Object.fromEntries(
    ['paced', 'count', 'long', 'endless', 'tools', 'silent', 'once-429', 'once-500', 'once-reset'].map((name) => [
      name,
      'provider: chat',
    ]),
  ),
  ...Object.fromEntries(
    ['burst', 'paced', 'tools', 'endless', 'once-500'].map((name) => [
      `gemini-${name}`,
      `provider: gemini, upstream: ${name}`,
    ]),
  ),
  broken: 'provider: chat',
  refuses: 'provider: chat',
  cut: 'provider: chat',
  'cut-prefill': `provider: chat, upstream: cut, ${PREFILL}`,
  'cut-anew': `provider: chat, upstream: cut, ${BURST}`,
  'gemini-cut': `provider: gemini, upstream: cut, ${PREFILL}`,
  garbage: `provider: chat, ${PREFILL}`,
  stalls: `provider: chat, ${PREFILL}, timeouts: { idle: 100ms }`,
  'silent-first': `provider: chat, upstream: silent, ${BURST}, timeouts: { first_token: 100ms }`,
  late: `provider: chat, ${BURST}, hedge: { after: 20ms }`,
  close: `provider: chat, fallbacks: [gemini-burst], hedge: { after: 20ms }`,
  outage: `provider: chat, upstream: down, ${BURST}, breaker: { failures: 5, window: 30s, open_for: 200ms }`,
};
