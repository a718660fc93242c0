import { OWN_PATHS, PASSED_PATHS, plainChat } from './asked.ts';
import { type Dice, words } from './dice.ts';
import { bytesOf, KEYS, type Shot, shotOf } from './shot.ts';
import { ODD_TEXTS, PROTOTYPE_NAMES } from './values.ts';

const METHODS = words('GET HEAD POST PUT PATCH DELETE OPTIONS TRACE PROPFIND PURGE LINK SEARCH QUERY BREW get G@T');
const HOSTS = [
  'evil.example',
  'localhost',
  '[::1]',
  '127.0.0.1:99999',
  'a@b',
  '',
  ' ',
  'a:b:c',
  '[',
  'x'.repeat(300),
  '__proto__',
];
const ORIGINS = [
  'https://evil.example',
  'null',
  'http://127.0.0.1',
  'https://app.example',
  'x',
  '',
  'https://a, https://b',
  'http://[::1',
  'file://',
];
const SITES = ['cross-site', 'same-site', 'same-origin', 'none', 'x', ''];
const TARGETS = [
  '*',
  '//',
  '//evil.example/v1/files',
  '/\\evil.example',
  'http://evil.example/v1/models',
  'https://evil.example/v1/files',
  'http:///v1/files',
  'http://a:b@c/v1/files',
  'ftp://x/v1/files',
  'file:///etc/passwd',
  'javascript:1',
  '/v1/files#x',
  '/v1/files/..%2f..',
  '/v1/files/%2e%2e/x',
  '/v1/../metrics',
  '/v1/files/%00',
  '/v1/files/%',
  '/v1/models/%ff',
  '/v1/models/%E0%A4%A',
  `/v1/models/${'a'.repeat(8000)}`,
  `/v1/${'a/'.repeat(3000)}`,
  '/V1/MODELS',
  '/v1/models/',
  '/v1//models',
  '/v1/models;x=1',
  'v1/models',
  '',
  '?',
  'http://127.0.0.1',
  'http://127.0.0.1?x',
];
/** Percent-encoded, so that they reach the routes: what stands bare in a line is another class. */
const ENCODED = ODD_TEXTS.map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 3000));
const PARAMETERS = [...words('limit after from to group_by last_n key model outcome all state'), ...PROTOTYPE_NAMES];
const QUERY_VALUES = [
  ...ENCODED,
  '1',
  '0',
  '-1',
  '99999999999',
  '1001',
  '2026-11-24',
  '2026-99-99',
  'day',
  'day,day,key',
  'c2VxOjU',
  '%',
  'a&limit=2',
  '1.5',
  '0x10',
  '+1',
];

const anyPath = (dice: Dice): string => dice.pick(dice.happens(0.5) ? OWN_PATHS : PASSED_PATHS);
const anyKey = (dice: Dice): string => dice.pick([KEYS.plain, KEYS.admin]);
const chatBody = bytesOf(plainChat('chat'));

export function oddMethod(dice: Dice): Shot {
  return shotOf({ method: dice.pick(METHODS), target: anyPath(dice), key: anyKey(dice) });
}

export function oddTarget(dice: Dice): Shot {
  return shotOf({ method: dice.pick(['GET', 'POST', 'DELETE', 'HEAD']), target: dice.pick(TARGETS) });
}

export function oddHost(dice: Dice): Shot {
  const target = dice.happens(0.5) ? anyPath(dice) : `http://${dice.pick(HOSTS).trim()}${anyPath(dice)}`;
  const headers = Array.from({ length: 1 + dice.below(2) }, () => `host: ${dice.pick(HOSTS)}`);
  return shotOf({ target, headers });
}

export function oddOrigin(dice: Dice): Shot {
  const headers = [`origin: ${dice.pick(ORIGINS)}`, `sec-fetch-site: ${dice.pick(SITES)}`];
  if (dice.happens(0.5)) headers.push(`access-control-request-method: ${dice.pick(METHODS)}`);
  if (dice.happens(0.5))
    headers.push(`access-control-request-headers: ${dice.pick(['x-a,x-b', ',,,', '\xff', 'a b', 'x'.repeat(4000)])}`);
  const body = dice.happens(0.3) ? chatBody : '';
  return shotOf({ method: dice.pick(['GET', 'POST', 'OPTIONS']), target: anyPath(dice), headers, body });
}

const HEADER_NAMES = [
  ...words(`
  x-request-id x-sluice-timeout x-sluice-strict x-sluice-resumable traceparent authorization last-event-id range
  expect upgrade idempotency-key openai-beta accept-encoding cookie x-forwarded-for te trailer x-org-id user-agent
  accept
`),
  ...PROTOTYPE_NAMES,
];
const HEADER_VALUES = [
  '',
  '\xff\xfe\x80',
  'x'.repeat(5000),
  'a, b',
  '-1',
  '1e309s',
  '0s',
  '99999d',
  'true',
  '100-continue',
  'h2c',
  'Bearer',
  'Bearer  ',
  'Basic eA==',
  'bytes=0-',
  '00-0-0-00',
  '../..',
  'a\tb',
  '__proto__',
  '999999999999',
  '"',
  '\\',
  ';',
];

export function oddHeaders(dice: Dice): Shot {
  const headers = Array.from(
    { length: 1 + dice.below(4) },
    () => `${dice.pick(HEADER_NAMES)}: ${dice.pick(HEADER_VALUES)}`,
  );
  if (dice.happens(0.1)) headers.push(...Array.from({ length: 1500 }, (_, at) => `h${at}:1`));
  if (dice.happens(0.1)) headers.push(`x-long: ${'y'.repeat(20_000)}`);
  const isChat = dice.happens(0.5);
  return shotOf(
    isChat
      ? { method: 'POST', target: OWN_PATHS[0] as string, headers, body: chatBody }
      : { target: anyPath(dice), headers },
  );
}

export function oddQuery(dice: Dice): Shot {
  const parameters = Array.from(
    { length: 1 + dice.below(4) },
    () => `${dice.pick(PARAMETERS)}=${dice.pick(QUERY_VALUES)}`,
  );
  const paths = [
    '/v1/usage',
    '/v1/usage/records',
    '/metrics/performance',
    '/v1/requests',
    '/v1/models',
    '/v1/files',
    '/v1/requests/x',
  ];
  return shotOf({ target: `${dice.pick(paths)}?${parameters.join('&')}`, key: anyKey(dice) });
}

export function oddId(dice: Dice): Shot {
  const id = dice.pick(ENCODED);
  const [method, target] = dice.pick([
    ['GET', `/v1/requests/${id}`],
    ['DELETE', `/v1/requests/${id}`],
    ['GET', `/v1/requests/${id}/stream`],
    ['GET', `/v1/models/${id}`],
    ['GET', `/v1/files/${id}`],
    ['DELETE', `/v1/files/${id}`],
    ['POST', `/v1/${id}`],
    ['GET', `/${id}`],
  ] as const);
  const headers = dice.happens(0.5) ? [`last-event-id: ${dice.pick(HEADER_VALUES)}`] : [];
  return shotOf({ method, target, headers, key: anyKey(dice) });
}
