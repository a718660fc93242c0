import { CALL_SCHEMAS } from './call-schemas.ts';
import { FEED_SCHEMAS } from './feed-schemas.ts';
import {
  ANY_OBJECT,
  COUNT,
  closed,
  each,
  FLAG,
  listOf,
  literal,
  mapOf,
  NUMBER,
  nullable,
  open,
  refTo,
  type SchemaObject,
  TEXT,
  TIME,
} from './schema-object.ts';

const LIMITS = {
  ...each(['limit', 'limit_remaining', 'soft_budget'], nullable(NUMBER)),
  ...each(['limit_reset', 'budgets_on', 'on_exhausted'], nullable(TEXT)),
  ...each(['rpm_limit', 'tpm_limit', 'max_parallel_requests'], nullable(COUNT)),
  ...each(['budgets', 'model_limits'], nullable(ANY_OBJECT)),
};
const SPENT = {
  ...each(['usage', 'usage_daily', 'usage_weekly', 'usage_monthly'], nullable(NUMBER)),
  held: NUMBER,
};
/** What OpenRouter's clients look for: always the same here. */
const OPENROUTER = {
  ...each(['byok_usage', 'byok_usage_daily', 'byok_usage_weekly', 'byok_usage_monthly'], { const: 0 }),
  include_byok_in_limit: { const: false },
  creator_user_id: { type: 'null' },
  workspace_id: literal('default'),
};
const DATES = each(['created_at', 'updated_at'], nullable(TIME));
const data = (name: string): SchemaObject => closed({ data: refTo(name) });
const page = (name: string): SchemaObject => closed({ data: listOf(refTo(name)), total: COUNT });
const openaiList = (items: SchemaObject, besides: Readonly<Record<string, SchemaObject>> = {}): SchemaObject =>
  closed(
    {
      object: literal('list'),
      data: listOf(items),
      ...each(['first_id', 'last_id'], nullable(TEXT)),
      has_more: FLAG,
      ...besides,
    },
    Object.keys(besides),
  );
const deleted = (object: string): SchemaObject =>
  closed({ id: TEXT, object: literal(object), deleted: { const: true } });
const CONVERSATION = { id: TEXT, object: literal('conversation'), created_at: COUNT, metadata: mapOf(TEXT) };

/** The schemas of answers, by the name they have in the description; what is ours has no fields besides. */
export const ANSWER_SCHEMAS = {
  ...CALL_SCHEMAS,
  ...FEED_SCHEMAS,
  Error: closed({
    error: closed({ message: TEXT, type: TEXT, param: nullable(TEXT), code: nullable(TEXT) }),
  }),
  ChatCompletion: open({
    id: TEXT,
    object: literal('chat.completion'),
    created: COUNT,
    model: TEXT,
    choices: listOf(open({ index: COUNT, message: ANY_OBJECT, finish_reason: TEXT })),
    usage: ANY_OBJECT,
  }),
  Model: open({
    id: TEXT,
    object: literal('model'),
    created: NUMBER,
    owned_by: TEXT,
    ...each(['provider', 'shutdown_date'], nullable(TEXT)),
    ...each(['context_window', 'max_output_tokens'], nullable(COUNT)),
    capabilities: nullable(listOf(TEXT)),
    pricing: nullable(listOf(ANY_OBJECT)),
    status: TEXT,
  }),
  ModelList: closed({ object: literal('list'), data: listOf(refTo('Model')) }),
  Key: closed({
    ...each(['hash', 'name', 'label', 'kind'], TEXT),
    disabled: FLAG,
    org_id: nullable(TEXT),
    ...LIMITS,
    ...each(['models', 'routes'], nullable(listOf(TEXT))),
    metadata: ANY_OBJECT,
    ...each(['expires_at', 'last_used_at', 'old_secret_until'], nullable(TIME)),
    ...SPENT,
    ...DATES,
    creator: TEXT,
    version: COUNT,
    ...OPENROUTER,
    external_user: { type: 'null' },
  }),
  KeyData: data('Key'),
  NewKeyData: closed({ data: refTo('Key'), key: TEXT }),
  StaticKey: closed({
    static: { const: true },
    ...each(['name', 'kind'], TEXT),
    is_admin: FLAG,
    org_id: nullable(TEXT),
    orgs: { anyOf: [listOf(TEXT), literal('*'), { type: 'null' }] },
    ...LIMITS,
    models: nullable(listOf(TEXT)),
    routes: listOf(TEXT),
    ...SPENT,
  }),
  Keys: closed({ data: listOf({ anyOf: [refTo('Key'), refTo('StaticKey')] }), total: COUNT }),
  OwnKey: closed({
    data: closed({
      ...each(['hash', 'org_id', 'organization_id'], nullable(TEXT)),
      ...each(['name', 'label', 'kind'], TEXT),
      is_admin: FLAG,
      ...LIMITS,
      budget_remaining: nullable(NUMBER),
      models: nullable(listOf({ anyOf: [TEXT, listOf(TEXT)] })),
      routes: listOf(TEXT),
      expires_at: nullable(TIME),
      ...SPENT,
      ...OPENROUTER,
      ...each(['is_management_key', 'is_provisioning_key'], FLAG),
      is_free_tier: { const: false },
      free_model_daily_requests: closed(each(['limit', 'remaining', 'used'], { const: 0 })),
      allowed_data_regions: listOf(literal('global')),
      rate_limit: closed({ requests: { type: 'integer' }, interval: literal('1m'), note: TEXT }),
    }),
  }),
  Org: closed({
    ...each(['id', 'name'], TEXT),
    parent_id: nullable(TEXT),
    ...each(['disabled', 'static'], FLAG),
    ...LIMITS,
    models: nullable(listOf(TEXT)),
    metadata: ANY_OBJECT,
    ...SPENT,
    ...DATES,
    version: COUNT,
  }),
  OrgData: data('Org'),
  Orgs: page('Org'),
  Deleted: closed({ deleted: { const: true } }),
  AuditEntry: closed({
    ...each(['id', 'actor', 'action', 'subject'], TEXT),
    at: TIME,
    org_id: nullable(TEXT),
    change: ANY_OBJECT,
  }),
  Audit: closed({
    object: literal('list'),
    data: listOf(refTo('AuditEntry')),
    has_more: FLAG,
    next_cursor: nullable(TEXT),
  }),
  Session: closed({
    object: literal('console.session'),
    auth: literal('none', 'keys'),
    key: closed({ name: TEXT, is_admin: FLAG }),
    expires_at: nullable(TIME),
  }),
  SessionEnded: closed({ object: literal('console.session'), deleted: FLAG }),
  Response: open({
    id: TEXT,
    object: literal('response'),
    created_at: COUNT,
    model: TEXT,
    status: literal('queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'),
    output: listOf(open({ type: TEXT })),
  }),
  ResponseDeleted: deleted('response.deleted'),
  InputTokens: closed({ object: literal('response.input_tokens'), input_tokens: COUNT }),
  Compaction: open({ id: TEXT, object: literal('response.compaction'), output: listOf(open({ type: TEXT })) }),
  Item: open({ id: TEXT, type: TEXT }),
  Items: openaiList(refTo('Item'), { responses: mapOf(closed({ id: TEXT, created_at: COUNT })) }),
  Conversation: closed(CONVERSATION),
  ConversationBody: open({ items: listOf(ANY_OBJECT), metadata: mapOf(TEXT) }, ['items', 'metadata']),
  ItemsBody: open({ items: { ...listOf(ANY_OBJECT), maxItems: 20 } }),
  ForkBody: open({ after_item: TEXT, metadata: mapOf(TEXT) }, ['metadata']),
  ConversationDeleted: deleted('conversation.deleted'),
  Conversations: openaiList(closed({ ...CONVERSATION, updated_at: COUNT, running: nullable(TEXT) })),
  ConversationExport: ANY_OBJECT,
  Description: open({ openapi: TEXT, info: ANY_OBJECT, paths: ANY_OBJECT }),
} as const satisfies Readonly<Record<string, SchemaObject>>;

export type SchemaName = keyof typeof ANSWER_SCHEMAS;
