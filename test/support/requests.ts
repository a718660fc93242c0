import type { CallSummary } from '../../src/calls/summary.ts';
import { parseJson, recordOf } from '../../src/protocol/json.ts';

/** Two client keys, `key-a` and `key-b`, and no wait at the end. */
export const TWO_KEYS = 'auth: { keys: [{ name: a, key: key-a }, { name: b, key: key-b }] }\nserver: { drain: 0ms }\n';

/** An answer of `/v1/requests`: a body that is JSON, whatever its status. */
export interface RequestsAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Partial<CallSummary> & { readonly cancelled?: true; readonly data?: readonly CallSummary[] } & {
    readonly has_more?: boolean;
    readonly next_cursor?: string | null;
  };
  /** Of the error; undefined where there is none. */
  readonly code: unknown;
}

/** The endpoints under `/v1/requests`, asked with one client key. */
export interface Requests {
  /** @param query with its question mark */
  list(query?: string): Promise<RequestsAnswer>;
  one(id: string, query?: string): Promise<RequestsAnswer>;
  cancel(id: string, query?: string): Promise<RequestsAnswer>;
  /** Takes a stream up; without a number, from its beginning. */
  resume(id: string, lastEventId?: number | string, signal?: AbortSignal): Promise<Response>;
}

export function requestsOf({ url }: { readonly url: string }, key = 'any'): Requests {
  const authorization = `Bearer ${key}`;
  const ask = async (path: string, method = 'GET'): Promise<RequestsAnswer> => {
    const response = await fetch(`${url}/v1/requests${path}`, { method, headers: { authorization } });
    const body = recordOf(parseJson(await response.text()));
    return { status: response.status, headers: response.headers, body, code: recordOf(body['error'])['code'] };
  };
  return {
    list: (query = '') => ask(query),
    one: (id, query = '') => ask(`/${id}${query}`),
    cancel: (id, query = '') => ask(`/${id}${query}`, 'DELETE'),
    resume: (id, lastEventId, signal) =>
      fetch(`${url}/v1/requests/${id}/stream`, {
        headers: { authorization, ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }) },
        signal: signal ?? null,
      }),
  };
}

/** Header fields of a call with an id of the client's own. */
export function named(id: string, more: Readonly<Record<string, string>> = {}): RequestInit {
  return { headers: { 'x-request-id': id, authorization: 'Bearer key-a', ...more } };
}

/** The same, for a stream that can be taken up again. */
export function resumable(id: string): RequestInit {
  return named(id, { 'x-sluice-resumable': 'true' });
}
