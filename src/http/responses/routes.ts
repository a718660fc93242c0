import type { RequestHandler, Router } from 'express';
import type { Services } from '../services.ts';
import { compactResponse } from './compact.ts';
import { createResponse } from './create.ts';
import { inputTokens } from './input-tokens.ts';
import { cancelResponse, deleteResponse, listInputItems, retrieveResponse } from './stored.ts';

/** What stands before every route of a path. */
export interface RouteGuards {
  readonly allowed: RequestHandler;
  readonly readBody: RequestHandler;
  onlyAllow(methods: string): RequestHandler;
}

/** The Responses API, served over every provider. */
export function responseRoutes(
  app: Router,
  services: Pick<Services, 'snapshot' | 'calls' | 'routing' | 'answers'>,
  { allowed, readBody, onlyAllow }: RouteGuards,
): void {
  app.use('/v1/responses', allowed);
  app.post('/v1/responses', readBody, createResponse(services));
  app.post('/v1/responses/compact', readBody, compactResponse(services));
  app.post('/v1/responses/input_tokens', readBody, inputTokens(services));
  app.all(['/v1/responses', '/v1/responses/compact', '/v1/responses/input_tokens'], onlyAllow('POST'));
  app.get('/v1/responses/:id', retrieveResponse(services));
  app.delete('/v1/responses/:id', deleteResponse(services));
  app.all('/v1/responses/:id', onlyAllow('GET, DELETE'));
  app.post('/v1/responses/:id/cancel', cancelResponse(services));
  app.all('/v1/responses/:id/cancel', onlyAllow('POST'));
  app.get('/v1/responses/:id/input_items', listInputItems(services));
  app.all('/v1/responses/:id/input_items', onlyAllow('GET'));
}
