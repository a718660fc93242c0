import type { Request } from 'express';
import { GatewayError } from '../../protocol/errors.ts';

/** OpenAI's other paths, and everything below them. */
export const PASSTHROUGH_PATHS = [
  'embeddings',
  'images',
  'audio',
  'files',
  'uploads',
  'moderations',
  'batches',
  'responses',
  'conversations',
  'completions',
  'fine_tuning',
  'vector_stores',
  'evals',
  'containers',
  'videos',
].map((name) => `/v1/${name}`);

/** Path and query, also of a request that names a whole URL: where it goes is not the client's to choose. */
export function pathOf({ originalUrl }: Request): string {
  return originalUrl.replace(/^https?:\/\/[^/]*/i, '');
}

/** A path with `..` would leave the provider's base URL, with the provider's key. */
export function refuseDotSegments(path: string): void {
  if (
    decoded(path)
      .split(/[/\\]/)
      .some((segment) => segment === '.' || segment === '..')
  ) {
    throw new GatewayError('unknown_url', 'The path has a segment . or .. in it: write it out.');
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new GatewayError('invalid_value', `The path ${path.slice(0, 200)} has a % that encodes nothing.`);
  }
}
