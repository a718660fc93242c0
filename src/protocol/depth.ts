import { GatewayError } from './errors.ts';

/** Real requests nest about 20 levels (a JSON schema in a tool); far deeper ones only cost stack and time. */
const MAX_DEPTH = 64;

/** @throws GatewayError 400 when a JSON body is nested deeper than 64 levels, and writing it could overflow the stack */
export function refuseTooDeep(body: unknown): void {
  if (!isDeeperThan(MAX_DEPTH, body)) return;
  const message = `Invalid request body: it is nested deeper than ${MAX_DEPTH} levels. Flatten it and send it again.`;
  throw new GatewayError('invalid_value', message);
}

/** Bounded recursion: it never goes below the limit, and looks at each value once. */
function isDeeperThan(limit: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  if (Array.isArray(value)) return value.some((entry) => isDeeperThan(limit - 1, entry));
  for (const key in value) if (isDeeperThan(limit - 1, (value as Record<string, unknown>)[key])) return true;
  return false;
}
