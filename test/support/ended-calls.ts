import { createPassedCall, createTranslatedCall, type PassedCall, type TranslatedCall } from '../../src/calls/call.ts';
import { toUsage } from '../../src/protocol/delta.ts';
import { type ErrorCode, GatewayError } from '../../src/protocol/errors.ts';
import { toFailure } from '../../src/protocol/failure.ts';
import type { FailureKind } from '../../src/protocol/failure-kinds.ts';
import { type Attempt, createAttempt } from '../../src/routing/attempt.ts';
import { createRegistry, type Registry } from '../../src/routing/registry.ts';
import type { RescueWay } from '../../src/routing/rescue.ts';
import type { Target } from '../../src/routing/target.ts';
import { askedOf } from './asked.ts';
import { load } from './config-files.ts';
import { keyNamed } from './keys.ts';
import { buildProviders } from './provider.ts';

/** A registry with the models `m`, `n` (provider `up`) and `o` (provider `other`). */
export function buildRegistry(): Registry {
  const config = load(
    'providers:\n  up: { kind: openai-compatible, base_url: "http://127.0.0.1:9/v1" }\n' +
      '  other: { kind: openai-compatible, base_url: "http://127.0.0.1:9/v1" }\n' +
      'models: { m: { provider: up }, n: { provider: up }, o: { provider: other } }\n',
  );
  return createRegistry(config, buildProviders(config));
}

const registry = buildRegistry();

/** The target of a name, as the registry makes it. */
function targetOf(name: string): Target {
  const [target] = registry.find(name).targets;
  if (target === undefined) throw new Error(`No target for ${name}.`);
  return target;
}

/** One try: on which model, and when, in milliseconds after the call's arrival. */
export interface TryPlan {
  readonly model?: string;
  readonly startedAt?: number;
  readonly firstTokenAt?: number | null;
  readonly endedAt?: number;
  readonly failure?: FailureKind;
  /** Asked beside the one before it. */
  readonly isHedge?: boolean;
  /** How it took up an answer that broke off. */
  readonly rescue?: RescueWay;
}

/** A call that has ended, to be shown to observers. Times in milliseconds after its arrival. */
export interface CallPlan {
  /** Name of the client's key. */
  readonly key?: string;
  readonly stream?: boolean;
  readonly tries?: readonly TryPlan[];
  readonly firstTokenAt?: number | null;
  readonly endedAt?: number;
  readonly abortedAt?: number | null;
  readonly outcome?: TranslatedCall['outcome'];
  readonly error?: ErrorCode;
}

const RECEIVED_AT = 1_760_000_000_000;

/** Spends 10 prompt tokens (4 of them cached) and 5 completion tokens (2 of them reasoning) per try that spoke. */
export function buildCall(plan: CallPlan = {}): TranslatedCall {
  const tries = (plan.tries ?? [{}]).map(buildAttempt);
  const call = createTranslatedCall({
    id: 'call-1',
    key: keyNamed(plan.key ?? 'team-a'),
    path: '/v1/chat/completions',
    asked: askedOf({ model: 'm', messages: [{ role: 'user', content: 'Hello' }], stream: plan.stream ?? true }),
    plan: {
      caller: plan.key ?? 'team-a',
      targets: [targetOf('m')],
      route: 'model',
      reason: '',
      rule: null,
      skipped: [],
    },
    isStrict: false,
    isLarge: false,
    isResumable: false,
    totalMs: 60_000,
    receivedAt: RECEIVED_AT,
  });
  call.attempts.push(...tries);
  call.currentAttempt = tries.findLast(({ failure }) => failure?.kind !== 'lost-race') ?? null;
  call.firstTokenAt = at(plan.firstTokenAt === undefined ? 100 : plan.firstTokenAt);
  call.endedAt = RECEIVED_AT + (plan.endedAt ?? 500);
  call.abortedAt = at(plan.abortedAt ?? null);
  call.outcome = plan.outcome ?? (plan.error ? 'failed' : 'completed');
  call.error = plan.error ? new GatewayError(plan.error, 'It failed.') : null;
  return call;
}

/** An ended call that was passed through, with 3 bytes sent and 7 received; its attempt as in {@link buildCall}. */
export function buildPassedCall(plan: Pick<CallPlan, 'tries' | 'outcome' | 'endedAt' | 'abortedAt'> = {}): PassedCall {
  const [attempt = null] = (plan.tries ?? [{}]).map(buildAttempt);
  const call = createPassedCall({
    id: 'call-1',
    key: keyNamed('team-a'),
    path: '/v1/embeddings',
    requestedModel: 'm',
    labels: { user: null, metadata: null },
    cost: null,
    totalMs: 60_000,
    receivedAt: RECEIVED_AT,
  });
  if (attempt) call.attempts.push(attempt);
  const ended = { abortedAt: at(plan.abortedAt ?? null), endedAt: RECEIVED_AT + (plan.endedAt ?? 500) };
  const bytes = { requestBytes: 3, responseBytes: 7 };
  return Object.assign(call, ended, bytes, { currentAttempt: attempt, outcome: plan.outcome ?? 'completed' });
}

function buildAttempt(plan: TryPlan, index: number): Attempt {
  const { model = 'm', startedAt = 1, isHedge = false, rescue = null } = plan;
  const attempt = createAttempt(index + 1, targetOf(model), [], RECEIVED_AT + startedAt, { isHedge, rescue });
  attempt.firstTokenAt = at(plan.firstTokenAt === undefined ? (plan.failure ? null : 99) : plan.firstTokenAt);
  attempt.endedAt = RECEIVED_AT + (plan.endedAt ?? 498);
  attempt.failure = plan.failure ? toFailure(plan.failure, 'It failed.') : null;
  attempt.usage =
    attempt.firstTokenAt === null ? null : toUsage({ prompt: 10, completion: 5, cached: 4, reasoning: 2 });
  return attempt;
}

function at(after: number | null): number | null {
  return after === null ? null : RECEIVED_AT + after;
}
