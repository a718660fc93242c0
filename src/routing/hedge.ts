import type { Delta } from '../protocol/delta.ts';
import { AttemptError, type Failure, toFailure } from '../protocol/failure.ts';
import type { Batches } from '../upstream/exchange.ts';
import { nextAfter } from './retry.ts';
import type { Route } from './route.ts';
import type { Target } from './target.ts';

/** What a race needs of its call. */
export interface Race {
  readonly route: Pick<Route, 'hedge' | 'overtaken' | 'heldOff'>;
  /** Aborts the call. */
  readonly signal: AbortSignal;
  /** Begins an attempt that can be aborted alone. */
  ask(target: Target, signal: AbortSignal, isHedge: boolean): Batches;
  /** Waits; rejects as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * Asks a target and, when it is late with its first token, a second one beside it. The first to speak answers, and the
 * other is aborted at once.
 */
export async function* hedged(target: Target, lateAfterMs: number, race: Race): Batches {
  const first = start(target, race, false);
  const second = (await isLate(first, lateAfterMs, race)) ? race.route.hedge() : null;
  if (second === null) return yield* goOn(first);
  const rival = start(second, race, true);
  const winner = await decide(first, rival, race.route);
  const lost = lose(winner === first ? rival : first);
  try {
    yield* goOn(winner);
  } finally {
    await lost;
  }
}

interface Runner {
  readonly head: Promise<IteratorResult<readonly Delta[], void>>;
  /** What comes after the head. */
  readonly batches: Batches;
  readonly controller: AbortController;
}

function start(target: Target, { ask, signal }: Race, isHedge: boolean): Runner {
  const controller = new AbortController();
  const batches = ask(target, AbortSignal.any([signal, controller.signal]), isHedge);
  const head = batches.next();
  // How the winner fares is told by `goOn`; how the loser does concerns nobody.
  head.catch(() => undefined);
  return { head, batches, controller };
}

async function isLate({ head }: Runner, afterMs: number, { sleep, signal }: Race): Promise<boolean> {
  const waiting = new AbortController();
  const patience = sleep(afterMs, AbortSignal.any([signal, waiting.signal]));
  const isOver = (): boolean => false;
  const late = await Promise.race([head.then(isOver, isOver), patience.then(() => true, isOver)]);
  waiting.abort();
  return late;
}

/** Who answers: the first to speak, or the one that is left when the other has failed. */
async function decide(first: Runner, rival: Runner, route: Race['route']): Promise<Runner> {
  const { runner, failure } = await Promise.race([outcomeOf(first), outcomeOf(rival)]);
  // What the first finds wrong with the request is the answer; that a rival cannot take it means nothing.
  const isOut = failure !== null && (runner === rival || nextAfter(failure) !== 'no');
  const winner = (runner === first) === isOut ? rival : first;
  const why = isOut ? failure : null;
  if (winner === rival) route.overtaken(why);
  else route.heldOff(why);
  return winner;
}

interface Outcome {
  readonly runner: Runner;
  readonly failure: Failure | null;
}

function outcomeOf(runner: Runner): Promise<Outcome> {
  return runner.head.then(
    () => ({ runner, failure: null }),
    (error: unknown) => ({ runner, failure: error instanceof AttemptError ? error.failure : null }),
  );
}

/** Resolves when the attempt has ended, and with it what it spent is known. */
async function lose({ batches, controller }: Runner): Promise<void> {
  const reason = new AttemptError(toFailure('lost-race', 'Another target spoke first.'));
  controller.abort(reason);
  // One that has spoken in the same moment waits to be asked for more: it is told here.
  await batches.throw(reason).catch(() => undefined);
}

async function* goOn({ head, batches }: Runner): Batches {
  try {
    const { done, value } = await head;
    if (done) return;
    yield value;
    yield* batches;
  } finally {
    await batches.return();
  }
}
