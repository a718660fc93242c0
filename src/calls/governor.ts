import type { Config } from '../config/config.ts';
import type { Governance } from '../limits/governance.ts';
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
  admit(call: Call): Promise<void>;
}

/** What the door needs of the rest of the house. */
export interface GovernorContext
  extends Omit<AnswerReservationContext, 'governance' | 'rules'>,
    Pick<ScopeBookContext, 'seed'>,
    Pick<LedgerEntryContext, 'alert' | 'overran'> {
  readonly governance: Governance;
  readonly config: () => Pick<Config, 'governance' | 'passthrough'>;
}

/** The door of a gateway: one for all its calls. */
export function createGovernor({ config, seed, ...context }: GovernorContext): Governor {
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
  const admitAnswer = async (call: TranslatedCall, entry: LedgerEntry): Promise<GatewayError | null> => {
    if (call.isLarge) await inTurns(promptTokensInSteps(call.request), turn);
    const reservation = new AnswerReservation(call, entry, forAnswers);
    call.reservation = reservation;
    return reservation.admit();
  };
  const admitPassed = async (call: PassedCall, entry: LedgerEntry): Promise<GatewayError | null> => {
    if (call.cost === null) throw new Error('A call of a key with limits does not tell what it may cost.');
    const reservation = new PassedReservation(call, call.cost, entry, forPassed);
    call.reservation = reservation;
    return reservation.admit();
  };
  return {
    async admit(call) {
      // No id of a call has a slash in it, whatever a key is called.
      const entry = new LedgerEntry(`${call.key.id}/${call.id}`, await book.of(call.key.scopes), forEntries);
      const refusal = await (call.kind === 'passed' ? admitPassed(call, entry) : admitAnswer(call, entry));
      if (refusal !== null) throw refusal;
    },
  };
}

/** Lets the event loop go on with what waits for it. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
