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
