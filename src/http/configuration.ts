import type { RequestHandler } from 'express';
import type { Key } from '../access/keys.ts';
import { requireAdmin } from './route-check.ts';
import type { Services } from './services.ts';

/** `GET /v1/config`: the configuration that runs, without its secrets; for an admin. */
export function showConfig({ configuration }: Pick<Services, 'configuration'>): RequestHandler {
  return (_request, response) => {
    requireAdmin(response.locals['key'] as Key, 'GET /v1/config');
    response.set('cache-control', 'no-store').json(configuration.show());
  };
}
