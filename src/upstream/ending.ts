/** What is known of an exchange that an error broke off, from the error and the watchdog. */
export interface BreakOff {
  /** The call was aborted: by its client, its deadline, the stopping gateway, a lost race. */
  readonly isAborted: boolean;
  /** The error is that of the consumer of the answer, and says nothing about the provider. */
  readonly isConsumerError: boolean;
  /** The error is a failure that was read from the answer. */
  readonly isFailure: boolean;
  /** The watchdog ended the exchange, which an abort makes it do as well. */
  readonly isTimedOut: boolean;
}

/** All that decides how the exchange ended. */
export interface EndingFacts extends BreakOff {
  /** Every choice has its finish reason: what was lost with the connection is no part of the answer. */
  readonly isComplete: boolean;
}

/**
 * How an exchange ended: it is `whole` all the same, or is thrown as the reason of the `abort`, the `consumer`'s error,
 * the provider's `failure`, the `timeout`, or what the `network` did.
 */
export type Ending = 'whole' | 'abort' | 'consumer' | 'failure' | 'timeout' | 'network';

/**
 * Names the ending: whose word counts first. A connection that is lost, or whose time is over, ends a complete answer
 * well; an answer that was read as failed, or that its consumer could not take, stays so.
 */
export function endingOf(facts: EndingFacts): Ending {
  const { isAborted, isConsumerError, isFailure, isTimedOut, isComplete } = facts;
  if (isAborted) return 'abort';
  if (isConsumerError) return 'consumer';
  if (isComplete) return 'whole';
  if (isFailure) return 'failure';
  return isTimedOut ? 'timeout' : 'network';
}

/** True when the connection went, or its time was over: what the reader holds back then belongs to the answer. */
export function isConnectionLost({ isAborted, isConsumerError, isFailure, isTimedOut }: BreakOff): boolean {
  if (isAborted) return false;
  return isTimedOut || !(isFailure || isConsumerError);
}
