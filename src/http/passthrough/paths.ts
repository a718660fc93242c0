import type { Request } from 'express';
import { GatewayError } from '../../protocol/errors.ts';
import { OPEN_ROUTES, type RouteName, SHARED_ROUTES } from '../../protocol/routes.ts';

/** Paths that Sluice serves itself. */
const OWN: readonly RouteName[] = ['chat', 'models', 'responses', 'conversations'];
const PASSED = [...OPEN_ROUTES, ...SHARED_ROUTES].filter((route) => !OWN.includes(route));

/** OpenAI's other paths, and everything below them. */
export const PASSTHROUGH_PATHS = PASSED.map((name) => `/v1/${name}`);

/** The route of a request below one of the {@link PASSTHROUGH_PATHS}, however it is written. */
export function routeOf({ baseUrl }: Request): RouteName {
  const name = baseUrl.toLowerCase().slice('/v1/'.length);
  const route = PASSED.find((passed) => passed === name);
  if (route) return route;
  throw new GatewayError('unknown_url', 'There is no such path.');
}

/** Where a request goes below the provider's base URL, which ends where ours says `/v1`. */
export function upstreamPathOf({ originalUrl }: Request): string {
  const [path = '', ...query] = originalUrl.split('?');
  return path.replace(/^\/v1/i, '') + withoutKeys(query.join('?'));
}

const KEY_PARAMETERS = new Set(['key', 'access_token', 'api_key', 'api-key', 'apikey']);

/** The query as it came, but for parameters that some providers would take for a key in place of the gateway's own. */
function withoutKeys(query: string): string {
  const kept = query.split('&').map((part) => part.split(';').filter((one) => !isKey(one)));
  const rest = kept.filter((parts) => parts.length > 0).map((parts) => parts.join(';'));
  return rest.length === 0 || query === '' ? '' : `?${rest.join('&')}`;
}

function isKey(parameter: string): boolean {
  const [name = ''] = unescaped(parameter.replaceAll('+', ' ')).split(/[=[]/);
  return KEY_PARAMETERS.has(name.trim().toLowerCase());
}

/** A path with `..` would leave the provider's base URL, with the provider's key. */
export function refuseDotSegments(path: string): void {
  if (/%(?![0-9a-f]{2})/i.test(path)) {
    throw new GatewayError('invalid_value', `The path ${path.slice(0, 200)} has a % that encodes nothing.`);
  }
  if (segmentsOf(path).some((segment) => segment === '.' || segment === '..')) {
    throw new GatewayError('unknown_url', 'The path has a segment . or .. in it: write it out.');
  }
}

const ADMINISTRATION = new Set(['organization', 'organizations', 'projects']);

/** What governs the provider's account is the operator's alone, however the path is written. */
export function refuseAdministration({ path }: Request): void {
  const segments = segmentsOf(path);
  const isRight = segments.includes('fine_tuning') && segments.includes('permissions');
  const isKeys = segments.some((segment) => segment === 'api_keys' || segment === 'admin_api_keys');
  if (!isRight && !isKeys && !ADMINISTRATION.has(segments[0] ?? '')) return;
  throw new GatewayError('unknown_url', "Paths that administer the provider's account are not passed on.");
}

/** The parts of a path as a lax server might read them. */
function segmentsOf(path: string): string[] {
  const parts = unescaped(path).split(/[/\\]/);
  return parts.map((part) => part.replace(/;.*$/s, '').trim().toLowerCase()).filter((part) => part !== '');
}

/** Servers, and proxies before them, may each take off one layer. */
const MAX_LAYERS = 4;

function unescaped(text: string): string {
  let plain = text;
  for (let layer = 0; layer < MAX_LAYERS && plain.includes('%'); layer++) {
    plain = plain.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
  return plain;
}
