import type { KeptItem } from '../../conversations/records.ts';
import type { Threads } from '../../conversations/threads.ts';
import type { ResponsesBody } from '../../languages/responses/client-check.ts';
import { lookedUpIn, referencesIn, unknownItem, withReferences } from '../../languages/responses/client-references.ts';
import { GatewayError } from '../../protocol/errors.ts';
import type { Registry } from '../../routing/registry.ts';
import type { Target } from '../../routing/target.ts';
import { findKey } from '../../upstream/key-pool.ts';
import { toShown } from './items.ts';
import { placeOfItem } from './remote-items.ts';
import { NOTHING_KNOWN, type RequestState } from './state.ts';

/** The target of a model whose provider keeps what it answers; null for all others, and where nothing may be kept. */
export function remoteTargetOf(
  { model }: ResponsesBody,
  registry: Pick<Registry, 'find'>,
  threads: Threads | null,
): Target | null {
  if (threads === null) return null;
  const { choice } = registry.find(model ?? '');
  return choice.kind === 'target' && choice.target.provider.keepsResponses ? choice.target : null;
}

/**
 * Finds what a request refers to that its provider keeps, and whether that is its owner's.
 * @throws GatewayError 400 for what is not there, is another's, or is kept elsewhere
 */
export async function resolveRemote(
  threads: Threads,
  owner: string,
  body: ResponsesBody,
  { provider, facts }: Target,
): Promise<RequestState> {
  if (body.conversation != null) throw noConversation(facts.model);
  // What runs there is found by its name alone.
  if (body.background === true) await threads.ping();
  const { previous_response_id: previous } = body;
  const parent = previous == null ? null : await threads.remoteParent(owner, previous, provider.name);
  const items = await findItems(threads, owner, body);
  const resolved = withReferences(body, new Map([...items].map(([id, item]) => [id, toShown(item)])));
  const keys = new Set(parent === null ? [] : [parent.key]);
  for (const item of items.values()) {
    const place = placeOfItem(item);
    if (place === null) continue;
    if (place.provider !== provider.name) throw unknownItem(item.id, false);
    keys.add(place.key);
  }
  for (const id of lookedUpIn(resolved)) {
    const item = items.get(id);
    if (item === undefined || placeOfItem(item) === null) throw unknownItem(id, body.store === false);
  }
  if (keys.size > 1) throw severalAccounts();
  const [key = null] = keys;
  const refers = parent !== null || keys.size > 0 || body.prompt != null || body.background === true;
  const { items: _, ...nothing } = NOTHING_KNOWN;
  return {
    ...nothing,
    context: [],
    conversation: null,
    isStored: body.store !== false,
    body: resolved,
    compaction: null,
    remote: {
      parent: parent && { ours: previous ?? '', theirs: parent.id },
      // A key that was changed since may be of the same account.
      key: key === null ? null : findKey(provider, key),
      isBound: refers || body.store !== false,
    },
  };
}

/** What is named by its id alone the provider looks up, for every key of the gateway alike: each has to be its owner's. */
async function findItems(threads: Threads, owner: string, body: ResponsesBody): Promise<ReadonlyMap<string, KeptItem>> {
  const ids = [...referencesIn(body), ...lookedUpIn(body)];
  const found = ids.length === 0 ? [] : await threads.findItems(owner, ids);
  return new Map(found.map((item) => [item.id, item]));
}

function noConversation(model: string): GatewayError {
  const message =
    `Model '${model}' is of a provider that keeps its own state (responses: theirs): it knows no conversations of the gateway, ` +
    "and those of the provider have no owner here. Go on by 'previous_response_id', or name another model.";
  return new GatewayError('unsupported_parameter', message, { param: 'conversation' });
}

function severalAccounts(): GatewayError {
  const message =
    'This request refers to what was answered under different keys of its provider: none of them has all of it.';
  return new GatewayError('invalid_request_error', message, { param: 'input' });
}
