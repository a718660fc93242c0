import type { RequestHandler } from 'express';
import type { Key } from '../access/keys.ts';
import { isModelAllowed, modelNotAllowed } from '../routing/allowed-models.ts';
import { targetFilterOf } from './model-access.ts';
import { toModelObject } from './model-list.ts';
import type { Services } from './services.ts';

/** `GET /v1/models`: what the caller can ask now. */
export function listModels({ snapshot }: Pick<Services, 'snapshot'>): RequestHandler {
  return (_request, response) => {
    const { registry } = snapshot();
    const filter = targetFilterOf(response.locals['key'] as Key, registry);
    const models = registry.list().filter((model) => isModelAllowed(model, filter));
    response.json({ object: 'list', data: models.map(toModelObject) });
  };
}

/** `GET /v1/models/:id`; ids may contain slashes, encoded or not. */
export function retrieveModel({ snapshot }: Pick<Services, 'snapshot'>): RequestHandler {
  return (request, response) => {
    const { id } = request.params as unknown as { id: readonly string[] };
    const { registry } = snapshot();
    const model = registry.find(id.join('/'));
    if (!isModelAllowed(model, targetFilterOf(response.locals['key'] as Key, registry)))
      throw modelNotAllowed(id.join('/'));
    response.json(toModelObject(model));
  };
}
