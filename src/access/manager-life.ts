import { GatewayError } from '../protocol/errors.ts';
import type { Manager } from './management.ts';
import type { Reach } from './reach.ts';
import type { KeptKey } from './records.ts';

type Lifetime = Pick<KeptKey, 'kind' | 'expiresAt'>;

/** When a manager of an organisation ends, in milliseconds since the epoch; null where nothing follows from that. */
export function endOf({ expiresAt = null }: Manager, reach: Reach): number | null {
  return reach === null ? null : expiresAt;
}

/**
 * A manager of an organisation that expires lengthens its own life by no other key that manages: it makes none that outlives
 * it, and gets the secret of none.
 * @throws GatewayError 403 `route_not_allowed`
 */
export function refuseOutliving(end: number | null, { kind, expiresAt }: Lifetime): void {
  if (end === null || kind !== 'management' || !outlives(expiresAt, end)) return;
  const at = new Date(end).toISOString();
  const message = `This key expires at ${at}, and no management key that it makes, lengthens or rotates may live longer. Send an expires_at of at most that, or ask the operator of this gateway.`;
  throw new GatewayError('route_not_allowed', message, { param: 'expires_at' });
}

/** The same for another time of its end: one that is earlier than before lengthens nothing. @throws GatewayError */
export function refuseLengthening(end: number | null, before: Lifetime, expiresAt: number | null): void {
  if (before.expiresAt !== null && outlives(expiresAt, before.expiresAt)) {
    refuseOutliving(end, { kind: before.kind, expiresAt });
  }
}

function outlives(expiresAt: number | null, end: number): boolean {
  return expiresAt === null || expiresAt > end;
}
