import { z } from 'zod';
import { PASSTHROUGH_PATHS } from '../passthrough/paths.ts';
import { ANSWER_SCHEMAS } from './answer-schemas.ts';
import type { ApiOperation } from './operation.ts';
import { API_OPERATIONS } from './operations.ts';
import { refTo, type SchemaObject, TEXT } from './schema-object.ts';

/** The description of the API in the words of OpenAPI 3.1. */
export function describeApi(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of API_OPERATIONS) {
    const [method = '', path = ''] = operation.route.split(' ');
    const named = path.replace(/:(\w+)/g, '{$1}');
    paths[named] = { ...paths[named], [method.toLowerCase()]: describe(operation, path) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      description: `An OpenAI-compatible LLM gateway. Passed through to the provider as they came, with all below them: ${PASSTHROUGH_PATHS.join(', ')}.`,
    },
    security: SECURITY,
    paths,
    components: {
      schemas: ANSWER_SCHEMAS,
      responses: { Error: { description: "An error, in OpenAI's envelope.", content: json(refTo('Error')) } },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key; none where none are configured.' },
        session: { type: 'apiKey', in: 'cookie', name: 'sluice_session', description: 'Of a browser, with `console`.' },
        console: { type: 'apiKey', in: 'header', name: 'x-sluice-console', description: '`1`' },
      },
    },
  };
}

const SECURITY = [{ key: [] }, { session: [], console: [] }, {}];

function describe(operation: ApiOperation, path: string): object {
  const { summary, query = {}, body, status = 200, isOpen } = operation;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: TEXT }));
  const inQuery = Object.entries(query).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: TEXT,
  }));
  const good = { description: summary, content: contentOf(operation) };
  return {
    summary,
    ...(isOpen ? { security: [] } : {}),
    parameters: [...inPath, ...inQuery],
    ...(body === undefined ? {} : { requestBody: { content: json(toBodySchema(body)) } }),
    responses: { [status]: good, default: { $ref: '#/components/responses/Error' } },
  };
}

function contentOf({ answer, streams }: ApiOperation): object {
  if (typeof answer === 'object') return { [answer.media]: { schema: TEXT } };
  return { ...json(refTo(answer)), ...(streams ? { 'text/event-stream': { schema: TEXT } } : {}) };
}

/** What is checked beside a schema, such as lists entry by entry, is left open. */
function toBodySchema(body: NonNullable<ApiOperation['body']>): SchemaObject {
  if (typeof body === 'string') return refTo(body);
  const { $schema: _dialect, ...schema } = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' });
  return schema;
}

function json(schema: SchemaObject): object {
  return { 'application/json': { schema } };
}
