import type { Awaitable } from '../protocol/awaitable.ts';
import type { Budget, BudgetAlert } from './budget.ts';
import type { RateStanding } from './rate.ts';
import type { Scope } from './scope.ts';
import type { Booking, SpendRow } from './spend.ts';
import type { WindowName } from './windows.ts';

/**
 * Who has taken how much of which limit. Where the state is in this process an answer is there at once, elsewhere it comes. Every call that may cost has one reservation in all of its scopes; it ends
 * exactly once, with what the call really came to. A call is known by an id that no other open one has: not that of its
 * request, which two keys may use at once. Money is an integer of nano-USD.
 */
export interface Ledger {
  /**
   * Takes the ask in every scope, or nothing in any: a refusal consumes nothing. For a call that is open already nothing
   * is taken again.
   */
  reserve(call: string, scopes: readonly Scope[], ask: Ask): Awaitable<Admitted | Refused | UnknownScopes>;
  /**
   * Makes the reservation cover the ask, which is the sum of all that the call has spent and may still spend. Money is
   * checked, tokens are taken unchecked; what is covered already is taken no second time, and nothing is given back.
   * @param scopes further ones, for an attempt at another model: there the call is admitted as a new one
   */
  extend(call: string, ask: Ask, scopes?: readonly Scope[]): Awaitable<Extended | Refused | UnknownScopes | NotOpen>;
  /** Ends the reservation, in the windows of its admission. Settling again has no effect, and says so. */
  settle(call: string, settlement: Settlement): Awaitable<Settled | NotOpen>;
  /** How scopes stand, by their ids; null for one that is unknown. */
  read(scopes: readonly string[]): Awaitable<readonly (ScopeReading | null)[]>;
  /** Makes a scope known, with what was spent before, or changes its limits: what is spent and held stays as it is. */
  change(scope: string, terms: ScopeTerms): Awaitable<void>;
  /** Books what was spent elsewhere, or takes back what was: for a correction, once the database has it. */
  book(rows: readonly SpendRow[]): Awaitable<void>;
  /** Drops what belongs to a key or an organisation that is deleted, with its limits for single models. Its open calls are settled all the same. */
  forget(scope: string): Awaitable<void>;
}

/** What stands on a key or an organisation; null where there is no limit. */
export interface Limits {
  /** Requests a minute. */
  readonly rpm: number | null;
  /** Tokens a minute. */
  readonly tpm: number | null;
  /** Calls in flight. */
  readonly concurrency: number | null;
  readonly budget: Budget | null;
  /** Minutes' worth of rpm and tpm that may be used at once after a pause. */
  readonly burst: number;
  /** Whether cached tokens count for tpm. */
  readonly countsCached: boolean;
}

/** What a call wants to set aside. */
export interface Ask {
  /** Null where the price is not known: that passes where no budget is hard, and counts as nothing. */
  readonly nano: number | null;
  /** Where less will do, as for an answer that can be made shorter: this much at least. Else the same as `nano`. */
  readonly leastNano: number | null;
  readonly tokens: number;
  /** Of a call that is a part of another open one: it is no further request, and does not wait for that one to end. */
  readonly isPart?: boolean;
}

/** What a call came to, over all attempts. */
export interface Settlement {
  readonly nano: number;
  /** Of prompts and answers. */
  readonly tokens: number;
  /** Those of `tokens` that providers read from their caches. */
  readonly cachedTokens: number;
}

/** A call that may go on. */
export interface Admitted {
  readonly outcome: 'admitted';
  /** What was set aside: less than was asked for where less was left and would do. */
  readonly nano: number;
  readonly standing: Standing;
  readonly alerts: readonly ScopeAlert[];
}

/** A reservation that covers what was asked for. */
export interface Extended {
  readonly outcome: 'extended';
  /** What is set aside now, all in all. */
  readonly nano: number;
  readonly standing: Standing;
  readonly alerts: readonly ScopeAlert[];
}

/** A call that may not go on: nothing was taken. Of several limits in the way it is the one that lasts longest. */
export interface Refused {
  readonly outcome: 'refused';
  readonly scope: Scope;
  readonly hit: LimitHit;
  /** Null where no time is known after which the same would be admitted, as with money, or under a limit of 0. */
  readonly retryAfterMs: number | null;
  readonly standing: Standing;
}

/** Scopes that the ledger has not heard of, or not of what they have spent of a budget: the caller makes them known by `change`, and asks again. Nothing was taken. */
export interface UnknownScopes {
  readonly outcome: 'unknown';
  readonly scopes: readonly string[];
}

/** No such call is open: never reserved, or settled already. Nothing was changed. */
export interface NotOpen {
  readonly outcome: 'not-open';
}

/** A reservation that ended. */
export interface Settled {
  readonly outcome: 'settled';
  /** What belongs into the database, in one transaction with the record of the call. */
  readonly booking: Booking;
  /** By how much the call has overdrawn a hard budget, in nano-USD. */
  readonly overrunNano: number;
}

/** Which limit is in the way, with its numbers. */
export type LimitHit =
  | { readonly limit: 'rpm' | 'concurrency'; readonly most: number }
  | { readonly limit: 'tpm'; readonly most: number; readonly asked: number }
  | BudgetHit
  | { readonly limit: 'price' };

/** A hard budget that does not have what was asked for. */
export interface BudgetHit {
  readonly limit: 'budget';
  readonly window: WindowName;
  readonly mostNano: number;
  readonly spentNano: number;
  readonly heldNano: number;
  readonly askedNano: number;
  /** Milliseconds since the epoch; null for the budget of all time. */
  readonly beginsAnewAt: number | null;
}

/** What is left after the call was admitted, extended or refused, each in the scope that has least of it; null without a limit. */
export interface Standing {
  readonly requests: RateStanding | null;
  readonly tokens: RateStanding | null;
  /** In the tightest window; below 0 where a soft budget is overdrawn. */
  readonly budgetNano: number | null;
}

/** A word about the money of a scope. */
export interface ScopeAlert extends BudgetAlert {
  readonly scope: Scope;
}

/** How one scope stands. */
export interface ScopeReading {
  /** False where it could not be read what was spent before: the windows have only what was spent since. */
  readonly isSeeded: boolean;
  readonly requests: RateStanding | null;
  readonly tokens: RateStanding | null;
  readonly inFlight: number;
  readonly concurrency: number | null;
  /** What calls in flight have set aside. */
  readonly heldNano: number;
  readonly windows: Readonly<Record<WindowName, WindowReading>>;
}

/** One window of a budget. */
export interface WindowReading {
  readonly spentNano: number;
  readonly limitNano: number | null;
  readonly leftNano: number | null;
  /** When it begins anew, in milliseconds since the epoch; null for all time. */
  readonly beginsAnewAt: number | null;
}

/** What a scope is made known with. */
export interface ScopeTerms {
  /** Of the row it comes from: older terms than those that hold are left aside. */
  readonly version: number;
  readonly limits: Limits;
  /**
   * What the database has of it, which a scope takes once. Null where that cannot be read: such a scope is good for as long as it
   * has no budget, and is unknown with one. Rows of other scopes and windows are left aside.
   */
  readonly spent?: readonly SpendRow[] | null;
}
