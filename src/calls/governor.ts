import type { ChangedScope } from '../access/limit-changes.ts';
import type { Config } from '../config/config.ts';
import type { Governance } from '../limits/governance.ts';
import { type Awaitable, whenThere } from '../protocol/awaitable.ts';
import type { GatewayError } from '../protocol/errors.ts';
import { promptTokensInSteps } from '../protocol/estimate.ts';
import { inTurns } from '../protocol/turns.ts';
import { AnswerReservation, type AnswerReservationContext } from './answer-reservation.ts';
import type { Call, PassedCall, TranslatedCall } from './call.ts';
import { LedgerEntry, type LedgerEntryContext } from './ledger-entry.ts';
import type { PassedCost } from './passed-cost.ts';
import { PassedReservation } from './passed-reservation.ts';
import { ScopeBook, type ScopeBookContext } from './scope-book.ts';

// The composition root imports each room once.
export { createCallTracker } from './call-tracker.ts';

/** The one door: every call of a key with limits goes through it before anything is sent or kept. */
export interface Governor {
  /**
   * Sets aside what the call may cost, as its `reservation`. The run of the call settles it.
   * @throws GatewayError 402, 403 or 429 where a limit is in the way, and then nothing was taken; 503
   */
  admit(call: Call): Awaitable<void>;
  /** Limits were changed: calls in flight go on under those of now. */
  renew(changed: readonly ChangedScope[]): Promise<void>;
}

/** What the door needs of the rest of the house. */
export interface GovernorContext
  extends Omit<AnswerReservationContext, 'governance' | 'rules'>,
    Pick<ScopeBookContext, 'seed'>,
    Pick<LedgerEntryContext, 'alert' | 'overran'> {
  readonly governance: Governance;
  readonly config: () => Pick<Config, 'governance' | 'passthrough'>;
  /** The calls in flight. */
  readonly running: () => readonly Call[];
}

/** The door of a gateway: one for all its calls. */
export function createGovernor({ config, seed, running, ...context }: GovernorContext): Governor {
  const { governance, p95TokensOf, now } = context;
  const rules = () => config().governance;
  const book = new ScopeBook({ governance, rules, seed });
  const forEntries = { ...context, book };
  const forAnswers = { ...context, rules };
  const termsOf = ({ target }: PassedCost) => ({
    at: now(),
    p95Tokens: p95TokensOf(target.id),
    allowsUnpriced: rules().budgets.allowsUnpriced,
    reserveUsd: config().passthrough.reserveUsd,
  });
  const forPassed = { ...context, termsOf };
  const admitAnswer = (call: TranslatedCall, entry: LedgerEntry): Awaitable<GatewayError | null> => {
    const estimated = call.isLarge ? inTurns(promptTokensInSteps(call.request), turn) : null;
    return whenThere(estimated, () => {
      const reservation = new AnswerReservation(call, entry, forAnswers);
      call.reservation = reservation;
      return reservation.admit();
    });
  };
  const admitPassed = (call: PassedCall, entry: LedgerEntry): Awaitable<GatewayError | null> => {
    if (call.cost === null) throw new Error('A call of a key with limits does not tell what it may cost.');
    const reservation = new PassedReservation(call, call.cost, entry, forPassed);
    call.reservation = reservation;
    return reservation.admit();
  };
  // A number: an id that is put together of key and request takes a microsecond to be found by.
  let entries = 0;
  return {
    admit(call) {
      const refusal = whenThere(book.of(call.key.scopes), (scopes) => {
        const entry = new LedgerEntry(`call_${++entries}`, scopes, forEntries);
        return call.kind === 'passed' ? admitPassed(call, entry) : admitAnswer(call, entry);
      });
      return whenThere(refusal, throwIfRefused);
    },
    renew: (changed) => book.renew(changed, running()),
  };
}

function throwIfRefused(refusal: GatewayError | null): void {
  if (refusal !== null) throw refusal;
}

/** Lets the event loop go on with what waits for it. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
