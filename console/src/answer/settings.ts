/** How a conversation is answered, as it is written in the drawer; empty texts leave it to the model. */
export interface ChatSettings {
  readonly isStreamed: boolean;
  /** Whether what was said stays where an answer is stopped or fails; else the question comes back. */
  readonly keepsPartial: boolean;
  readonly effort: string;
  readonly temperature: string;
  readonly maxTokens: string;
  readonly instructions: string;
  /** JSON Schema that the answer has to fit. */
  readonly schema: string;
  /** Names of models, apart by commas, that are asked when the first one fails. */
  readonly fallbacks: string;
}

/** As a conversation begins. */
export const NO_SETTINGS: ChatSettings = {
  isStreamed: true,
  keepsPartial: true,
  effort: '',
  temperature: '',
  maxTokens: '',
  instructions: '',
  schema: '',
  fallbacks: '',
};

/** How much a model may think, from little to much. */
export const EFFORTS: readonly string[] = ['none', 'minimal', 'low', 'medium', 'high'];

/** Reads what was kept; what is not of a setting's kind is as it is at the beginning. */
export function readSettings(kept: string): ChatSettings {
  const found = parsed(kept) ?? {};
  const entries = Object.entries(NO_SETTINGS).map(([name, normal]) => {
    const value = found[name];
    return [name, typeof value === typeof normal ? value : normal];
  });
  return Object.fromEntries(entries) as ChatSettings;
}

/** What is written to be read again; empty where nothing is set. */
export function writeSettings(settings: ChatSettings): string {
  const text = JSON.stringify(settings);
  return text === JSON.stringify(NO_SETTINGS) ? '' : text;
}

/** How many are not as a conversation begins. */
export function countSet(settings: ChatSettings): number {
  return Object.entries(NO_SETTINGS).filter(([name, normal]) => settings[name as keyof ChatSettings] !== normal).length;
}

/** What is wrong with a setting, by its name; nothing where all is well. */
export function problemsOf({
  temperature,
  maxTokens,
  schema,
}: ChatSettings): Partial<Record<keyof ChatSettings, string>> {
  return {
    ...(!isNumber(temperature, 0, 2) && { temperature: `Expected a number from 0 to 2; found “${temperature}”.` }),
    ...(!isWhole(maxTokens) && { maxTokens: `Expected a whole number from 1; found “${maxTokens}”.` }),
    ...(schema.trim() !== '' && parsed(schema) === null && { schema: schemaProblem(schema) }),
  };
}

/** The fields of a request that they come to; what is wrong is left out. */
export function toFields(settings: ChatSettings): Readonly<Record<string, unknown>> {
  const { effort, temperature, maxTokens, instructions, schema, fallbacks } = settings;
  const wrong = problemsOf(settings);
  const models = fallbacks.split(',').flatMap((name) => name.trim() || []);
  const format = { type: 'json_schema', name: 'answer', schema: parsed(schema) };
  return {
    ...(effort !== '' && { reasoning: { effort } }),
    ...(temperature.trim() !== '' && !wrong.temperature && { temperature: Number(temperature) }),
    ...(maxTokens.trim() !== '' && !wrong.maxTokens && { max_output_tokens: Number(maxTokens) }),
    ...(instructions.trim() !== '' && { instructions }),
    ...(format.schema !== null && { text: { format } }),
    ...(models.length > 0 && { fallbacks: models }),
  };
}

function isNumber(text: string, min: number, max: number): boolean {
  const value = Number(text);
  return text.trim() === '' || (value >= min && value <= max);
}

function isWhole(text: string): boolean {
  return text.trim() === '' || (Number.isInteger(Number(text)) && Number(text) >= 1);
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function schemaProblem(text: string): string {
  try {
    JSON.parse(text);
    return 'Expected an object such as {"type": "object"}; found another kind of JSON.';
  } catch (error) {
    return `Expected JSON: ${(error as SyntaxError).message}.`;
  }
}
