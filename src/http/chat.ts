import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import { abortCall, type Call, createCall } from '../calls/call.ts';
import { parseDuration } from '../config/units.ts';
import { parseChatRequest } from '../protocol/chat-request.ts';
import { createCompletion } from '../protocol/completion.ts';
import type { Delta } from '../protocol/delta.ts';
import type { Identity } from '../protocol/envelope.ts';
import { GatewayError } from '../protocol/errors.ts';
import { execute } from '../routing/execute.ts';
import { createPlan } from '../routing/plan.ts';
import type { Services } from './services.ts';
import { writeStream } from './stream.ts';

/** `POST /v1/chat/completions`: the main job. */
export function chatRoute(services: Services): RequestHandler {
  return async (request, response) => {
    const call = beginCall(request, response, services);
    const deadline = setTimeout(() => abortCall(call, deadlineError(call)), call.totalMs);
    try {
      await answer(call, response, services);
      call.outcome = 'completed';
    } catch (error) {
      call.error = toCallError(error, call, services);
      call.outcome = call.error.status === 499 ? 'cancelled' : 'failed';
      if (!response.headersSent && !response.destroyed) {
        response.set(headersOf(call, services));
        throw call.error;
      }
    } finally {
      clearTimeout(deadline);
      call.endedAt = services.now();
      services.live.remove(call);
      services.callEnded(call);
    }
  };
}

function beginCall(request: Request, response: Response, services: Services): Call {
  const receivedAt = services.now();
  const chat = parseChatRequest(request.body);
  const plan = createPlan(services.world().registry, chat);
  const call = createCall({
    id: response.locals['requestId'] as string,
    key: response.locals['key'] as Key,
    chat,
    plan,
    isStrict: request.get('x-sluice-strict') === 'true',
    totalMs: totalOf(request.get('x-sluice-timeout')) ?? plan.targets[0].policy.timeouts.totalMs,
    receivedAt,
  });
  services.live.add(call);
  response.once('close', () => {
    if (!response.writableFinished)
      abortCall(call, new GatewayError('client_closed', 'The client closed the connection.'));
  });
  return call;
}

function totalOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const total = parseDuration(header);
  if (total !== null && total > 0) return total;
  throw new GatewayError('invalid_value', `x-sluice-timeout is '${header}', but should be a duration such as 20s.`);
}

function deadlineError({ totalMs }: Call): GatewayError {
  return new GatewayError('upstream_timeout', `The call was not answered within its ${totalMs} ms.`);
}

async function answer(call: Call, response: Response, services: Services): Promise<void> {
  const batches = execute(call, services);
  if (call.chat.stream) {
    await writeStream(response, call, batches, {
      see: (batch) => note(call, batch, services),
      keepaliveMs: services.world().config.server.keepaliveMs,
      identity: () => identityOf(call),
      headers: () => headersOf(call, services),
      toError: (error) => toCallError(error, call, services),
    });
    return;
  }
  const completion = createCompletion();
  for await (const batch of batches) {
    note(call, batch, services);
    completion.add(batch);
  }
  const body = JSON.stringify(completion.toBody(identityOf(call)));
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headersOf(call, services),
  });
  // A string leaves together with its head, in one write.
  response.end(body);
}

/** Notes on the call what passes by. */
function note(call: Call, batch: readonly Delta[], { now }: Services): void {
  call.firstTokenAt ??= now();
  for (const delta of batch) {
    if (delta.type === 'usage') call.usage = delta.usage;
    else if (delta.type === 'choice' && delta.finish) call.finishReason = delta.finish;
  }
}

function identityOf(call: Call): Identity {
  const model = call.attempts.at(-1)?.target.facts.model ?? call.chat.model;
  return { id: `chatcmpl-${call.id}`, created: Math.floor(call.receivedAt / 1000), model };
}

/** The headers of every answer that reached a model; none before there was an attempt. */
function headersOf(call: Call, { now }: Services): Record<string, string> {
  const first = call.attempts[0];
  const attempt = call.attempts.at(-1);
  if (first === undefined || attempt === undefined) return {};
  // What the gateway itself took: before the first attempt and since the last one's first token.
  const spokeAt = attempt.firstTokenAt ?? attempt.endedAt ?? now();
  const overhead = first.startedAt - call.receivedAt + (now() - spokeAt);
  return {
    'x-sluice-model': attempt.target.facts.model,
    'x-sluice-provider': attempt.target.provider.name,
    'x-sluice-attempts': String(call.attempts.length),
    'x-sluice-overhead-ms': overhead.toFixed(2),
    ...(attempt.dropped.length > 0 ? { 'x-sluice-dropped-params': attempt.dropped.join(', ') } : {}),
  };
}

function toCallError(error: unknown, call: Call, services: Services): GatewayError {
  const { signal } = call.controller;
  if (signal.aborted && signal.reason instanceof GatewayError) return signal.reason;
  if (error instanceof GatewayError) return error;
  services.reportBug(error, call.id);
  return new GatewayError('internal_error', 'The gateway failed. The operator finds the cause in its log.');
}
