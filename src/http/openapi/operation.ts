import type { z } from 'zod';
import type { SchemaName } from './answer-schemas.ts';

/** What a query may say: the meaning of each parameter, by name. */
export type QueryMeanings = Readonly<Record<string, string>>;

/** One operation of the API, as the description tells of it. */
export interface ApiOperation {
  /** As routes are written here: `GET /v1/requests/:id`. */
  readonly route: string;
  readonly summary: string;
  readonly query?: QueryMeanings;
  /** What the body is checked with, or a schema of `answer-schemas.ts`. */
  readonly body?: z.ZodType | SchemaName;
  /** The schema of a good answer; of one that is no JSON its media type. */
  readonly answer: SchemaName | { readonly media: string };
  /** Besides, where the client asks for a stream. */
  readonly streams?: true;
  /** Of a good answer: 200 unless told otherwise. */
  readonly status?: number;
  /** Nobody needs a key. */
  readonly isOpen?: true;
}

/** Parameters of lists that come in pages. */
export const PAGE: QueryMeanings = {
  limit: '1 to 1,000; 100 unless told otherwise',
  after: 'the `next_cursor` of the page before',
};
/** Parameters of OpenAI's lists. */
export const OPENAI_PAGE: QueryMeanings = { limit: '1 to 100', order: '`asc` or `desc`', after: 'an id' };
/** Parameters of the items of a conversation. */
export const ITEM_PAGE: QueryMeanings = {
  ...OPENAI_PAGE,
  responses: '`true` for the responses that said them or were asked them, by the id of the item',
};
/** Which ended calls are meant, in the list that has those in flight too. */
export const ENDED_CALLS: QueryMeanings = {
  id: 'of an ended call',
  model: 'of ended calls: asked for, or answering',
  answered_by: 'of ended calls: the model that answered, or was asked last',
  unknown_cost: '`true`: of ended calls, those that spent tokens without a known price',
  ...Object.fromEntries(
    ['org', 'provider', 'outcome', 'error_code', 'from', 'to', 'slower_than_ms'].map((name) => [
      name,
      'of ended calls',
    ]),
  ),
};
