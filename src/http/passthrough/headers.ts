import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Key } from '../../access/keys.ts';
import type { PassedCall } from '../../calls/call.ts';
import { maskSecrets } from '../../protocol/secrets.ts';
import type { Provider } from '../../providers/provider.ts';
import type { PoolKey } from '../../upstream/key-pool.ts';
import { headersOf } from '../call-headers.ts';

const REQUEST_HEADERS = new Set([
  'accept',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'range',
  'idempotency-key',
  'openai-beta',
  'user-agent',
]);
const RESPONSE_HEADERS =
  /^(content-.*|accept-ranges|cache-control|date|etag|last-modified|location|openai-.*|retry-after.*|x-ratelimit-.*|x-should-retry)$/;
/** Whose account it is, is the operator's business. */
const PRIVATE_HEADERS = new Set(['openai-organization', 'openai-project']);

/** The client's headers that may travel, and the provider's own. */
export function headersFor(
  provider: Provider,
  key: PoolKey | null,
  from: IncomingHttpHeaders,
  body: Buffer | null,
): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {
    ...Object.fromEntries(Object.entries(from).filter(([name]) => REQUEST_HEADERS.has(name))),
    // What is compressed shows neither its tokens nor a key that an error repeats, and streams of it come in clumps.
    'accept-encoding': 'identity',
    ...provider.headers,
    ...(key === null ? {} : provider.kind.openai.authHeaders(key.value)),
  };
  if (body === null) return headers;
  // It was inflated and put together while it was read.
  const { 'content-encoding': _encoding, 'transfer-encoding': _transfer, ...rest } = headers;
  return { ...rest, 'content-length': String(body.length) };
}

/**
 * What a client may see of an answer's headers: providers repeat in them what was sent, as in `location`.
 * @param key one with limits, and any that was made at run time or is of an organisation, is not told of those of the operator's
 * account: they show what others use of it
 */
export function visibleHeaders(
  from: IncomingHttpHeaders,
  secrets: readonly string[],
  { isGoverned, hash, org }: Pick<Key, 'isGoverned' | 'hash' | 'org'>,
): OutgoingHttpHeaders {
  const isTold = !isGoverned && hash === null && org === null;
  const visible = Object.entries(from).filter(
    ([name]) =>
      RESPONSE_HEADERS.test(name) && !PRIVATE_HEADERS.has(name) && (isTold || !name.startsWith('x-ratelimit-')),
  );
  const mask = (value: string): string => maskSecrets(value, secrets);
  return Object.fromEntries(
    visible.map(([name, value = '']) => [name, Array.isArray(value) ? value.map(mask) : mask(value)]),
  );
}

/** The gateway's own headers of an answer; no model where none was named. */
export function answerHeaders(call: PassedCall, now: number): Readonly<Record<string, string>> {
  const { 'x-sluice-model': model = '', ...headers } = headersOf(call, now);
  return model === '' ? headers : { ...headers, 'x-sluice-model': model };
}
