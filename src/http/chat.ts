import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import { abortCall, type ChatCall, createChatCall, noteBatch } from '../calls/call.ts';
import { createReaders } from '../calls/readers.ts';
import { createReplay } from '../calls/replay.ts';
import type { ChatRequest } from '../protocol/chat.ts';
import { createCompletion } from '../protocol/completion.ts';
import type { Delta } from '../protocol/delta.ts';
import type { Identity } from '../protocol/envelope.ts';
import type { GatewayError } from '../protocol/errors.ts';
import { ROUTES } from '../protocol/routes.ts';
import { storedRoutesOf } from '../protocol/stored-content.ts';
import { execute } from '../routing/execute.ts';
import { readChat } from './json-body.ts';
import { createReplaySink, followReplay } from './resumable.ts';
import { requireRoute } from './route-check.ts';
import { planFor } from './router.ts';
import { abortWhenClosed, headersOf, registerCall, runCall, toCallError, totalOf } from './run-call.ts';
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
): ChatCall {
  const key = response.locals['key'] as Key;
  // A key with all routes may name whatever there is: then nobody has to look.
  if (key.routes.size < ROUTES.length) for (const route of storedRoutesOf(chat)) requireRoute(key, route);
  const plan = planFor(chat, request, response, services);
  const call = createChatCall({
    id: response.locals['requestId'] as string,
    key,
    chat,
    plan,
    isStrict: request.get('x-sluice-strict') === 'true',
    isLarge: response.locals['isLarge'] === true,
    isResumable: chat.stream === true && request.get('x-sluice-resumable') === 'true',
    totalMs: totalOf(request.get('x-sluice-timeout'), plan.targets[0].policy.timeouts.totalMs),
    receivedAt,
  });
  registerCall(call, request, services);
  return call;
}

/** The call runs beside its response, which is only the first reader of its stream. */
async function answerResumably(call: ChatCall, response: Response, services: Services): Promise<void> {
  const { resume, server } = services.snapshot().config;
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
    services.tracker.closeStream(call, resume.keepMs);
  };
  services.tracker.openStream(call, stream);
  const running = runCall(call, services, () => pump(call, sink, services)).then(() => close(null), close);
  await followReplay(response, stream, 0, server.keepaliveMs);
  await running;
}

function answer(call: ChatCall, response: Response, services: Services): Promise<void> {
  return call.chat.stream ? answerStream(call, response, services) : answerWhole(call, response, services);
}

async function answerStream(call: ChatCall, response: Response, services: Services): Promise<void> {
  const { keepaliveMs } = services.snapshot().config.server;
  const sink = new ResponseSink(response, keepaliveMs, () => headersOf(call, services));
  try {
    await pump(call, sink, services);
  } finally {
    sink.stop();
  }
}

function pump(call: ChatCall, sink: Sink, services: Services): Promise<void> {
  return pumpStream(call, (onBatch) => execute(call, services, onBatch), sink, {
    see: (batch) => note(call, batch, services),
    identity: () => identityOf(call),
    toError: (error) => toCallError(error, call, services),
  });
}

async function answerWhole(call: ChatCall, response: Response, services: Services): Promise<void> {
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
function note(call: ChatCall, batch: readonly Delta[], { now }: Services): void {
  if (batch.length > 0) noteBatch(call, now());
  for (const delta of batch) {
    if (delta.type === 'usage') call.usage = delta.usage;
    else if (delta.type === 'choice') {
      call.spoken.addDelta(delta.delta);
      if (delta.finish) call.finishReason = delta.finish;
    }
  }
}

function identityOf(call: ChatCall): Identity {
  const model = call.currentAttempt?.target.facts.model ?? call.chat.model;
  return { id: `chatcmpl-${call.id}`, created: Math.floor(call.receivedAt / 1000), model };
}
