import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { Key } from '../access/keys.ts';
import { chatFace } from '../languages/chat/client-face.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { RouteName } from '../protocol/routes.ts';
import { answerRoute } from './answer.ts';
import { checkConfig, showConfig } from './configuration.ts';
import { serveConsole, showIndex } from './console.ts';
import { conversationRoutes } from './conversations/routes.ts';
import { errorHandler } from './errors.ts';
import { readJson } from './json-body.ts';
import { keyRoutes } from './keys/routes.ts';
import { followLive } from './live.ts';
import { retrieveMe } from './me.ts';
import { listModels, retrieveModel } from './models.ts';
import { openApi } from './openapi/openapi.ts';
import { health, performanceReport, performanceSeries, prometheus, ready } from './operations.ts';
import { passthrough } from './passthrough/passthrough.ts';
import { PASSTHROUGH_PATHS, refuseAdministration } from './passthrough/paths.ts';
import { listProviders } from './providers.ts';
import { requestIdOf } from './request-id.ts';
import { cancelRequest, listRequests, resumeStream, retrieveRequest } from './requests.ts';
import { responseRoutes } from './responses/routes.ts';
import { requireRoute } from './route-check.ts';
import { chooseRoute } from './router.ts';
import type { Services } from './services.ts';
import { beginSession, endSession, requireConsole } from './session.ts';
import { usageRecords, usageSums } from './usage.ts';

/** The Express app: every middleware in its order, on one screen. */
export function createApp(services: Services): Express {
  const { snapshot, lifecycle, calls, routing, observers, reports, answers, access, configuration } = services;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');

  const identified = identify({ calls });
  const authenticated = authenticate({ snapshot });
  const accepted = refuseWhenStopping({ lifecycle });
  // First, because it is the main job: every layer before it would be compared with its path.
  app.post(
    chatFace.path,
    check(identified, authenticated, allow('chat'), accepted),
    readJson({ snapshot }),
    answerRoute(chatFace, { snapshot, calls, routing }),
  );

  // Metrics and usage have every call that has been answered.
  app.use(check(flush({ observers }), identified, tellId));
  app.get('/health', health({ snapshot, lifecycle, calls, reports }));
  app.get('/ready', ready({ lifecycle }));
  app.get('/openapi.json', openApi({ lifecycle }));
  app.all(['/health', '/ready', '/openapi.json'], onlyAllow('GET'));
  app.use('/metrics', check(authenticateUnlessPublic({ snapshot })));
  app.get('/metrics', prometheus({ snapshot, reports }));
  app.get('/metrics/performance', performanceReport({ snapshot, reports }));
  app.get('/metrics/performance/series', performanceSeries({ snapshot, reports, calls }));
  app.all(['/metrics', '/metrics/performance', '/metrics/performance/series'], onlyAllow('GET'));

  app.use('/console', requireConsole({ snapshot }));
  app.post('/console/session', beginSession({ snapshot, access }));
  app.delete('/console/session', endSession({ access }));
  app.all('/console/session', onlyAllow('POST, DELETE'));
  app.get('/', showIndex({ lifecycle, snapshot }));
  const console = serveConsole();
  app.get('/console', console);
  app.get('/console/*file', console);
  app.all(['/', '/console', '/console/*file'], onlyAllow('GET'));

  app.use('/v1', check(authenticated, accepted));
  app.all(chatFace.path, onlyAllow('POST'));

  app.get('/v1/me', retrieveMe({ snapshot, lifecycle, reports, answers }));
  app.all('/v1/me', onlyAllow('GET'));

  const mayListModels = check(allow('models'));
  app.get('/v1/models', mayListModels, listModels({ snapshot }));
  app.get('/v1/models/*id', mayListModels, retrieveModel({ snapshot }));
  app.all(['/v1/models', '/v1/models/*id'], onlyAllow('GET'));

  app.get('/v1/providers', listProviders({ snapshot, calls, routing }));
  app.all('/v1/providers', onlyAllow('GET'));

  app.get('/v1/config', showConfig({ configuration }));
  app.all('/v1/config', onlyAllow('GET'));
  app.post('/v1/config/check', readJson({ snapshot }), checkConfig({ configuration }));
  app.all('/v1/config/check', onlyAllow('POST'));

  app.get('/v1/requests', listRequests({ calls, reports }));
  app.get('/v1/requests/:id', retrieveRequest({ calls }));
  app.delete('/v1/requests/:id', cancelRequest({ calls }));
  app.get('/v1/requests/:id/stream', resumeStream({ snapshot, calls }));
  app.all(['/v1/requests', '/v1/requests/:id/stream'], onlyAllow('GET'));
  app.all('/v1/requests/:id', onlyAllow('GET, DELETE'));

  app.get('/v1/live', followLive({ snapshot, lifecycle, calls, reports, configuration }));
  app.all('/v1/live', onlyAllow('GET'));

  app.post('/v1/router/choose', readJson({ snapshot }), chooseRoute({ snapshot, routing }));
  app.all('/v1/router/choose', onlyAllow('POST'));

  app.get('/v1/usage', usageSums({ reports, access }));
  app.get('/v1/usage/records', usageRecords({ reports, access }));
  app.all(['/v1/usage', '/v1/usage/records'], onlyAllow('GET'));

  keyRoutes(app, { access, reports, observers, calls }, { readBody: readJson({ snapshot }), onlyAllow });

  const guard = (route: RouteName) => ({ allowed: check(allow(route)), readBody: readJson({ snapshot }), onlyAllow });
  responseRoutes(app, { snapshot, calls, routing, answers }, guard('responses'));
  conversationRoutes(app, { calls, answers }, guard('conversations'));

  app.use('/v1', check(refuseAdministration));
  app.use(PASSTHROUGH_PATHS, ...passthrough({ snapshot, lifecycle, calls }));

  app.use(unknownPath);
  app.use(errorHandler({ observers }));
  return app;
}

/** Throws what speaks against a request, or notes on the response what the handlers need; where that takes time, it promises to. */
type Check = (request: Request, response: Response) => void | Promise<void>;

/** Several checks as one middleware: each layer of the router takes a microsecond. */
function check(...checks: readonly Check[]): RequestHandler {
  return (request, response, next) => {
    for (let at = 0; at < checks.length; at++) {
      const waiting = checks[at]?.(request, response);
      if (waiting === undefined) continue;
      const rest = check(...checks.slice(at + 1));
      waiting.then(() => rest(request, response, next)).catch(next);
      return;
    }
    next();
  };
}

/** Notes the id as `locals.requestId`. */
function identify({ calls }: Pick<Services, 'calls'>): Check {
  return (request, response) => {
    response.locals['requestId'] = requestIdOf(request, calls.newId);
  };
}

function flush({ observers }: Pick<Services, 'observers'>): Check {
  return () => observers.flush();
}

/** Calls and errors tell it with the rest of their head: Node takes one that comes in one piece in half the time. */
const tellId: Check = (_request, response) => {
  response.setHeader('x-request-id', response.locals['requestId'] as string);
};

function authenticate({ snapshot }: Pick<Services, 'snapshot'>): Check {
  return (request, response) => {
    const key = snapshot().clientKeys.authenticate(request.headers);
    // Only a key of the database that is not known yet is waited for.
    if (key instanceof Promise) return key.then((found) => noteKey(response, found));
    noteKey(response, key);
  };
}

function noteKey({ locals }: Response, key: Key): void {
  locals['key'] = key;
}

function authenticateUnlessPublic({ snapshot }: Pick<Services, 'snapshot'>): Check {
  const authenticated = authenticate({ snapshot });
  return (request, response) => {
    if (!snapshot().config.metrics.isPublic) return authenticated(request, response);
  };
}

/** Whether the key may ask for this at all. */
function allow(route: RouteName): Check {
  return (_request, response) => requireRoute(response.locals['key'] as Key, route);
}

function refuseWhenStopping({ lifecycle }: Pick<Services, 'lifecycle'>): Check {
  return ({ method }) => {
    // Calls in flight can still be watched and cancelled.
    if (method === 'POST' && !lifecycle.isAccepting())
      throw new GatewayError('shutting_down', 'The gateway is stopping. Try again in a moment.');
  };
}

function onlyAllow(method: string): RequestHandler {
  return (request, response) => {
    response.set('allow', method);
    throw new GatewayError(
      'method_not_allowed',
      `${request.method} is not allowed for ${request.path}. Use ${method}.`,
    );
  };
}

const unknownPath: RequestHandler = (request) => {
  const hint = request.path.startsWith('/v1/')
    ? ''
    : ' The paths of the API begin with /v1, as in /v1/chat/completions.';
  throw new GatewayError('unknown_url', `There is no ${request.method} ${request.path}.${hint}`);
};
