import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import { abortCall, type Call, createCall, noteBatch } from '../calls/call.ts';
import { createReaders } from '../calls/readers.ts';
import { createReplay } from '../calls/replay.ts';
import { LONGEST_WAIT_MS, parseDuration } from '../config/units.ts';
import type { ChatRequest } from '../protocol/chat.ts';
import { createCompletion } from '../protocol/completion.ts';
import type { ChunkDelta, Delta } from '../protocol/delta.ts';
import type { Identity } from '../protocol/envelope.ts';
import { GatewayError } from '../protocol/errors.ts';
import { execute } from '../routing/execute.ts';
import { toHeaderList, toHeaderValue } from './header-value.ts';
import { readChat } from './json-body.ts';
import { createReplaySink, followReplay } from './resumable.ts';
import { planFor } from './router.ts';
import type { Services } from './services.ts';
import { pumpStream, ResponseSink, type Sink } from './stream.ts';

/** `POST /v1/chat/completions`: the main job. */
export function chatRoute(services: Services): RequestHandler {
  return async (request, response) => {
    const receivedAt = services.now();
    const chat = await readChat(request.body, response);
    const call = beginCall(chat, receivedAt, request, response, services);
    if (call.isResumable) return answerResumably(call, response, services);
    abortWhenClosed(call, response, services);
    try {
      await runCall(call, services, () => answer(call, response, services));
    } catch (error) {
      if (response.headersSent || response.destroyed) return;
      response.set(headersOf(call, services));
      throw error;
    }
  };
}

function beginCall(
  chat: ChatRequest,
  receivedAt: number,
  request: Request,
  response: Response,
  services: Services,
): Call {
  const { register } = services;
  const plan = planFor(chat, request, response, services);
  const call = createCall({
    id: response.locals['requestId'] as string,
    key: response.locals['key'] as Key,
    chat,
    plan,
    isStrict: request.get('x-sluice-strict') === 'true',
    isLarge: response.locals['isLarge'] === true,
    isResumable: chat.stream === true && request.get('x-sluice-resumable') === 'true',
    totalMs: totalOf(request.get('x-sluice-timeout')) ?? plan.targets[0].policy.timeouts.totalMs,
    receivedAt,
  });
  register.add(call);
  services.callStarted?.(call, request.get('traceparent'));
  return call;
}

function abortWhenClosed(call: Call, response: Response, { now }: Services): void {
  const abort = (): void => {
    if (response.writableFinished) return;
    abortCall(call, new GatewayError('client_closed', 'The client closed the connection.'), now());
  };
  // While a large request was read in turns its client may have left.
  if (response.closed) abort();
  else response.on('close', abort);
}

/** Runs a call to its end, whatever that is, and puts it on record. @throws GatewayError */
async function runCall(call: Call, services: Services, run: () => Promise<void>): Promise<void> {
  const deadline = setTimeout(() => abortCall(call, deadlineError(call), services.now()), call.totalMs);
  try {
    await run();
    call.outcome = 'completed';
  } catch (error) {
    call.error = toCallError(error, call, services);
    call.outcome = call.error.status === 499 ? 'cancelled' : 'failed';
    throw call.error;
  } finally {
    clearTimeout(deadline);
    call.endedAt = services.now();
    services.register.end(call);
    services.callEnded(call);
  }
}

/** The call runs beside its response, which is only the first reader of its stream. */
async function answerResumably(call: Call, response: Response, services: Services): Promise<void> {
  const { resume, server } = services.world().config;
  const replay = createReplay(resume.maxBytes);
  const readers = createReaders(resume.graceMs, (reason) => abortCall(call, reason, services.now()));
  // Those of the first frame hold for every reader.
  let head: Readonly<Record<string, string>> | null = null;
  const stream = { replay, readers, headers: () => head ?? headersOf(call, services) };
  const sink = createReplaySink(replay, () => {
    head = stream.headers();
  });
  const close = (error: GatewayError | null): void => {
    readers.end();
    replay.end(error);
    services.register.closeStream(call, resume.keepMs);
  };
  services.register.openStream(call, stream);
  const running = runCall(call, services, () => pump(call, sink, services)).then(() => close(null), close);
  await followReplay(response, stream, 0, server.keepaliveMs);
  await running;
}

function totalOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const total = parseDuration(header);
  if (total !== null && total > 0) return Math.min(total, LONGEST_WAIT_MS);
  throw new GatewayError('invalid_value', `x-sluice-timeout is '${header}', but should be a duration such as 20s.`);
}

function deadlineError({ totalMs }: Call): GatewayError {
  return new GatewayError('upstream_timeout', `The call was not answered within its ${totalMs} ms.`);
}

function answer(call: Call, response: Response, services: Services): Promise<void> {
  return call.chat.stream ? answerStream(call, response, services) : answerWhole(call, response, services);
}

async function answerStream(call: Call, response: Response, services: Services): Promise<void> {
  const { keepaliveMs } = services.world().config.server;
  const sink = new ResponseSink(response, keepaliveMs, () => headersOf(call, services));
  try {
    await pump(call, sink, services);
  } finally {
    sink.stop();
  }
}

function pump(call: Call, sink: Sink, services: Services): Promise<void> {
  return pumpStream(call, (take) => execute(call, services, take), sink, {
    see: (batch) => note(call, batch, services),
    identity: () => identityOf(call),
    toError: (error) => toCallError(error, call, services),
  });
}

async function answerWhole(call: Call, response: Response, services: Services): Promise<void> {
  const completion = createCompletion();
  await execute(call, services, (batch) => {
    note(call, batch, services);
    completion.add(batch);
    return undefined;
  });
  const body = JSON.stringify(completion.toBody(identityOf(call)));
  const size = Buffer.byteLength(body);
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': size,
    ...headersOf(call, services),
  });
  // A string leaves together with its head, in one write; as latin1 it is copied and not encoded.
  response.end(body, size === body.length ? 'latin1' : 'utf8');
}

/** Notes on the call what passes by. */
function note(call: Call, batch: readonly Delta[], { now }: Services): void {
  if (batch.length > 0) noteBatch(call, now());
  for (const delta of batch) {
    if (delta.type === 'usage') call.usage = delta.usage;
    else if (delta.type === 'choice') {
      call.spokenChars += spokenChars(delta.delta);
      if (delta.finish) call.finishReason = delta.finish;
    }
  }
}

function spokenChars({ content, reasoning_content: reasoning, tool_calls: calls }: ChunkDelta): number {
  let chars = (content?.length ?? 0) + (reasoning?.length ?? 0);
  for (const call of calls ?? []) chars += call.function?.arguments?.length ?? 0;
  return chars;
}

function identityOf(call: Call): Identity {
  const model = call.answering?.target.facts.model ?? call.chat.model;
  return { id: `chatcmpl-${call.id}`, created: Math.floor(call.receivedAt / 1000), model };
}

/** The headers of every answer of a call; before there was an attempt only its id. */
function headersOf(call: Call, { now }: Services): Record<string, string> {
  const first = call.attempts[0];
  const attempt = call.answering;
  if (first === undefined || attempt === null) return { 'x-request-id': call.id };
  // What the gateway itself took: before the first attempt and since the answering one's first token.
  const spokeAt = attempt.firstTokenAt ?? attempt.endedAt ?? now();
  const overhead = first.startedAt - call.receivedAt + (now() - spokeAt);
  return {
    'x-request-id': call.id,
    'x-sluice-model': toHeaderValue(attempt.target.facts.model),
    'x-sluice-provider': toHeaderValue(attempt.target.provider.name),
    'x-sluice-route': toHeaderValue(call.plan.route),
    'x-sluice-attempts': String(call.attempts.length),
    'x-sluice-overhead-ms': overhead.toFixed(2),
    ...(attempt.dropped.length > 0 ? { 'x-sluice-dropped-params': toHeaderList(attempt.dropped) } : {}),
  };
}

function toCallError(error: unknown, call: Call, services: Services): GatewayError {
  const { signal } = call.controller;
  if (signal.aborted && signal.reason instanceof GatewayError) return signal.reason;
  if (error instanceof GatewayError) return error;
  services.reportBug(error, call.id);
  return new GatewayError('internal_error', 'The gateway failed. The operator finds the cause in its log.');
}
