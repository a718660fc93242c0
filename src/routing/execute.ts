import type { UpstreamRequest } from '../dialects/dialect.ts';
import type { ChatRequest } from '../protocol/chat.ts';
import type { Delta } from '../protocol/delta.ts';
import { GatewayError, toGatewayError, toInterruption } from '../protocol/errors.ts';
import { AttemptError } from '../protocol/failure.ts';
import type { UpstreamClient } from '../upstream/client.ts';
import { type Attempt, runAttempt } from './attempt.ts';
import type { Plan } from './plan.ts';
import type { Target } from './target.ts';

/** What the attempts of a call need to know of it, and where they leave their traces. */
export interface Course {
  readonly chat: ChatRequest;
  readonly plan: Plan;
  readonly isStrict: boolean;
  readonly controller: AbortController;
  readonly attempts: Attempt[];
}

export interface ExecuteContext {
  readonly client: UpstreamClient;
  readonly now: () => number;
}

/**
 * Answers a call: yields batches, the first one with the first token.
 * @throws GatewayError what the client gets when nothing helped, or the reason of an abort
 */
export async function* execute(
  course: Course,
  { client, now }: ExecuteContext,
): AsyncGenerator<readonly Delta[], void, undefined> {
  const target = firstTarget(course.plan);
  const message = translate(course, target);
  const attempt = createAttempt(course.attempts.length + 1, target, message.dropped, now());
  course.attempts.push(attempt);
  let isCommitted = false;
  try {
    const { signal } = course.controller;
    for await (const batch of runAttempt(attempt, course.chat, message, { client, now, signal })) {
      isCommitted = true;
      yield batch;
    }
  } catch (error) {
    if (!(error instanceof AttemptError)) throw error;
    throw isCommitted ? toInterruption(error.failure, error) : toGatewayError(error.failure, error);
  }
}

function firstTarget(plan: Plan): Target {
  const [target] = plan.targets;
  if (target === undefined) throw new GatewayError('model_not_found', 'No provider of this model can be asked.');
  return target;
}

/** Translates the frozen request for one target. */
function translate({ chat, isStrict }: Course, target: Target): UpstreamRequest {
  const message = target.provider.chooseDialect(chat, target.facts).request(chat, target.facts);
  const [param] = message.dropped;
  if (isStrict && param !== undefined) {
    const all = message.dropped.map((name) => `'${name}'`).join(', ');
    throw new GatewayError(
      'unsupported_parameter',
      `Model '${target.facts.model}' cannot honour ${all}. Leave it out, or leave out x-sluice-strict to have it dropped.`,
      { param },
    );
  }
  return message;
}

function createAttempt(number: number, target: Target, dropped: readonly string[], startedAt: number): Attempt {
  return { number, target, dropped, startedAt, firstTokenAt: null, endedAt: null, failure: null };
}
