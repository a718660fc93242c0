import { isRecord } from './json.ts';

/** What a client says of a request for its own books, within bounds. */
export interface Labels {
  readonly user: string | null;
  /** Null where there is none. */
  readonly metadata: Readonly<Record<string, string>> | null;
}

const MAX_USER = 256;
/** OpenAI's bounds of `metadata`. */
const MAX_PAIRS = 16;
const MAX_NAME = 64;
const MAX_VALUE = 512;

const NONE: Labels = { user: null, metadata: null };

/** `user` and `metadata` of a request. What is longer is cut, more pairs and what is no text are left out. */
export function labelsOf(request: { readonly user?: unknown; readonly metadata?: unknown }): Labels {
  const { user, metadata } = request;
  // Most requests have neither: nothing new is made for them.
  if (typeof user !== 'string' && !isRecord(metadata)) return NONE;
  return {
    user: typeof user === 'string' ? cut(user, MAX_USER) : null,
    metadata: isRecord(metadata) ? toPairs(metadata) : null,
  };
}

function toPairs(metadata: Readonly<Record<string, unknown>>): Labels['metadata'] {
  const pairs: [string, string][] = [];
  for (const name of Object.keys(metadata).slice(0, MAX_PAIRS)) {
    const value = metadata[name];
    if (typeof value === 'string') pairs.push([cut(name, MAX_NAME), cut(value, MAX_VALUE)]);
  }
  return pairs.length === 0 ? null : Object.fromEntries(pairs);
}

/** Half of a surrogate pair at the cut would be no text. */
function cut(text: string, max: number): string {
  return text.length <= max ? text : text.slice(0, max).toWellFormed();
}
