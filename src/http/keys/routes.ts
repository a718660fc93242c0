import type { Router } from 'express';
import type { RouteGuards } from '../responses/routes.ts';
import { listAuditEntries } from './audit.ts';
import {
  createKey,
  deleteKey,
  type KeyServices,
  listKeys,
  resetKey,
  retrieveKey,
  retrieveOwnKey,
  rotateKey,
  updateKey,
} from './keys.ts';
import { createOrg, deleteOrg, listOrgs, retrieveOrg, updateOrg } from './orgs.ts';

/** The administration's API: keys, organisations and the audit, in the shapes of OpenRouter's; and `GET /v1/key`. */
export function keyRoutes(
  app: Router,
  services: KeyServices,
  { readBody, onlyAllow }: Pick<RouteGuards, 'readBody' | 'onlyAllow'>,
): void {
  app.get('/v1/key', retrieveOwnKey(services));
  app.all('/v1/key', onlyAllow('GET'));
  app.get('/v1/keys', listKeys(services));
  app.post('/v1/keys', readBody, createKey(services));
  app.all('/v1/keys', onlyAllow('GET, POST'));
  app.get('/v1/keys/:hash', retrieveKey(services));
  app.patch('/v1/keys/:hash', readBody, updateKey(services));
  app.delete('/v1/keys/:hash', deleteKey(services));
  app.all('/v1/keys/:hash', onlyAllow('GET, PATCH, DELETE'));
  app.post('/v1/keys/:hash/rotate', readBody, rotateKey(services));
  app.all('/v1/keys/:hash/rotate', onlyAllow('POST'));
  app.post('/v1/keys/:hash/reset', readBody, resetKey(services));
  app.all('/v1/keys/:hash/reset', onlyAllow('POST'));
  app.get('/v1/orgs', listOrgs(services));
  app.post('/v1/orgs', readBody, createOrg(services));
  app.all('/v1/orgs', onlyAllow('GET, POST'));
  app.get('/v1/orgs/:id', retrieveOrg(services));
  app.patch('/v1/orgs/:id', readBody, updateOrg(services));
  app.delete('/v1/orgs/:id', deleteOrg(services));
  app.all('/v1/orgs/:id', onlyAllow('GET, PATCH, DELETE'));
  app.get('/v1/audit', listAuditEntries(services));
  app.all('/v1/audit', onlyAllow('GET'));
}
