import { z } from 'zod';
import { requestSchema } from '../../languages/chat/schema.ts';
import { responsesBodySchema } from '../../languages/responses/client-fields.ts';
import { KEY_BODIES } from '../keys/bodies.ts';
import { CONSOLE_OPERATIONS } from './console-operations.ts';
import { type ApiOperation, ENDED_CALLS, ITEM_PAGE, OPENAI_PAGE, PAGE, type QueryMeanings } from './operation.ts';

/** Which records of usage are meant. */
const USAGE: QueryMeanings = {
  from: 'a day or a time',
  to: 'likewise',
  key: 'of this key',
  org: 'of this organisation; for who manages one: of it or of a team of it',
  model: 'of this model',
  provider: 'of this provider',
  outcome: '`completed`, `failed`, `cancelled`',
};

const CALLS: readonly ApiOperation[] = [
  {
    route: 'POST /v1/chat/completions',
    summary: 'An answer by any model of any provider.',
    body: requestSchema,
    answer: 'ChatCompletion',
    streams: true,
  },
  { route: 'GET /v1/me', summary: 'Who asks, and what there is for them.', answer: 'Me' },
  { route: 'GET /v1/providers', summary: 'Who is asked for answers, for an admin.', answer: 'Providers' },
  { route: 'GET /v1/config', summary: 'What runs, without secrets, for an admin.', answer: 'Config' },
  {
    route: 'POST /v1/config/check',
    summary: 'Mistakes of files, for an admin.',
    body: 'ConfigFiles',
    answer: 'ConfigCheck',
  },
  {
    route: 'GET /v1/models',
    summary: 'What can be asked now.',
    query: { all: '`true`: also what cannot be asked, and why' },
    answer: 'ModelList',
  },
  { route: 'GET /v1/models/:id', summary: 'One model; its id may contain slashes.', answer: 'Model' },
  {
    route: 'POST /v1/router/choose',
    summary: 'Who would answer, and why. A chat request, or a `message` alone.',
    body: requestSchema.partial().extend({ message: z.string().optional() }),
    answer: 'Choice',
  },
  {
    route: 'GET /v1/requests',
    summary: 'Calls in flight, or ended ones.',
    query: {
      ...PAGE,
      state: '`ended`, or nothing for calls in flight',
      all: '`true`: of all keys, for an admin',
      key: 'of this key, for an admin',
      ...ENDED_CALLS,
    },
    answer: 'CallList',
  },
  { route: 'GET /v1/requests/:id', summary: 'One call.', query: { key: 'whose, for an admin' }, answer: 'Call' },
  {
    route: 'DELETE /v1/requests/:id',
    summary: 'Cancels a call.',
    query: { key: 'whose, for an admin' },
    answer: 'CancelledCall',
  },
  {
    route: 'GET /v1/requests/:id/stream',
    summary: 'Takes a resumable stream up after `Last-Event-ID`.',
    answer: { media: 'text/event-stream' },
  },
  {
    route: 'GET /v1/live',
    summary: 'What happens, as it happens: the events `calls`, `ended`, `performance`, `health`, `reset`.',
    answer: { media: 'text/event-stream' },
  },
  {
    route: 'GET /v1/usage',
    summary: 'Sums of the usage log.',
    query: {
      ...USAGE,
      group_by: 'such as `model,day`',
      tz: 'an offset, as `+01:00`',
      format: '`json` or `csv`',
    },
    answer: 'UsageSums',
  },
  {
    route: 'GET /v1/usage/records',
    summary: 'One record per call, the newest first.',
    query: { ...PAGE, ...USAGE },
    answer: 'UsageRecords',
  },
];

const STORED: readonly ApiOperation[] = [
  {
    route: 'POST /v1/responses',
    summary: "OpenAI's Responses over every provider.",
    body: responsesBodySchema,
    answer: 'Response',
    streams: true,
  },
  {
    route: 'POST /v1/responses/compact',
    summary: 'A conversation in short, to go on with.',
    body: responsesBodySchema,
    answer: 'Compaction',
  },
  {
    route: 'POST /v1/responses/input_tokens',
    summary: 'What a request would come to, estimated.',
    body: responsesBodySchema,
    answer: 'InputTokens',
  },
  {
    route: 'GET /v1/responses/:id',
    summary: 'The response as it is now, or its events.',
    query: { stream: '`true` for its events', starting_after: 'those after this number', include: "OpenAI's" },
    answer: 'Response',
    streams: true,
  },
  { route: 'DELETE /v1/responses/:id', summary: 'Erases a response.', answer: 'ResponseDeleted' },
  { route: 'POST /v1/responses/:id/cancel', summary: 'Ends one that runs.', answer: 'Response' },
  { route: 'GET /v1/responses/:id/input_items', summary: 'What it was asked.', query: OPENAI_PAGE, answer: 'Items' },
  {
    route: 'GET /v1/conversations',
    summary: 'Your conversations, the last used first.',
    query: { ...OPENAI_PAGE, q: 'words of the title, or of what was said' },
    answer: 'Conversations',
  },
  { route: 'POST /v1/conversations', summary: 'Makes one.', body: 'ConversationBody', answer: 'Conversation' },
  { route: 'GET /v1/conversations/:id', summary: 'One of them.', answer: 'Conversation' },
  {
    route: 'POST /v1/conversations/:id',
    summary: 'Gives it other `metadata`.',
    body: 'ConversationBody',
    answer: 'Conversation',
  },
  { route: 'DELETE /v1/conversations/:id', summary: 'Erases it with its items.', answer: 'ConversationDeleted' },
  { route: 'GET /v1/conversations/:id/items', summary: 'Its items.', query: ITEM_PAGE, answer: 'Items' },
  { route: 'POST /v1/conversations/:id/items', summary: 'Adds items.', body: 'ItemsBody', answer: 'Items' },
  { route: 'GET /v1/conversations/:id/items/:item', summary: 'One item.', answer: 'Item' },
  { route: 'DELETE /v1/conversations/:id/items/:item', summary: 'Erases an item.', answer: 'Conversation' },
  {
    route: 'POST /v1/conversations/:id/fork',
    summary: 'A new conversation with all up to `after_item`.',
    body: 'ForkBody',
    answer: 'Conversation',
  },
  {
    route: 'GET /v1/conversations/:id/export',
    summary: 'A file of it.',
    query: { format: '`md` or `json`' },
    answer: { media: 'text/markdown' },
  },
];

const KEYS: readonly ApiOperation[] = [
  { route: 'GET /v1/key', summary: 'Your own key.', answer: 'OwnKey' },
  {
    route: 'GET /v1/keys',
    summary: 'Keys made at run time.',
    query: {
      offset: 'so many are left out',
      limit: 'so many are told',
      org_id: 'of this one',
      include_disabled: '`true`',
      q: 'in the name, or where the hash begins',
      static: '`true`: keys of the file',
      workspace_id: 'changes nothing',
    },
    answer: 'Keys',
  },
  {
    route: 'POST /v1/keys',
    summary: 'Makes a key; its secret is told this once.',
    body: KEY_BODIES.newKey,
    answer: 'NewKeyData',
    status: 201,
  },
  { route: 'GET /v1/keys/:hash', summary: 'One key.', answer: 'KeyData' },
  { route: 'PATCH /v1/keys/:hash', summary: 'Changes it.', body: KEY_BODIES.keyChange, answer: 'KeyData' },
  { route: 'DELETE /v1/keys/:hash', summary: 'Removes it.', answer: 'Deleted' },
  {
    route: 'POST /v1/keys/:hash/rotate',
    summary: 'Another secret; the one before holds for `grace`.',
    body: KEY_BODIES.rotation,
    answer: 'NewKeyData',
  },
  {
    route: 'POST /v1/keys/:hash/reset',
    summary: 'A window of its budget begins anew.',
    body: KEY_BODIES.reset,
    answer: 'KeyData',
  },
  {
    route: 'GET /v1/orgs',
    summary: 'Organisations and teams.',
    query: { offset: 'so many are left out', limit: 'so many are told' },
    answer: 'Orgs',
  },
  { route: 'POST /v1/orgs', summary: 'Makes one.', body: KEY_BODIES.newOrg, answer: 'OrgData', status: 201 },
  { route: 'GET /v1/orgs/:id', summary: 'One of them.', answer: 'OrgData' },
  { route: 'PATCH /v1/orgs/:id', summary: 'Changes it.', body: KEY_BODIES.orgChange, answer: 'OrgData' },
  { route: 'DELETE /v1/orgs/:id', summary: 'Removes it.', answer: 'Deleted' },
  {
    route: 'GET /v1/audit',
    summary: 'Who changed which key or organisation.',
    query: { ...PAGE, subject: 'of this key or organisation' },
    answer: 'Audit',
  },
];

const OPERATIONS: readonly ApiOperation[] = [
  { route: 'GET /health', summary: 'Alive; to an admin also how it has been doing.', answer: 'Health', isOpen: true },
  { route: 'GET /ready', summary: '200 while new calls are welcome, else 503.', answer: 'Ready', isOpen: true },
  { route: 'GET /openapi.json', summary: 'This description.', answer: 'Description', isOpen: true },
  { route: 'GET /metrics', summary: 'What Prometheus scrapes.', answer: { media: 'text/plain' } },
  {
    route: 'GET /metrics/performance',
    summary: 'The last calls, held against the targets.',
    query: { last_n: '1 to 10,000; 100 unless told otherwise' },
    answer: 'Performance',
  },
  {
    route: 'GET /metrics/performance/series',
    summary: 'The last calls by time.',
    query: { bucket: 'such as `1m`', n: '1 to 1,440; 60 unless told otherwise' },
    answer: 'PerformanceSeries',
  },
];

/** Every operation of ours; a test holds them to the routes of the app. */
export const API_OPERATIONS: readonly ApiOperation[] = [
  ...CALLS,
  ...STORED,
  ...KEYS,
  ...OPERATIONS,
  ...CONSOLE_OPERATIONS,
];
