import { createTranslatedCall, type NewTranslatedCall, type TranslatedCall } from '../../src/calls/call.ts';
import type { ResumableStream } from '../../src/calls/readers.ts';
import { createReplay } from '../../src/calls/replay.ts';
import { type Failure, toFailure } from '../../src/protocol/failure.ts';
import { type Attempt, createAttempt } from '../../src/routing/attempt.ts';
import { createPlan } from '../../src/routing/plan.ts';
import { createRegistry } from '../../src/routing/registry.ts';
import { askedOf } from './asked.ts';
import { load } from './config-files.ts';
import { keyNamed } from './keys.ts';
import { ANYBODY, planContext } from './planning.ts';
import { buildProviders } from './provider.ts';

const CONFIG = load(
  'providers: { up: { kind: openai-compatible, base_url: "http://127.0.0.1:9/v1" } }\n' +
    'models: { m: { provider: up, upstream: m-upstream, aliases: [m-alias] } }\n',
);
const REGISTRY = createRegistry(CONFIG, buildProviders(CONFIG));

/** A call of the key `a`, received at 1000 ms, that asked for `m-alias` and has had no attempt. */
export function buildCall(parts: Partial<NewTranslatedCall> = {}): TranslatedCall {
  const messages = [{ role: 'user', content: 'a secret question' }];
  const asked = askedOf({ model: 'm-alias', messages, stream: true });
  return createTranslatedCall({
    id: 'call-1',
    key: keyNamed('a'),
    path: '/v1/chat/completions',
    asked,
    plan: createPlan(REGISTRY, asked.request, ANYBODY, planContext()),
    isStrict: false,
    isLarge: false,
    isResumable: false,
    totalMs: 60_000,
    receivedAt: 1000,
    ...parts,
  });
}

/** Adds an attempt that began at this time; with a failure, one that ended 50 ms later. */
export function addAttempt(call: TranslatedCall, startedAt: number, failure: Failure | null = null): Attempt {
  const attempt = createAttempt(call.attempts.length + 1, call.plan.targets[0], [], startedAt);
  call.attempts.push(attempt);
  call.currentAttempt = attempt;
  attempt.failure = failure;
  if (failure) attempt.endedAt = startedAt + 50;
  return attempt;
}

/** A failure as a busy provider gives it. */
export const BUSY: Failure = toFailure('rate-limited', 'Too many requests.');

/** A stream of a call for the register: only its replay counts there. */
export function buildStream(maxBytes = 1000): ResumableStream {
  const readers = { enter: () => undefined, leave: () => undefined, end: () => undefined };
  return { replay: createReplay(maxBytes), readers, headers: () => ({}) };
}
