import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../../access/keys.ts';
import { createTranslatedCall, type TranslatedCall } from '../../calls/call.ts';
import { CallRun } from '../../calls/run-call.ts';
import type { RemotePlace } from '../../conversations/records.ts';
import { checkResponsesBody, type ResponsesBody } from '../../languages/responses/client-check.ts';
import { createId } from '../../languages/responses/words.ts';
import { markOf } from '../../upstream/key-pool.ts';
import { answerCall, answerResumably } from '../answer.ts';
import { admitCall, totalOf } from '../call-headers.ts';
import { inSteps } from '../json-body.ts';
import { requireStoredRoutes } from '../route-check.ts';
import { planFor } from '../router.ts';
import type { Services } from '../services.ts';
import { aliasOf } from './alias.ts';
import { type ResponsesRequest, readAsked } from './asked.ts';
import { compactible, prepareSummary } from './compaction.ts';
import { answerDetached, startDetached } from './detached.ts';
import { planKeeping } from './keeping.ts';
import { ownerOf } from './owner.ts';
import { createRemoteKeeper } from './remote-keeper.ts';
import { remoteTargetOf, resolveRemote } from './remote-state.ts';
import { ResponseKeeper } from './response-keeper.ts';
import type { RunningResponse } from './running.ts';
import { keepable, resolveState } from './state.ts';

type CreateServices = Pick<Services, 'snapshot' | 'calls' | 'routing' | 'answers'>;

/** What is known of a request when its call begins. */
interface Accepted {
  readonly asked: ResponsesRequest;
  readonly run: CallRun<TranslatedCall>;
  /** Where it runs by itself. */
  readonly running: RunningResponse | null;
}

/** `POST /v1/responses`: whole, streamed, or in the background. */
export function createResponse(services: CreateServices): RequestHandler {
  const { snapshot, calls } = services;
  return async (request, response) => {
    const receivedAt = calls.context.now();
    const body = await inSteps(checkResponsesBody(request.body), response);
    const { config } = snapshot();
    const { asked, run, running } = await reserving(body, response, services, () =>
      accept(body, receivedAt, request, response, services),
    );
    if (running !== null) return answerDetached(run, running, asked, response, config.server);
    await (run.call.isResumable ? answerResumably(run, response, config) : answerCall(run, response, config.server));
  };
}

/** Keeps a place in the background, where the request asks for one, until its response runs. @throws GatewayError 429 */
async function reserving(
  { background }: ResponsesBody,
  response: Response,
  { answers, snapshot }: CreateServices,
  work: () => Promise<Accepted>,
): Promise<Accepted> {
  if (background !== true) return work();
  const giveBack = answers.running.reserve(keyOf(response).id, snapshot().config.responses.maxBackground);
  try {
    return await work();
  } finally {
    giveBack();
  }
}

async function accept(
  body: ResponsesBody,
  receivedAt: number,
  request: Request,
  response: Response,
  services: CreateServices,
): Promise<Accepted> {
  const { answers, calls, snapshot } = services;
  const { config, registry } = snapshot();
  const key = keyOf(response);
  const owner = ownerOf(key);
  const alias = aliasOf(request, response);
  if (alias !== null) calls.tracker.refuseInUse(key.id, alias);
  const target = remoteTargetOf(body, registry, answers.threads);
  const known = await (target === null || answers.threads === null
    ? resolveState(answers.threads, owner, body)
    : resolveRemote(answers.threads, owner, body, target));
  const found = await keepable(known, answers);
  const state = found.remote === null ? await compactible(found, response) : found;
  const id = createId('resp', answers.ids);
  const asked = await inSteps(readAsked(state, { id, createdAt: receivedAt, ids: answers.ids }), response);
  requireStoredRoutes(key, asked.request);
  const plan = { ...planFor(asked.request, request, response, services), pinnedKey: state.remote?.key ?? null };
  const totalMs = totalOf(request.get('x-sluice-timeout'), plan.targets[0].policy.timeouts.totalMs);
  const savesPartial = request.get('x-sluice-save-partial') === 'true' || config.responses.savesPartial;
  const keeping = { asked, state, key, owner, receivedAt, savesPartial };
  const keep = state.remote === null ? planKeeping(keeping, answers, config, calls.context) : null;
  keep?.threads.checkSize(asked.input, state, 'input');
  const call = createTranslatedCall({
    id,
    alias,
    key,
    path: '/v1/responses',
    asked,
    keeper:
      state.remote === null
        ? keep && new ResponseKeeper(keep)
        : createRemoteKeeper(keeping, answers, config, calls.context.now, () => accountOf(call)),
    prepare: prepareSummary(state, asked, request, response, services),
    plan,
    isStrict: request.get('x-sluice-strict') === 'true',
    isLarge: response.locals['isLarge'] === true,
    // One that runs by itself is taken up by its number instead: `starting_after`.
    isResumable: asked.isStream && !asked.outlivesClient && request.get('x-sluice-resumable') === 'true',
    totalMs,
    receivedAt,
  });
  const run = new CallRun(call, calls.context, request.get('traceparent'));
  // What outlives its client is put down before it runs, and not before it is admitted.
  const begin = async (): Promise<void> => keep?.threads.begin(keep.response, state.place, asked.input);
  await admitCall(run, response, asked.outlivesClient ? begin : undefined);
  const running = asked.outlivesClient ? startDetached(run, asked, answers, config) : null;
  return { asked, run, running };
}

/** Whose state an answer is: of a provider's key. */
function accountOf({ currentAttempt }: TranslatedCall): Omit<RemotePlace, 'id'> | null {
  if (currentAttempt === null) return null;
  const { target, keyNumber } = currentAttempt;
  const { name, apiKeys } = target.provider;
  const key = keyNumber === null ? undefined : apiKeys[keyNumber - 1];
  return { provider: name, key: key === undefined ? null : markOf(key) };
}

function keyOf({ locals }: Response): Key {
  return locals['key'] as Key;
}
