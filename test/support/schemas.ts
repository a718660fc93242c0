import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** What is wrong with a value, or null when it fits the schema. */
export type SchemaCheck = (value: unknown) => string | null;

/** OpenAI's published shapes of everything the gateway emits. */
export interface Schemas {
  readonly completion: SchemaCheck;
  readonly chunk: SchemaCheck;
  readonly models: SchemaCheck;
  /** With fields beside OpenAI's, as the whole list (`all=true`) has them. */
  readonly openModels: SchemaCheck;
  readonly model: SchemaCheck;
  readonly error: SchemaCheck;
}

/** OpenAI's published shapes of its Responses. */
export interface ResponsesSchemas {
  readonly response: SchemaCheck;
  readonly event: SchemaCheck;
}

const EXTRA_FORMATS = ['unixtime', 'float', 'double', 'int32', 'int64', 'binary', 'base64', 'decimal'];

/** Null unless OPENAI_SCHEMA_DIR names the folder with the schemas: tests then check everything but the schema. */
export const schemas: Schemas | null = load(process.env['OPENAI_SCHEMA_DIR']);

function load(dir: string | undefined): Schemas | null {
  if (!dir) return null;
  const check = (file: string) => compile(join(dir, `${file}.schema.json`));
  return {
    completion: check('gateway/CreateChatCompletionResponse'),
    chunk: check('gateway/CreateChatCompletionStreamResponse'),
    models: check('gateway/ListModelsResponse'),
    openModels: check('open/ListModelsResponse'),
    model: check('gateway/Model'),
    error: check('open/ErrorResponse'),
  };
}

/** Null as {@link schemas}. They are large: only who asks for them pays. */
export function loadResponsesSchemas(): ResponsesSchemas | null {
  const dir = process.env['OPENAI_SCHEMA_DIR'];
  if (!dir) return null;
  return {
    response: compile(join(dir, 'closed/Response.schema.json')),
    event: compile(join(dir, 'closed/ResponseStreamEvent.schema.json')),
  };
}

function compile(file: string): SchemaCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: true, allowUnionTypes: true });
  // A CommonJS module whose `default` is the function, under Node's rules for ES modules.
  addFormats.default(ajv);
  for (const format of EXTRA_FORMATS) ajv.addFormat(format, true);
  const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')));
  return (value) => (validate(value) ? null : ajv.errorsText(validate.errors, { separator: '\n' }));
}
