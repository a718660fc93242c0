import { isIP } from 'node:net';
import { originText, parseOrigin, withoutDefaultPort } from '../config/origin.ts';
import { GatewayError } from '../protocol/errors.ts';
import { excerpt } from './excerpt.ts';

/** What a request says of where it goes and where it comes from. */
export interface Visit {
  readonly path: string;
  /** The host of a target that is a whole URL, else the `Host` header. */
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which browsers send and pages cannot change. */
  readonly fetchSite: string | undefined;
}

/** What holds nothing that a page could be after: `/ready`, the description of the API, the files of the console. */
const WITHOUT_DATA = /^\/(?:ready|openapi\.json|console(?:\/[^?]*)?)?(?:\?|$)/;
/** Below the console, and no file. Routes are found in either case. */
const SIGN_IN = /^\/console\/session\/?(?:\?|$)/i;

/**
 * What speaks against the host of a request to a gateway without keys. A page can have the name of its own server point
 * here (DNS rebinding), and would be of the same origin then: but such a name has a dot, and stands in no `hosts`.
 */
export function hostRefusal(host: string | undefined, hosts: readonly string[]): GatewayError | null {
  // HTTP/1.0 needs none, and browsers always send one.
  if (!host || isServed(host.toLowerCase(), hosts)) return null;
  const message = `The request is for the host '${excerpt(host)}', which this gateway does not serve as long as it has no keys: localhost, IP addresses and names without a dot it does. If the name is yours, add it to server.hosts.`;
  return new GatewayError('wrong_host', message);
}

function isServed(host: string, hosts: readonly string[]): boolean {
  const [, name, address = '', port] = /^(?:([a-z0-9_.-]+)|\[([0-9a-f:.]+)\])(?::(\d{1,5}))?$/.exec(host) ?? [];
  if (name === undefined) return isIP(address) === 6;
  const names = [name, ...(port === undefined ? ['80', '443'] : [port]).map((usual) => `${name}:${usual}`)];
  return !name.includes('.') || isIP(name) === 4 || names.some((known) => hosts.includes(known));
}

/** Whether a page of `server.origins` asks: it is told by CORS that it may. */
export function isAllowedOrigin(origin: string, origins: readonly string[]): boolean {
  const found = parseOrigin(origin);
  return found !== null && origins.includes(originText(found));
}

/** What speaks against a request of a web page that is not allowed one. SDKs and curl send none of these headers. */
export function originRefusal({ path, host, origin, fetchSite }: Visit): GatewayError | null {
  // A page of our own would be same-origin: one that is not has the same name on another scheme, where anybody may be.
  const isForeign = fetchSite === 'cross-site' || fetchSite === 'same-site';
  if (!isForeign && (origin === undefined || isOwnOrigin(origin, host))) return null;
  if (WITHOUT_DATA.test(path) && !SIGN_IN.test(path)) return null;
  const page = origin === undefined ? `another site (Sec-Fetch-Site: ${fetchSite})` : `the origin '${excerpt(origin)}'`;
  const message = `The request comes from a web page of ${page}, which may not use this gateway. If the page is yours, add its origin to server.origins.`;
  return new GatewayError('origin_not_allowed', message);
}

/** Whatever the scheme: TLS may end in front of the gateway. */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  const found = parseOrigin(origin);
  return found !== null && host !== undefined && found.host === withoutDefaultPort(host, found.scheme);
}
