import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import { isModelAllowed, modelNotAllowed, type TargetFilter } from '../routing/allowed-models.ts';
import type { Registry } from '../routing/registry.ts';
import { targetFilterOf } from './model-access.ts';
import { type ModelDetails, type ModelObject, toModelDetails, toModelObject } from './model-list.ts';
import { refuse } from './query.ts';
import type { Services } from './services.ts';

/** `GET /v1/models`: what the caller can ask now; with `all=true` also what cannot be asked, and why. */
export function listModels({ snapshot }: Pick<Services, 'snapshot'>): RequestHandler {
  return (request, response) => {
    const { registry } = snapshot();
    const filter = targetFilterOf(keyOf(response), registry);
    const data = isAllAsked(request) ? allModels(registry, filter, keyOf(response)) : usableModels(registry, filter);
    response.json({ object: 'list', data });
  };
}

/** `GET /v1/models/:id`; ids may contain slashes, encoded or not. */
export function retrieveModel({ snapshot }: Pick<Services, 'snapshot'>): RequestHandler {
  return (request, response) => {
    const { id } = request.params as unknown as { id: readonly string[] };
    const { registry } = snapshot();
    const model = registry.find(id.join('/'));
    if (!isModelAllowed(model, targetFilterOf(keyOf(response), registry))) throw modelNotAllowed(id.join('/'));
    response.json(toModelObject(model));
  };
}

function usableModels(registry: Registry, filter: TargetFilter | null): ModelObject[] {
  return registry
    .list()
    .filter((model) => isModelAllowed(model, filter))
    .map(toModelObject);
}

/** For a key with models of its own these alone, and no other is named: of one that cannot be asked it is not known whose it is. */
function allModels(registry: Registry, filter: TargetFilter | null, { isAdmin }: Key): ModelDetails[] {
  const maySee = (name: string): boolean => {
    if (filter === null) return true;
    const model = registry.findUsable(name);
    return model !== null && isModelAllowed(model, filter);
  };
  return registry
    .all()
    .filter((model) => isModelAllowed(model, filter))
    .map((model) => toModelDetails(model, { isAdmin, maySee }));
}

/** Other parameters are let pass: clients of OpenAI's API send some. */
function isAllAsked({ query }: Request): boolean {
  const { all } = query;
  if (all === undefined || all === '' || all === 'false') return false;
  if (all !== 'true') refuse('all', 'true or false', String(all), ['true', 'false']);
  return true;
}

function keyOf({ locals }: Response): Key {
  return locals['key'] as Key;
}
