/** What a kind of failure means to everybody who meets one. */
interface KindMeaning {
  /** The client's error when nothing helped; `errors.ts` gives it status and type. */
  readonly code: string;
  /** The model that failed may do better a moment later. */
  readonly again: boolean;
  /** Another model may do better; `larger`: only one with a larger context window. */
  readonly next: 'yes' | 'no' | 'larger';
  /** Whom it speaks against: the breaker counts what the target is to blame for. */
  readonly blames: 'target' | 'request' | 'gateway';
  /** The failure may be that of the provider's key, which then rests so many milliseconds; null: no key's. */
  readonly keyRestMs: number | null;
  /** In mid-answer its own code says more than that the answer broke off. */
  readonly speaksForItself: boolean;
}

const MINUTE = 60_000;

/** The one table of what can go wrong with an attempt. Breaker, retry, key pool and the client's errors read it. */
export const FAILURE_KINDS = {
  'rate-limited': {
    code: 'rate_limit_exceeded',
    again: true,
    next: 'yes',
    blames: 'target',
    // Where the provider does not say how long.
    keyRestMs: 5000,
    speaksForItself: true,
  },
  quota: {
    code: 'insufficient_quota',
    again: false,
    next: 'yes',
    blames: 'target',
    keyRestMs: 5 * MINUTE,
    speaksForItself: true,
  },
  unauthorized: {
    code: 'upstream_unauthorized',
    again: false,
    next: 'yes',
    blames: 'target',
    keyRestMs: 5 * MINUTE,
    speaksForItself: false,
  },
  overloaded: targetFault('upstream_overloaded', true),
  server: targetFault('upstream_error', true),
  unreachable: targetFault('upstream_unreachable', true),
  interrupted: targetFault('upstream_stream_interrupted', true),
  // A silent target is not asked again: the caller would wait the same time for the same silence.
  timeout: targetFault('upstream_timeout', false),
  /** The base URL leads to a server that does not serve this. */
  'wrong-address': targetFault('upstream_unreachable', false),
  'not-found': requestFault('model_not_found', 'yes', false),
  'context-length': requestFault('context_length_exceeded', 'larger', true),
  'content-policy': requestFault('content_policy_violation', 'no', true),
  'invalid-request': requestFault('invalid_request_error', 'no', false),
  /** The gateway's own: what another target said cannot be joined to the answer that it was to take up. */
  'other-words': gatewayFault('upstream_stream_interrupted', 'yes'),
  /** The gateway's own: the limits of the key have no room for what the target may cost. It was not asked. */
  'over-limit': gatewayFault('budget_exceeded', 'yes'),
  /** The gateway's own: the other of two targets spoke first. No client gets its code: a target has won. */
  'lost-race': gatewayFault('request_cancelled', 'no'),
} as const satisfies Record<string, KindMeaning>;

/** The closed set of reasons for which an attempt does not work. */
export type FailureKind = keyof typeof FAILURE_KINDS;

function targetFault<C extends string>(code: C, again: boolean) {
  return { code, again, next: 'yes', blames: 'target', keyRestMs: null, speaksForItself: false } as const;
}

function requestFault<C extends string>(code: C, next: KindMeaning['next'], speaksForItself: boolean) {
  return { code, again: false, next, blames: 'request', keyRestMs: null, speaksForItself } as const;
}

function gatewayFault<C extends string>(code: C, next: KindMeaning['next']) {
  return { code, again: false, next, blames: 'gateway', keyRestMs: null, speaksForItself: false } as const;
}
