import type { RequestHandler } from 'express';
import { toModelObject } from './model-list.ts';
import type { Services } from './services.ts';

/** `GET /v1/models`: what can be asked now. */
export function listModels({ snapshot }: Pick<Services, 'snapshot'>): RequestHandler {
  return (_request, response) => {
    response.json({ object: 'list', data: snapshot().registry.list().map(toModelObject) });
  };
}

/** `GET /v1/models/:id`; ids may contain slashes, encoded or not. */
export function retrieveModel({ snapshot }: Pick<Services, 'snapshot'>): RequestHandler {
  return (request, response) => {
    const { id } = request.params as unknown as { id: readonly string[] };
    response.json(toModelObject(snapshot().registry.find(id.join('/'))));
  };
}
