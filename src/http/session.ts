import type { Request, RequestHandler } from 'express';
import { parseOrigin } from '../config/origin.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { Services } from './services.ts';

/** As `access/sessions.ts` reads it. */
const COOKIE = 'sluice_session';

/** `POST /console/session`: signs a browser in with its key. The cookie that it gets counts with `x-sluice-console: 1` alone. */
export function beginSession({ snapshot, access }: Pick<Services, 'snapshot' | 'access'>): RequestHandler {
  return async (request, response) => {
    const { clientKeys } = snapshot();
    const address = request.socket.remoteAddress ?? '';
    const { key, begun } = await access.signIn.begin(clientKeys, request.headers, address);
    response.set('cache-control', 'no-store');
    if (begun !== null) response.set('set-cookie', cookieFor(request, begun.token, begun.session.expiresAt));
    response.json({
      object: 'console.session',
      auth: begun === null ? 'none' : 'keys',
      key: { name: key.name, is_admin: key.isAdmin },
      expires_at: begun === null ? null : new Date(begun.session.expiresAt).toISOString(),
    });
  };
}

/** `DELETE /console/session`: signs out; again is the same. The cookie goes in any case. */
export function endSession({ access }: Pick<Services, 'access'>): RequestHandler {
  return (request, response) => {
    response.set('cache-control', 'no-store').set('set-cookie', cookieFor(request, '', 0));
    response.json({ object: 'console.session', deleted: access.signIn.end(request.headers) });
  };
}

/** For every path of the console. @throws GatewayError 404 where the console is switched off */
export function requireConsole({ snapshot }: Pick<Services, 'snapshot'>): RequestHandler {
  return (_request, _response, next) => {
    if (snapshot().config.console.isEnabled) return next();
    throw new GatewayError('unknown_url', 'The console of this gateway is switched off (console.enabled: false).');
  };
}

/** @param expiresAt milliseconds since the epoch; 0 takes it away */
function cookieFor({ headers }: Request, token: string, expiresAt: number): string {
  // TLS may end in front of the gateway: the page knows by which scheme it came, and the proxy may say so.
  const isHttps =
    parseOrigin(headers.origin ?? '')?.scheme === 'https' ||
    /^https\b/i.test(String(headers['x-forwarded-proto'] ?? ''));
  const expires = new Date(expiresAt).toUTCString();
  return `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Expires=${expires}${isHttps ? '; Secure' : ''}`;
}
