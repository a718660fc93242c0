import type { Request } from 'express';
import type { PassedCost } from '../../calls/passed-cost.ts';
import { type JsonRecord, numberOf, recordOf } from '../../protocol/json.ts';
import type { RouteName } from '../../protocol/routes.ts';
import type { ParsedBody } from '../json-body.ts';
import type { PassedChoice } from './choice.ts';
import { boundaryIn } from './form-field.ts';
import { routeOf } from './paths.ts';
import { promptTokensOf } from './prompt-size.ts';

/** What becomes of it, and what that costs, is settled between operator and provider, long after the request. */
const ONLY_KEPT: readonly RouteName[] = ['files', 'uploads', 'batches', 'fine_tuning', 'vector_stores'];
/** What these cost is told by the tokens of their requests and of the answers that they write. */
const BY_TOKENS: readonly RouteName[] = ['embeddings', 'moderations', 'completions'];

/** What a request that passes through tells of its cost. A body that is not JSON tells nothing. */
export function costOf(request: Request, { target, requestedModel }: PassedChoice): PassedCost {
  const route = routeOf(request);
  const body = (request.body ?? null) as ParsedBody | null;
  const json = recordOf(body?.value);
  const mayCost = request.method === 'POST';
  return {
    target,
    mayCost,
    isPresumed: mayCost && !ONLY_KEPT.includes(route),
    size: mayCost && requestedModel !== '' && BY_TOKENS.includes(route) ? sizeOf(route, json) : null,
    images: mayCost && route === 'images' ? picturesIn(request, body) : 0,
  };
}

/** Of a form it is read as it passes; a body that cannot be read, such as a compressed one, counts as the most that a request can ask for. */
function picturesIn(request: Request, body: ParsedBody | null): number {
  if (body !== null) return countIn(recordOf(body.value)['n']);
  const isReadable = (request.get('content-encoding') ?? 'identity') === 'identity';
  return isReadable && boundaryIn(request.get('content-type')) !== null ? 1 : MOST_PICTURES;
}

function sizeOf(route: RouteName, json: JsonRecord): PassedCost['size'] {
  const writes = route === 'completions';
  return {
    promptTokens: promptTokensOf(json),
    hasAudio: false,
    maxOutputTokens: writes ? limitIn(json['max_tokens']) : 0,
    choices: writes ? answersIn(json) : 1,
  };
}

/** Each prompt of a list has answers of its own; of `best_of` all are made and paid for, and `n` of them are told. */
function answersIn({ prompt, n, best_of: made }: JsonRecord): number {
  // A list of numbers is one prompt, as tokens.
  const prompts = Array.isArray(prompt) && typeof prompt[0] !== 'number' ? prompt.length : 1;
  return countIn(prompts * Math.max(countIn(n), countIn(made)));
}

/** OpenAI makes no more at once. */
export const MOST_PICTURES = 10;
/** More than anything makes at once; what is no count is refused by the provider. */
const MOST_AT_ONCE = 10_000;
const MOST_TOKENS = 10_000_000;

/** How many of something are asked for: one, unless it says so, as a number or in digits. */
export function countIn(value: unknown): number {
  const count = typeof value === 'string' ? Number(value) || null : numberOf(value);
  return Math.min(Math.max(1, Math.ceil(count ?? 1)), MOST_AT_ONCE);
}

function limitIn(value: unknown): number | null {
  const limit = numberOf(value);
  return limit === null ? null : Math.min(Math.max(0, Math.ceil(limit)), MOST_TOKENS);
}
