import type { FoundResponse } from '../../conversations/threads.ts';
import { type JsonRecord, parseJson, recordOf } from '../../protocol/json.ts';
import { toShown } from './items.ts';

/** The response object with its output at its place. */
export function toObject({ response, output }: FoundResponse): JsonRecord {
  const body = recordOf(parseJson(response.body));
  const kept = response.output === null ? output.map(toShown) : parseJson(response.output);
  return { ...body, output: kept };
}
