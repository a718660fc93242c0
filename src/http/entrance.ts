import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Config } from '../config/config.ts';
import { GatewayError } from '../protocol/errors.ts';
import { allowOrigin, answerPreflight, isPreflight, METHODS } from './cors.ts';
import { sendError } from './errors.ts';
import { excerpt } from './excerpt.ts';
import { requestIdOf } from './request-id.ts';
import { readRequestTarget } from './request-target.ts';
import type { Services } from './services.ts';
import { hostRefusal, isAllowedOrigin, originRefusal } from './strangers.ts';

const SERVED = new Set(METHODS);

/**
 * Stands before the app and lets in what is plain HTTP and from no web page that should not be here, before a key is
 * looked at or a byte of the body read. Behind it `url` is a path; a layer of the router would come too late for that.
 */
export function createEntrance(
  { snapshot, calls }: Pick<Services, 'snapshot' | 'calls'>,
  serve: RequestListener,
): RequestListener {
  const checkHost = createHostCheck();
  return (request, response) => {
    const { config, clientKeys } = snapshot();
    const refusal = admit(request, response, config, clientKeys.isOpen ? checkHost : admitAnyHost);
    if (refusal !== null) refuse(response, refusal, requestIdOf(request, calls.newId));
    else if (request.method === 'OPTIONS') answerPreflight(request, response);
    else serve(request, response);
  };
}

function refuse(response: ServerResponse, refusal: GatewayError, id: string): void {
  response.setHeader('x-request-id', id);
  sendError(response, refusal);
}

type HostCheck = (host: string | undefined, config: Config) => GatewayError | null;

/** Where callers need a key, no page can do anything by a name of its own. */
const admitAnyHost: HostCheck = () => null;

function createHostCheck(): HostCheck {
  // Nearly every request is for the host of the one before it.
  let good: string | undefined;
  let goodFor: Config | null = null;
  return (host, config) => {
    if (host === good && config === goodFor) return null;
    const refusal = hostRefusal(host, config.server.hosts);
    if (refusal === null) {
      good = host;
      goodFor = config;
    }
    return refusal;
  };
}

/** What speaks against a request. */
function admit(
  request: IncomingMessage,
  response: ServerResponse,
  config: Config,
  checkHost: HostCheck,
): GatewayError | null {
  const target = readRequestTarget(request.url ?? '');
  if (typeof target === 'string') return invalid(`The request target '${excerpt(request.url ?? '')}' is wrong`, target);
  request.url = target.url;
  const { host } = request.headers;
  const named = target.authority ?? host;
  const misplaced = framingRefusal(request, response) ?? checkHost(host, config) ?? checkHost(named, config);
  return misplaced ?? pageRefusal(request, response, named, config) ?? methodRefusal(request, response);
}

/** What proxies in front may read in another way than we do. */
function framingRefusal({ headers, rawHeaders }: IncomingMessage, response: ServerResponse): GatewayError | null {
  const encoding = headers['transfer-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked') {
    // What follows may be the rest of this request or the next one.
    response.setHeader('connection', 'close');
    return invalid(`The transfer-encoding is '${excerpt(encoding)}'`, 'only chunked is understood');
  }
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1 ? invalid('The request has several Host headers', 'send one') : null;
}

/** @param host what the request calls this gateway */
function pageRefusal(
  { url = '', headers }: IncomingMessage,
  response: ServerResponse,
  host: string | undefined,
  config: Config,
): GatewayError | null {
  const { origin, 'sec-fetch-site': fetchSite } = headers;
  if (origin === undefined && fetchSite === undefined) return null;
  if (origin === undefined || !isAllowedOrigin(origin, config.server.origins)) {
    return originRefusal({ path: url, host, origin, fetchSite: fetchSite as string | undefined });
  }
  allowOrigin(response, origin);
  return null;
}

/** `OPTIONS` is for the preflight of an allowed origin alone, whose answer has been told so by now. */
function methodRefusal(request: IncomingMessage, response: ServerResponse): GatewayError | null {
  const { method = '' } = request;
  if (SERVED.has(method) || (isPreflight(request) && response.hasHeader('access-control-allow-origin'))) return null;
  const allow = METHODS.join(', ');
  response.setHeader('allow', allow);
  return new GatewayError('method_not_allowed', `The method ${method} is not served by any path. Use one of ${allow}.`);
}

function invalid(what: string, why: string): GatewayError {
  return new GatewayError('invalid_value', `${what}: ${why}.`);
}
