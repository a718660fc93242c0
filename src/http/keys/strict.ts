import type { z } from 'zod';
import { didYouMean } from '../../config/nearest.ts';
import { issueOf, type RequestIssue, toRequestError } from '../../languages/request-issue.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { isRecord } from '../../protocol/json.ts';

/** A body by its schema, in which an unknown name is a mistake. @throws GatewayError 400 */
export function parseStrictly<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  if (!isRecord(body)) {
    const message = 'The body has to be a JSON object. Send it with "content-type: application/json".';
    throw new GatewayError('invalid_type', message);
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  // A name that is written wrongly is why another one is missing.
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown) throw unknownName(unknown, schema);
  const issue = issueOf(schema, body);
  throw issue === null ? parsed.error : toRequestError(issue, body);
}

function unknownName({ keys, path }: RequestIssue & { code: 'unrecognized_keys' }, schema: z.ZodType): GatewayError {
  const param = [...path.map(String), keys[0] ?? ''].join('.').slice(0, 100);
  const known = path.length === 0 && 'shape' in schema ? Object.keys(schema.shape as object) : [];
  const message = `Unknown parameter: '${param}'${didYouMean(param, known) || '.'}`;
  return new GatewayError('invalid_value', message, { param, bodyCode: 'unknown_parameter' });
}
