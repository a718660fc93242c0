import type { Request, Response } from 'express';
import type { KeptStatus } from '../../conversations/records.ts';
import type { Threads } from '../../conversations/threads.ts';
import { brokenFrame, type RemoteFields } from '../../languages/responses/client-remote.ts';
import { createId } from '../../languages/responses/words.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { AttemptError } from '../../protocol/failure.ts';
import { type JsonRecord, parseJson, recordOf } from '../../protocol/json.ts';
import { DONE_FRAME, KEEPALIVE_FRAME } from '../../protocol/sse.ts';
import { lookUp, lookUpEvents } from '../../upstream/lookup.ts';
import { ResponseSink } from '../response-sink.ts';
import { parsePage, readFlag, readNumber } from './list-query.ts';
import { hasEnded, RemoteEvents } from './remote-events.ts';
import { toRemoteItems } from './remote-items.ts';
import { ALONE, BY_PROVIDER } from './remote-keeper.ts';
import { type LookupServices, lookupFor, type RemoteResponse, toLookupError, whileOpen } from './remote-lookup.ts';

/** One request about a response that its provider keeps. */
export interface RemoteQuestion {
  readonly kept: RemoteResponse;
  readonly threads: Threads;
  readonly request: Request;
  readonly response: Response;
}

/** The response as its provider tells it, or its events. @throws GatewayError */
export async function retrieveRemote(question: RemoteQuestion, services: LookupServices): Promise<void> {
  const { request } = question;
  const isStream = readFlag(request.query, 'stream');
  readNumber(request.query, 'starting_after');
  if (isStream) return followRemote(question, services);
  await tell(question, 'GET', queryOf(request, ['include', 'include[]']), services);
}

/** @throws GatewayError */
export function cancelRemote(question: RemoteQuestion, services: LookupServices): Promise<void> {
  return tell(question, 'POST', '/cancel', services);
}

/** What it was asked, as its provider lists it. @throws GatewayError */
export async function listRemoteItems(question: RemoteQuestion, services: LookupServices): Promise<void> {
  const { request, response } = question;
  parsePage(request.query);
  const query = queryOf(request, ['limit', 'order', 'after', 'include', 'include[]']);
  const list = await ask(question, 'GET', `/input_items${query}`, services);
  response.json(list);
}

/** Erases it at its provider; one that is not there any more is erased as well. @throws GatewayError */
export async function deleteRemote(question: RemoteQuestion, services: LookupServices): Promise<void> {
  await ask(question, 'DELETE', '', services).catch((error: unknown) => {
    const isGone = error instanceof GatewayError && error.code === 'not_found' && error.cause instanceof AttemptError;
    if (!isGone) throw error;
  });
}

async function tell(
  question: RemoteQuestion,
  method: 'GET' | 'POST',
  rest: string,
  services: LookupServices,
): Promise<void> {
  const told = await ask(question, method, rest, services);
  await noteEnd(question, told, services);
  question.response.json({ ...told, ...ownFields(question.kept) });
}

async function ask(
  { kept, response }: RemoteQuestion,
  method: 'GET' | 'POST' | 'DELETE',
  rest: string,
  services: LookupServices,
): Promise<JsonRecord> {
  try {
    return await lookUp(lookupFor(kept, method, rest, whileOpen(response), services));
  } catch (error) {
    throw toLookupError(error, kept);
  }
}

/** What ended in the background is known from now on, with its items: they can be referred to. */
async function noteEnd(
  { kept, threads }: RemoteQuestion,
  { status, output }: JsonRecord,
  { answers, calls }: LookupServices,
): Promise<void> {
  if (hasEnded(kept) || !hasEnded({ status })) return;
  const response = { ...kept, status: status as KeptStatus, worker: BY_PROVIDER, leaseUntil: null };
  const turn = {
    response,
    completedAt: Math.round(calls.context.now()),
    place: ALONE,
    newThread: createId('thr', answers.ids),
    input: [],
    output: toRemoteItems(output, kept.remote),
  };
  await threads.commit(turn).catch((error: unknown) => {
    // Another request has noted it, or it was erased.
    if (!(error instanceof GatewayError && error.code === 'request_cancelled')) answers.lost(error);
  });
}

async function followRemote(question: RemoteQuestion, services: LookupServices): Promise<void> {
  const { kept, request, response } = question;
  const signal = whileOpen(response);
  const query = queryOf(request, ['stream', 'starting_after', 'include', 'include[]', 'include_obfuscation']);
  const lookup = lookupFor(kept, 'GET', query, signal, services);
  const { keepaliveMs } = services.snapshot().config.server;
  const sink = new ResponseSink(
    response,
    keepaliveMs,
    () => ({ 'x-request-id': kept.id }),
    () => KEEPALIVE_FRAME,
  );
  const ended = (told: JsonRecord): Promise<void> => noteEnd(question, told, services);
  const events = new RemoteEvents({ sink, signal, own: ownFields(kept), ended });
  try {
    await lookUpEvents(lookup, (data) => events.read(data));
    events.refuseOpenEnd();
    sink.end(DONE_FRAME);
  } catch (error) {
    if (signal.aborted) return;
    const shown = toLookupError(error, kept);
    if (!sink.hasBegun() || !(shown instanceof GatewayError)) throw shown;
    sink.end(brokenFrame(shown, events.next) + DONE_FRAME);
  } finally {
    sink.stop();
  }
}

function ownFields({ body }: RemoteResponse): RemoteFields {
  return recordOf(parseJson(body));
}

/** The parameters of a query that the provider is told. */
function queryOf({ originalUrl }: Request, names: readonly string[]): string {
  const given = new URLSearchParams(originalUrl.split('?')[1] ?? '');
  const told = new URLSearchParams([...given].filter(([name]) => names.includes(name)));
  return told.size === 0 ? '' : `?${told}`;
}
