/** How the wall treats one attempt. Times in milliseconds. */
export type Behaviour =
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string; readonly retryAfterSeconds?: number }
  /** A TCP reset before any byte. */
  | { readonly kind: 'reset' }
  /** Nothing, not even a head; then the connection is closed. */
  | { readonly kind: 'silence'; readonly ms: number }
  | ({ readonly kind: 'answer' } & Flaws);

/** What is wrong with a streamed answer; word counts say after which word. */
export interface Flaws {
  readonly firstTokenMs?: number;
  /** The connection ends here, without the last chunk of the body. */
  readonly cutAfter?: number;
  /** Silence, and then the connection ends. */
  readonly stall?: { readonly after: number; readonly ms: number };
  /** One event of broken JSON. */
  readonly garbageAfter?: number;
  readonly isWithoutDone?: boolean;
  /** Says something else than the others. */
  readonly isInOtherWords?: boolean;
  /** What happens to a conversation that ends with the beginning of the answer. */
  readonly prefix?: 'continued' | 'refused' | 'ignored';
}

/** The lengths of the faults: at full speed as published, or compressed for a quick look. */
export interface Timing {
  readonly firstTokenMs: number;
  readonly stallMs: number;
  readonly silenceMs: number;
  readonly outageMs: number;
  readonly gapMs: number;
  readonly outageCalls: number;
  readonly outageEveryMs: number;
  readonly outageCallMs: number;
}

export const FULL: Timing = {
  firstTokenMs: 20_000,
  stallMs: 30_000,
  silenceMs: 120_000,
  outageMs: 60_000,
  gapMs: 15,
  outageCalls: 20,
  outageEveryMs: 4000,
  outageCallMs: 30_000,
};

export const FAST: Timing = {
  firstTokenMs: 3000,
  stallMs: 4000,
  silenceMs: 15_000,
  outageMs: 6000,
  gapMs: 5,
  outageCalls: 10,
  outageEveryMs: 1200,
  outageCallMs: 10_000,
};

const WELL: Behaviour = { kind: 'answer' };
const OVERLOADED: Behaviour = { kind: 'refuse', status: 503, code: 'overloaded' };

/** @param attempt counted from 1 per model @param atMs since the scenario began */
type Fault = (attempt: number, atMs: number) => Behaviour;

/** The first attempt fails so, the others do not. */
function once(behaviour: Behaviour): Fault {
  return (attempt) => (attempt === 1 ? behaviour : WELL);
}

/** What each model of the wall does; any other is unknown to it. */
export function faultsOf(timing: Timing): Readonly<Record<string, Fault>> {
  const always =
    (behaviour: Behaviour): Fault =>
    () =>
      behaviour;
  return {
    ok: always(WELL),
    'ok-no-prefix': always({ kind: 'answer', prefix: 'refused' }),
    'ok-ignores-prefix': always({ kind: 'answer', prefix: 'ignored' }),
    'ok-other-words': always({ kind: 'answer', isInOtherWords: true, prefix: 'ignored' }),
    s01: once({ kind: 'refuse', status: 429, code: 'rate_limit_exceeded', retryAfterSeconds: 2 }),
    s02: always({ kind: 'refuse', status: 429, code: 'rate_limit_exceeded' }),
    s03: once({ kind: 'refuse', status: 500, code: 'server_error' }),
    s04: always(OVERLOADED),
    s05: once({ kind: 'reset' }),
    s06: always({ kind: 'silence', ms: timing.silenceMs }),
    s07: always({ kind: 'answer', firstTokenMs: timing.firstTokenMs }),
    s08: always({ kind: 'answer', cutAfter: 40 }),
    s09: always({ kind: 'answer', stall: { after: 20, ms: timing.stallMs } }),
    s10: always({ kind: 'answer', garbageAfter: 10 }),
    s11: always({ kind: 'answer', isWithoutDone: true }),
    s12: always({ kind: 'refuse', status: 400, code: 'context_length_exceeded' }),
    s13: always({ kind: 'refuse', status: 400, code: 'content_policy_violation' }),
    s14: always({ kind: 'answer', cutAfter: 40 }),
    s15: (_, atMs) => (atMs < timing.outageMs ? OVERLOADED : WELL),
    s16: always(OVERLOADED),
    // One model each: a breaker knows nothing of scenarios.
    ...Object.fromEntries([1, 2, 3, 4, 5].map((number) => [`cut-${number}`, always({ kind: 'answer', cutAfter: 40 })])),
  };
}
