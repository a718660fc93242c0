import express, { type Request, type RequestHandler } from 'express';
import { refuseTooDeep } from '../../protocol/depth.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { isRecord, parseJson } from '../../protocol/json.ts';
import type { Provider } from '../../providers/provider.ts';
import type { Services } from '../services.ts';

/** Who serves a request, and its body where that had to be read. */
export interface Choice {
  readonly provider: Provider;
  readonly body: Buffer | null;
}

/** JSON is read for its `model`; every other body stays a stream. */
export function readJson({ world }: Services): RequestHandler {
  return (request, response, next) => {
    express.raw({ type: 'application/json', limit: world().config.server.bodyLimitBytes })(request, response, next);
  };
}

/** The provider of the model that is named, or the default one. */
export function chooseProvider(request: Request, { world }: Services): Choice {
  const { registry, config, providers } = world();
  const body = Buffer.isBuffer(request.body) ? request.body : null;
  const asked = modelOf(body);
  if (asked === null) return { provider: defaultProvider(providers, config.passthroughDefault), body };
  const { provider, upstream } = registry.locate(asked.model);
  return { provider, body: upstream === asked.model ? body : rewritten(asked, upstream) };
}

type Asked = Readonly<Record<string, unknown>> & { readonly model: string };

function modelOf(body: Buffer | null): Asked | null {
  if (body === null || body.length === 0) return null;
  const parsed = parseJson(body.toString('utf8'));
  if (parsed === undefined) throw new GatewayError('invalid_json', 'The body is not valid JSON.');
  refuseTooDeep(parsed);
  return isRecord(parsed) && typeof parsed['model'] === 'string' ? (parsed as Asked) : null;
}

function rewritten(asked: Asked, model: string): Buffer {
  return Buffer.from(JSON.stringify({ ...asked, model }));
}

function defaultProvider(providers: ReadonlyMap<string, Provider>, name: string | null): Provider {
  const provider = name === null ? undefined : providers.get(name);
  if (provider === undefined) {
    throw new GatewayError(
      'unknown_url',
      'No provider is configured for this path: the operator sets passthrough.default.',
    );
  }
  if (provider.disabledBecause !== null) {
    throw new GatewayError('unknown_url', `This path cannot be served: ${provider.disabledBecause}.`);
  }
  return provider;
}
