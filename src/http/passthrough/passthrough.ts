import { Readable } from 'node:stream';
import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../../access/keys.ts';
import { createPassedCall, type PassedCall } from '../../calls/call.ts';
import { CallRun } from '../../calls/run-call.ts';
import type { Config } from '../../config/config.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { OPEN_ROUTES } from '../../protocol/routes.ts';
import { namesFile } from '../../protocol/stored-content.ts';
import { modelNotAllowed } from '../../routing/allowed-models.ts';
import type { Registry } from '../../routing/registry.ts';
import { abortWhenClosed, admitCall, totalOf } from '../call-headers.ts';
import type { ParsedBody } from '../json-body.ts';
import { targetFilterOf } from '../model-access.ts';
import { requireRoute } from '../route-check.ts';
import type { Services } from '../services.ts';
import { chooseTarget, type PassedChoice, readJson } from './choice.ts';
import { costOf } from './cost.ts';
import { exchange } from './exchange.ts';
import { payForPictures } from './form-pictures.ts';
import { answerHeaders } from './headers.ts';
import { refuseDotSegments, routeOf } from './paths.ts';
import { createProxy } from './proxy.ts';
import { countUpload, type Upload } from './upload.ts';

/**
 * Hands a request to the provider of its model, or to the default one: streamed both ways, with the provider's key
 * instead of the client's. JSON is read for its `model`; everything else passes as it comes. It is a call like a chat:
 * on record, in the list, cancelled by its id, with the deadlines `connect`, `idle` and `total`.
 */
export function passthrough(services: Pick<Services, 'snapshot' | 'lifecycle' | 'calls'>): RequestHandler[] {
  const { snapshot, calls } = services;
  const sendOn = createProxy();
  return [
    admit(services),
    readJson(services),
    async (request, response) => {
      const body = (request.body ?? null) as ParsedBody | null;
      const key = keyOf(response);
      if (!key.routes.has('files') && namesFile(body?.value)) requireRoute(key, 'files');
      const choice = await chooseTarget(body, snapshot().registry);
      refuseForeignModel(key, choice, request, snapshot().registry);
      const call = toCall(request, response, choice, calls.context.now());
      const run = new CallRun(call, calls.context, request.get('traceparent'));
      if (key.isGoverned) await admitCall(run, response);
      abortWhenClosed(run, response);
      const upload = uploadOf(request, choice, run, snapshot().config.passthrough);
      try {
        await run.run(() => exchange(run, { request, response, choice, upload }, sendOn));
      } catch (error) {
        upload.release();
        // A body that had begun can only be broken off, but for a stream that has said why it ends.
        if (response.headersSent && !response.writableEnded) response.destroy();
        if (response.destroyed || response.writableEnded) return;
        response.set(answerHeaders(call, calls.context.now()));
        throw error;
      }
    },
  ];
}

function keyOf(response: Response): Key {
  return response.locals['key'] as Key;
}

/** What speaks against a request before its body is read. */
function admit({ snapshot, lifecycle }: Pick<Services, 'snapshot' | 'lifecycle'>): RequestHandler {
  return (request, response, next) => {
    refuseDotSegments(request.path);
    requireRoute(keyOf(response), routeOf(request));
    if (!lifecycle.isAccepting())
      throw new GatewayError('shutting_down', 'The gateway is stopping. Try again in a moment.');
    const { bodyLimitBytes } = snapshot().config.passthrough;
    if (Number(request.get('content-length') ?? 0) > bodyLimitBytes) throw tooLarge(bodyLimitBytes);
    next();
  };
}

/**
 * A key that may use some models has to name one of them where something is computed: forms are not read, and the model in
 * one could be any. Of what is only kept, such as files, none is asked for.
 * @throws GatewayError 403 `model_not_allowed`
 */
function refuseForeignModel(
  key: Key,
  { target, requestedModel }: PassedChoice,
  request: Request,
  registry: Registry,
): void {
  const filter = targetFilterOf(key, registry);
  if (filter === null) return;
  if (requestedModel !== '' && filter(target)) return;
  const isComputed = OPEN_ROUTES.some((route) => route === routeOf(request));
  if (requestedModel !== '') throw modelNotAllowed(requestedModel);
  if (isComputed) throw modelNotAllowed('a model that is not named in JSON');
}

function tooLarge(limitBytes: number): GatewayError {
  const message = `The body is larger than the limit of ${limitBytes} bytes (passthrough.body_limit).`;
  return new GatewayError('request_too_large', message);
}

function toCall(request: Request, response: Response, choice: PassedChoice, receivedAt: number): PassedCall {
  const key = keyOf(response);
  return createPassedCall({
    id: response.locals['requestId'] as string,
    key,
    path: `/v1/${routeOf(request)}`,
    requestedModel: choice.requestedModel,
    labels: choice.labels,
    cost: key.isGoverned ? costOf(request, choice) : null,
    totalMs: totalOf(request.get('x-sluice-timeout'), choice.target.policy.timeouts.totalMs),
    receivedAt,
  });
}

/** The body on its way; beyond `passthrough.body_limit` the call ends, and with it the connection to the provider. */
function uploadOf(
  request: Request,
  { body }: PassedChoice,
  run: CallRun<PassedCall>,
  limits: Config['passthrough'],
): Upload {
  const { call } = run;
  const { bodyLimitBytes } = limits;
  const count = (bytes: number): boolean => {
    // What is still sent when the call is over is not its own.
    if (call.endedAt !== null) return false;
    call.requestBytes = (call.requestBytes ?? 0) + bytes;
    if (call.requestBytes <= bodyLimitBytes) return true;
    run.abort(tooLarge(bodyLimitBytes));
    return false;
  };
  return countUpload(body === null ? request : Readable.from([body]), count, payForPictures(request, run));
}
