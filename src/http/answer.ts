import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import { streamAnswer, wholeAnswer } from '../calls/answer.ts';
import { createTranslatedCall, type TranslatedCall } from '../calls/call.ts';
import { startResumable } from '../calls/resumable-run.ts';
import { CallRun } from '../calls/run-call.ts';
import type { Config } from '../config/config.ts';
import type { ClientRequest, Face } from '../languages/face.ts';
import { abortWhenClosed, admitCall, headersOf, totalOf } from './call-headers.ts';
import { readRequest } from './json-body.ts';
import { ResponseSink } from './response-sink.ts';
import { followReplay } from './resumable.ts';
import { requireStoredRoutes } from './route-check.ts';
import { planFor } from './router.ts';
import type { Services } from './services.ts';

type AnswerServices = Pick<Services, 'snapshot' | 'calls' | 'routing'>;

/** The main job: answers a request in the language that its client speaks. */
export function answerRoute(face: Face, services: AnswerServices): RequestHandler {
  const { snapshot, calls } = services;
  return async (request, response) => {
    const receivedAt = calls.context.now();
    const asked = await readRequest(face, request.body, response);
    const call = toCall(face.path, asked, receivedAt, request, response, services);
    const run = new CallRun(call, calls.context, request.get('traceparent'));
    const admission = admitCall(run, response);
    if (admission) await admission;
    if (call.isResumable) return answerResumably(run, response, snapshot().config);
    await answerCall(run, response, snapshot().config.server);
  };
}

/** Answers with a call that ends with its client. */
export async function answerCall(
  run: CallRun<TranslatedCall>,
  response: Response,
  settings: Pick<Config['server'], 'keepaliveMs'>,
): Promise<void> {
  abortWhenClosed(run, response);
  try {
    await (run.call.isStream ? answerStream(run, response, settings) : answerWhole(run, response));
  } catch (error) {
    if (response.headersSent || response.destroyed) return;
    response.set(headersOf(run.call, run.context.now()));
    throw error;
  }
}

function toCall(
  path: string,
  asked: ClientRequest,
  receivedAt: number,
  request: Request,
  response: Response,
  services: AnswerServices,
): TranslatedCall {
  const key = response.locals['key'] as Key;
  requireStoredRoutes(key, asked.request);
  const plan = planFor(asked.request, request, response, services);
  return createTranslatedCall({
    id: response.locals['requestId'] as string,
    key,
    path,
    asked,
    plan,
    isStrict: request.get('x-sluice-strict') === 'true',
    isLarge: response.locals['isLarge'] === true,
    isResumable: asked.request.isStream && request.get('x-sluice-resumable') === 'true',
    totalMs: totalOf(request.get('x-sluice-timeout'), plan.targets[0].policy.timeouts.totalMs),
    receivedAt,
  });
}

/** Answers with a call whose stream outlives its connection for a while. */
export async function answerResumably(
  run: CallRun<TranslatedCall>,
  response: Response,
  { resume, server }: Config,
): Promise<void> {
  const { stream, ended } = startResumable(run, resume, () => headersOf(run.call, run.context.now()));
  await followReplay(response, stream, 0, server.keepaliveMs);
  await ended;
}

async function answerStream(
  run: CallRun<TranslatedCall>,
  response: Response,
  { keepaliveMs }: Pick<Config['server'], 'keepaliveMs'>,
): Promise<void> {
  const { call, context } = run;
  const headers = (): Record<string, string> => headersOf(call, context.now());
  const sink = new ResponseSink(response, keepaliveMs, headers, () => call.writer.heartbeat());
  try {
    await streamAnswer(run, sink);
  } finally {
    sink.stop();
  }
}

function answerWhole(run: CallRun<TranslatedCall>, response: Response): Promise<void> {
  return wholeAnswer(run, (body) => {
    const size = Buffer.byteLength(body);
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': size,
      ...headersOf(run.call, run.context.now()),
    });
    // A string leaves together with its head, in one write; as latin1 it is copied and not encoded.
    response.end(body, size === body.length ? 'latin1' : 'utf8');
  });
}
