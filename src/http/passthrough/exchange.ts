import type { ClientRequest } from 'node:http';
import type { Request, Response } from 'express';
import type { PassedCall } from '../../calls/call.ts';
import type { CallRun } from '../../calls/run-call.ts';
import { GatewayError, toGatewayError, toInterruption } from '../../protocol/errors.ts';
import { AttemptError, toFailure } from '../../protocol/failure.ts';
import type { Provider } from '../../providers/provider.ts';
import { type Attempt, createAttempt } from '../../routing/attempt.ts';
import type { KeyPool, PoolKey } from '../../upstream/key-pool.ts';
import { maskFailure } from '../../upstream/mask-failure.ts';
import { toUpstreamFailure } from '../../upstream/network-failure.ts';
import { Watchdog } from '../../upstream/watchdog.ts';
import { deliver } from './answer.ts';
import type { PassedChoice } from './choice.ts';
import { answerHeaders, headersFor } from './headers.ts';
import { PassedText } from './passed-text.ts';
import { upstreamPathOf } from './paths.ts';
import type { ProxiedRequest, SendOn } from './proxy.ts';
import { ReportedUsage } from './reported-usage.ts';
import type { Upload } from './upload.ts';

/** One request and all that belongs to it. */
interface Passing {
  readonly request: Request;
  readonly response: Response;
  readonly choice: PassedChoice;
  readonly upload: Upload;
}

/**
 * The one attempt of a passed call. Breakers and statistics are chat's: what a file or an image does to a provider says
 * nothing of its models.
 * @throws GatewayError
 */
export async function exchange(run: CallRun<PassedCall>, passing: Passing, sendOn: SendOn): Promise<void> {
  const { call, context } = run;
  const { request, response, choice } = passing;
  const { provider, policy } = choice.target;
  const key = context.providerKeys.pinned(provider);
  const attempt = beginAttempt(call, choice, key, context.now());
  const watchdog = new Watchdog(call.controller.signal);
  const usage = mayReport(call, request) ? new ReportedUsage() : null;
  const text = call.reservation?.isOpen ? new PassedText() : null;
  const sent: SentRequest = { hasSocket: false, isWhole: false, status: null };
  try {
    const answer = await sendOn(request, response, passageOf(call, passing, key, watchdog, sent));
    sent.status = answer.statusCode ?? null;
    attempt.firstTokenAt = context.now();
    call.firstTokenAt = attempt.firstTokenAt;
    // It alone is about the key: a limit may be that of one path, and reached by one client.
    if (answer.statusCode === 401) refuseKey(provider, key, context.providerKeys);
    const headers = answerHeaders(call, context.now());
    const { idleMs } = policy.timeouts;
    await deliver(answer, { call, response, provider, headers, watchdog, idleMs, usage, text });
  } catch (error) {
    watchdog.abort(new Error('The answer is not read any more.'));
    throw call.controller.signal.aborted ? error : toPassedError(error, attempt);
  } finally {
    watchdog.stop();
    attempt.endedAt = context.now();
    attempt.isAborted = call.controller.signal.aborted;
    attempt.usage = usage?.read() ?? null;
    sent.isWhole = passing.upload.body.readableEnded;
    if (call.reservation && mayHaveCost(attempt, sent)) attempt.presumedUsd = call.reservation.presumedUsd;
    call.usage = attempt.usage;
  }
}

function beginAttempt(call: PassedCall, { target }: PassedChoice, key: PoolKey | null, now: number): Attempt {
  const attempt = createAttempt(1, target, [], now, { keyNumber: key?.number ?? null });
  call.attempts.push(attempt);
  call.currentAttempt = attempt;
  return attempt;
}

function passageOf(
  { controller }: PassedCall,
  { request, choice, upload }: Passing,
  key: PoolKey | null,
  watchdog: Watchdog,
  sent: SentRequest,
): ProxiedRequest {
  const { provider, policy } = choice.target;
  return {
    base: new URL(provider.baseUrl + provider.kind.openai.path),
    path: upstreamPathOf(request),
    headers: headersFor(provider, key, request.headers, choice.body),
    body: upload.body,
    signal: controller.signal,
    sending(upstream) {
      sent.hasSocket = true;
      guard(upstream, watchdog, policy.timeouts.connectMs);
    },
  };
}

/** Whatever ends the call closes the connection, also one that is not there yet. */
function guard(upstream: ClientRequest, watchdog: Watchdog, connectMs: number): void {
  watchdog.guard(upstream);
  if (watchdog.hasEnded()) upstream.destroy(watchdog.reason() ?? undefined);
  const { socket } = upstream;
  if (upstream.reusedSocket || socket === null) return;
  const tooLate = (): void => {
    const message = `The provider did not accept the connection within ${connectMs} ms.`;
    upstream.destroy(new AttemptError(toFailure('unreachable', message)));
  };
  const timer = setTimeout(tooLate, connectMs);
  const stop = (): void => clearTimeout(timer);
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', stop);
  upstream.once('close', stop);
}

/**
 * Only what makes something new tells what it spent: an answer that is fetched again, or cancelled, repeats its usage.
 * Images and audio come in forms, whose model is not read.
 */
function mayReport({ path, requestedModel }: PassedCall, { method }: Request): boolean {
  return method === 'POST' && (requestedModel !== '' || path === '/v1/images' || path === '/v1/audio');
}

/** How far a request came. */
interface SentRequest {
  hasSocket: boolean;
  /** Nothing is computed of half a body. */
  isWhole: boolean;
  /** Of its answer. */
  status: number | null;
}

/** What was sent may have cost something, whatever became of it; a provider that was not there, or refused it, took nothing. */
function mayHaveCost({ failure }: Attempt, { hasSocket, isWhole, status }: SentRequest): boolean {
  return status === null ? hasSocket && isWhole && failure === null : status < 400;
}

function refuseKey(provider: Provider, key: PoolKey | null, providerKeys: KeyPool): never {
  if (key) providerKeys.failed(provider, key, { kind: 'unauthorized', retryAfterMs: null });
  const message = "The provider refused the gateway's own account (HTTP 401). The operator has to check its api_key.";
  throw new GatewayError('upstream_unauthorized', message);
}

function toPassedError(error: unknown, attempt: Attempt): unknown {
  if (error instanceof GatewayError) return error;
  const hasBegun = attempt.firstTokenAt !== null;
  const failed = toUpstreamFailure(error, hasBegun ? 'interrupted' : 'unreachable');
  const shown = maskFailure(failed, attempt.target.provider);
  if (!(shown instanceof AttemptError)) return shown;
  attempt.failure = shown.failure;
  return hasBegun ? toInterruption(shown.failure, shown) : toGatewayError(shown.failure, shown);
}
