import { GatewayError } from '../protocol/errors.ts';
import type { Key } from './keys.ts';

/** An id as an error shows it: a secret that was put in its place is not repeated. */
export function shownId(id: string): string {
  return /sk-/i.test(id) ? 'that was named' : `'${id.slice(0, 64)}'`;
}

/** A key that is in no file and no table, or none at all. */
export function wrongKey(kind: 'wrong' | 'missing' = 'wrong'): GatewayError {
  const message =
    kind === 'missing'
      ? 'No API key given. Send it as "Authorization: Bearer <key>".'
      : 'Incorrect API key. Ask the operator of this gateway for a key.';
  return new GatewayError('invalid_api_key', message);
}

/** Without a session that holds. */
export function sessionEnded(): GatewayError {
  return new GatewayError('invalid_api_key', 'There is no session, or it is over. Sign in again with your key.');
}

/** For a key that is no admin's, where only those may sign in. */
export function notForConsole(): GatewayError {
  const message = 'The console of this gateway is for keys with admin: true (console.admin_only).';
  return new GatewayError('route_not_allowed', message);
}

/** Too many wrong keys. @param retryAfterMs when the next one may be tried */
export function tooManyTries(retryAfterMs: number): GatewayError {
  const message = 'Too many wrong keys from this address: ten a minute may be tried. Wait a moment.';
  return new GatewayError('rate_limit_exceeded', message, { retryAfterMs });
}

const REFUSALS = {
  disabled: ['key_disabled', 'This key is disabled. The operator of this gateway can enable it.'],
  expired: ['key_expired', 'This key has expired. Ask the operator of this gateway for another one.'],
  'org-disabled': [
    'key_disabled',
    'The organisation of this key is disabled. The operator of this gateway can enable it.',
  ],
  orphaned: ['key_disabled', 'The organisation of this key does not exist any more. Ask the operator of this gateway.'],
} as const;

/** Why a key that is known may not call: said to who has its secret. */
export function keyRefused(reason: keyof typeof REFUSALS): GatewayError {
  const [code, message] = REFUSALS[reason];
  return new GatewayError(code, message);
}

/** @throws GatewayError 403 `org_mismatch`: always */
export function orgMismatch({ org, servesOrgs }: Pick<Key, 'name' | 'org' | 'servesOrgs'>, named: string): never {
  const belongs = org === null ? 'belongs to no organisation' : `belongs to the organisation '${org}'`;
  const why = servesOrgs ? 'This key does not serve it, or it does not exist' : `This key ${belongs}`;
  throw new GatewayError('org_mismatch', `x-org-id names the organisation ${shownId(named)}. ${why}.`);
}

/** @param orgs those that the key serves */
export function orgRequired(orgs: readonly string[] | '*' | null): GatewayError {
  const known = orgs === '*' || orgs === null ? '' : `: one of ${orgs.slice(0, 20).join(', ')}`;
  const message = `This key serves several organisations. Name the one you call for (x-org-id)${known}.`;
  return new GatewayError('org_required', message);
}
