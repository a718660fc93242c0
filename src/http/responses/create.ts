import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../../access/keys.ts';
import { createTranslatedCall, type TranslatedCall } from '../../calls/call.ts';
import { runDetached } from '../../calls/detached-run.ts';
import { EventLog } from '../../calls/event-log.ts';
import { CallRun } from '../../calls/run-call.ts';
import type { Config } from '../../config/config.ts';
import { checkResponsesBody } from '../../languages/responses/client-check.ts';
import { createId } from '../../languages/responses/words.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { answerCall } from '../answer.ts';
import { headersOf, totalOf } from '../call-headers.ts';
import { inSteps } from '../json-body.ts';
import { requireStoredRoutes } from '../route-check.ts';
import { planFor } from '../router.ts';
import type { Services } from '../services.ts';
import { aliasOf } from './alias.ts';
import { type ResponsesRequest, readAsked } from './asked.ts';
import { compacted } from './compaction.ts';
import { followLog } from './follow.ts';
import { planKeeping } from './keeping.ts';
import { ownerOf } from './owner.ts';
import { ResponseKeeper } from './response-keeper.ts';
import { eventsExpireAt, keepEvents, type RunningResponse } from './running.ts';
import { resolveState } from './state.ts';

type CreateServices = Pick<Services, 'snapshot' | 'calls' | 'routing' | 'answers'>;

/** What is known of a request when its call begins. */
interface Accepted {
  readonly asked: ResponsesRequest;
  readonly run: CallRun<TranslatedCall>;
  readonly config: Config;
}

/** `POST /v1/responses`: whole, streamed, or in the background. */
export function createResponse(services: CreateServices): RequestHandler {
  return async (request, response) => {
    const accepted = await accept(request, response, services);
    const { asked, run, config } = accepted;
    if (!asked.outlivesClient) return answerCall(run, response, config.server);
    const running = startDetached(accepted, services);
    const headers = (): Record<string, string> => headersOf(run.call, services.calls.context.now());
    if (asked.isStream) {
      await followLog(response, running.log, { from: 0, keepaliveMs: config.server.keepaliveMs, headers });
      return;
    }
    if (!asked.isBackground) await running.ended;
    response.set(headers()).json(asked.isBackground ? asked.writer.snapshot() : asked.writer.result());
  };
}

async function accept(request: Request, response: Response, services: CreateServices): Promise<Accepted> {
  const { answers, calls, snapshot } = services;
  const receivedAt = calls.context.now();
  const { config } = snapshot();
  const key = response.locals['key'] as Key;
  const owner = ownerOf(key);
  const body = await inSteps(checkResponsesBody(request.body), response);
  const isBackground = body.background === true;
  if (isBackground) refuseTooMany(answers.running.countOf(key.name), config.responses.maxBackground);
  const found = await resolveState(answers.threads, owner, body);
  const state = await compacted(found, request, response, services);
  const id = createId('resp', answers.ids);
  const asked = await inSteps(readAsked(state, { id, createdAt: receivedAt, ids: answers.ids }), response);
  requireStoredRoutes(key, asked.request);
  const plan = planFor(asked.request, request, response, services);
  const totalMs = totalOf(request.get('x-sluice-timeout'), plan.targets[0].policy.timeouts.totalMs);
  const savesPartial = request.get('x-sluice-save-partial') === 'true' || config.responses.savesPartial;
  const keep = planKeeping({ asked, state, key, owner, receivedAt, savesPartial }, answers, config, calls.context.now);
  if (keep && asked.outlivesClient) await keep.threads.begin(keep.response, state.conversation);
  const call = createTranslatedCall({
    id,
    alias: aliasOf(request, response),
    key,
    path: '/v1/responses',
    asked,
    keeper: keep && new ResponseKeeper(keep),
    plan,
    isStrict: request.get('x-sluice-strict') === 'true',
    isLarge: response.locals['isLarge'] === true,
    isResumable: false,
    totalMs,
    receivedAt,
  });
  return { asked, run: new CallRun(call, calls.context, request.get('traceparent')), config };
}

function refuseTooMany(running: number, most: number): void {
  if (running < most) return;
  const message = `This key has ${running} responses running in the background, and may have ${most} (responses.max_background). Try again when one has ended.`;
  throw new GatewayError('concurrency_limit_exceeded', message, { retryAfterMs: 1000 });
}

function startDetached({ asked, run, config }: Accepted, { answers, calls }: CreateServices): RunningResponse {
  const { call } = run;
  const log = new EventLog();
  if (asked.isBackground) log.append(asked.writer.open('queued'));
  const running: RunningResponse = {
    id: call.id,
    owner: ownerOf(call.key),
    key: call.key.name,
    isBackground: asked.isBackground,
    writer: asked.writer,
    log,
    abort: (reason) => run.abort(reason),
    ended: runDetached(run, log),
  };
  // The error is the answer's, and stands in its events; whoever waits for the end gets it as well.
  running.ended.catch(() => undefined);
  answers.running.add(running);
  if (asked.isStream && answers.threads) {
    const expiresAt = (): number => eventsExpireAt(calls.context.now(), call.totalMs, config.resume.keepMs);
    keepEvents(answers.threads, running, expiresAt).catch((error: unknown) => answers.lost(error));
  }
  return running;
}
