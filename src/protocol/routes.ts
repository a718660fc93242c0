/** Routes that keep nothing at a provider: what a key may ask where nothing else is said. */
export const OPEN_ROUTES = [
  'chat',
  'embeddings',
  'images',
  'audio',
  'moderations',
  'completions',
  'models',
  'responses',
  'conversations',
] as const;

/** Routes whose things live in the provider's account, where all keys of the gateway would meet. */
export const SHARED_ROUTES = [
  'files',
  'uploads',
  'batches',
  'fine_tuning',
  'vector_stores',
  'containers',
  'evals',
  'videos',
] as const;

/** What a key may be granted: the first part of a path below `/v1/`. */
export const ROUTES = [...OPEN_ROUTES, ...SHARED_ROUTES] as const;

export type RouteName = (typeof ROUTES)[number];
