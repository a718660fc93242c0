import type { IncomingHttpHeaders } from 'node:http';
import type { Provider } from '../../providers/provider.ts';
import type { PoolKey } from '../../upstream/key-pool.ts';

const REQUEST_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'range',
  'expect',
  'idempotency-key',
  'openai-beta',
  'user-agent',
]);
const RESPONSE_HEADERS =
  /^(content-.*|transfer-encoding|accept-ranges|cache-control|date|etag|last-modified|location|openai-.*|retry-after.*|x-ratelimit-.*|x-should-retry)$/;

/** The client's headers that may travel, and the provider's own. */
export function headersFor(
  provider: Provider,
  key: PoolKey | null,
  from: IncomingHttpHeaders,
  body: Buffer | null,
): IncomingHttpHeaders {
  const headers = { ...from };
  keepOnly(headers, (name) => REQUEST_HEADERS.has(name));
  Object.assign(headers, provider.headers, key === null ? {} : provider.kind.openai.authHeaders(key.value));
  if (body === null) return headers;
  // It was inflated and put together while it was read.
  delete headers['content-encoding'];
  delete headers['transfer-encoding'];
  return { ...headers, 'content-length': String(body.length) };
}

/** Takes away what a client of the gateway does not see. */
export function keepVisible(headers: IncomingHttpHeaders): void {
  keepOnly(headers, (name) => RESPONSE_HEADERS.test(name));
}

function keepOnly(headers: IncomingHttpHeaders, isAllowed: (name: string) => boolean): void {
  for (const name of Object.keys(headers)) if (!isAllowed(name)) delete headers[name];
}
