import { type JsonRecord, parseJson, recordOf } from '../../src/protocol/json.ts';
import { nativeEvents, nativeMessage, nativeResponse, nativeStream } from './responses-upstream.ts';
import { createUpstream, type TestUpstream, type UpstreamAnswer, type UpstreamRequestRecord } from './upstream.ts';

/** A provider that keeps what it answers, each response in the account of the key that made it. */
export interface RemoteProvider extends TestUpstream {
  /** From now on this account is answered so. */
  refuse(key: string, answer: UpstreamAnswer): void;
  /** The next request is answered so. */
  instead(answer: UpstreamAnswer): void;
  /** Ends what runs in the background. */
  finish(): void;
  /** The ids of what an account keeps. */
  kept(key: string): readonly string[];
}

interface KeptThere {
  readonly account: string;
  readonly input: unknown;
  response: JsonRecord;
  events: readonly JsonRecord[];
}

/** Starts one. It answers `answer <n>`, in the background once it is told to finish. */
export async function createRemoteProvider(): Promise<RemoteProvider> {
  const upstream = await createUpstream();
  const all = new Map<string, KeptThere>();
  const refusals = new Map<string, UpstreamAnswer>();
  const next: UpstreamAnswer[] = [];
  let made = 0;

  const create = (account: string, body: JsonRecord): UpstreamAnswer => {
    const { previous_response_id: parent, background = false, input } = body;
    if (typeof parent === 'string' && all.get(parent)?.account !== account) {
      const message = `Previous response with id '${parent}' not found.`;
      return refused(400, message, 'previous_response_not_found', 'previous_response_id');
    }
    const id = `resp_there_${++made}_${'7'.repeat(30)}`;
    const said = nativeMessage(`answer ${made}`, { id: `msg_there_${made}` });
    const own = {
      id,
      background,
      store: body['store'] ?? true,
      metadata: body['metadata'] ?? {},
      previous_response_id: parent ?? null,
    };
    const events = nativeEvents([said]).map(
      (event, sequence_number): JsonRecord =>
        'response' in event
          ? { ...event, response: { ...recordOf(event['response']), ...own }, sequence_number }
          : { ...event, sequence_number },
    );
    const ended = recordOf(events.at(-1)?.['response']);
    const response = background ? { ...nativeResponse(own), status: 'queued' } : ended;
    if (own.store !== false) all.set(id, { account, input, response, events });
    if (body['stream'] === true) return nativeStream(events);
    return { body: JSON.stringify(response) };
  };

  upstream.answer((request) => {
    const account = String(request.headers.authorization).replace('Bearer ', '');
    const own = next.shift() ?? refusals.get(account);
    if (own !== undefined) return own;
    const [, id = '', action = '', query = ''] =
      /^\/v1\/responses(?:\/([^/?]+))?(?:\/(\w+))?(?:\?(.*))?$/.exec(request.path) ?? [];
    if (id === '') return create(account, recordOf(request.body));
    const found = all.get(id);
    if (found?.account !== account) return refused(404, `Response with id '${id}' not found.`, null);
    return answerFor(request, found, action, new URLSearchParams(query), () => all.delete(id));
  });
  return {
    ...upstream,
    requests: upstream.requests,
    refuse: (key, answer) => void refusals.set(key, answer),
    instead: (answer) => void next.push(answer),
    finish() {
      for (const kept of all.values()) kept.response = recordOf(kept.events.at(-1)?.['response']);
    },
    kept: (key) => [...all].filter(([, { account }]) => account === key).map(([id]) => id),
  };
}

function answerFor(
  { method }: UpstreamRequestRecord,
  kept: KeptThere,
  action: string,
  query: URLSearchParams,
  erase: () => void,
): UpstreamAnswer {
  const { response, events, input } = kept;
  if (method === 'DELETE') {
    erase();
    return { body: JSON.stringify({ id: response['id'], object: 'response.deleted', deleted: true }) };
  }
  if (action === 'cancel') {
    if (response['background'] !== true) return refused(400, 'Cannot cancel a synchronous response.', null);
    kept.response = { ...response, status: 'cancelled' };
    return { body: JSON.stringify(kept.response) };
  }
  if (action === 'input_items') {
    const data = [{ id: 'msg_in', type: 'message', role: 'user', content: input }];
    const list = { object: 'list', data, first_id: 'msg_in', last_id: 'msg_in', has_more: false };
    return { body: JSON.stringify({ ...list, asked: String(query) }) };
  }
  if (query.get('stream') !== 'true') return { body: JSON.stringify(response) };
  const after = Number(query.get('starting_after') ?? -1);
  return withNumbers(events.slice(after + 1));
}

function withNumbers(events: readonly JsonRecord[]): UpstreamAnswer {
  const frames = events.map((event) => `event: ${event['type']}\ndata: ${JSON.stringify(event)}\n\n`);
  return { headers: { 'content-type': 'text/event-stream' }, body: frames.join('') };
}

function refused(status: number, message: string, code: string | null, param: string | null = null): UpstreamAnswer {
  return { status, body: JSON.stringify({ error: { message, type: 'invalid_request_error', param, code } }) };
}

/** The body of a request as it reached the provider. */
export function askedFor(provider: RemoteProvider, number = provider.requests.length): JsonRecord {
  const { body } = provider.requests[number - 1] ?? {};
  return recordOf(typeof body === 'string' ? parseJson(body) : body);
}
