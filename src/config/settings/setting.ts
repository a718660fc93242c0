import { z } from 'zod';

/** One setting, declared once: the schema, the defaults, the tables of docs/settings.md and the YAML follow from it. */
export interface Setting {
  /** What may be written, and what becomes of it: durations turn into milliseconds, sizes into bytes. */
  readonly type: z.ZodType;
  /** In Markdown. The first sentence is all that the YAML says. */
  readonly meaning: string;
  /** As it would be written. */
  readonly default?: string | number | boolean | readonly string[];
  /** Its name in the configuration, with its unit, where that is another than in the file. */
  readonly as?: string;
  /** In words: what holds where it is missing and has no default. */
  readonly without?: string;
  /** What config/gateway.yaml sets it to, where it has no default. */
  readonly shipped?: string;
  readonly isRequired?: true;
  /** What stands inside, or in each entry of a list or a map, but for what is told elsewhere. */
  readonly settings?: Settings;
}

/** Settings by the names they have in the file. */
export type Settings = Readonly<Record<string, Setting>>;

type SettingsShape<S extends Settings> = {
  -readonly [K in keyof S]: S[K] extends { isRequired: true } ? S[K]['type'] : z.ZodOptional<S[K]['type']>;
};

/** A schema of settings: an unknown one is a mistake. */
export type SettingsSchema<S extends Settings> = z.ZodObject<SettingsShape<S>, z.core.$strict>;

/** Settings as they stand in a file: names as in YAML, and what is not set is missing. */
export function schemaOf<S extends Settings>(settings: S): SettingsSchema<S> {
  const shape = Object.entries(settings).map(([name, setting]) => [name, describedType(setting)]);
  return z.strictObject(Object.fromEntries(shape)) as unknown as SettingsSchema<S>;
}

/** Settings that stand under one name. */
export interface Block<S extends Settings = Settings> extends Setting {
  readonly type: SettingsSchema<S>;
  readonly settings: S;
}

/** @param meaning in Markdown: what its settings are about */
export function block<S extends Settings>(meaning: string, settings: S): Block<S> {
  return { type: schemaOf(settings), meaning, settings };
}

/** Settings as the gateway reads them: under the names that have units, and with every default; null where none is. */
export type Resolved<S extends Settings> = {
  readonly [K in keyof S as S[K] extends { as: infer Name extends string } ? Name : K]:
    | Unchangeable<z.output<S[K]['type']>>
    | (S[K] extends { default: unknown } | { isRequired: true } ? never : null);
};
type Unchangeable<T> = T extends readonly (infer Item)[] ? readonly Item[] : T;

/** Fills in the defaults. */
export function resolve<S extends Settings>(
  settings: S,
  values: Partial<z.output<SettingsSchema<S>>> = {},
): Resolved<S> {
  const given: Readonly<Record<string, unknown>> = values;
  const entries = Object.entries(settings).map(([name, setting]) => [
    setting.as ?? name,
    given[name] ?? defaultOf(setting),
  ]);
  return Object.fromEntries(entries) as Resolved<S>;
}

/** Policies are resolved for each target of each model: a default is read once. */
const defaults = new Map<Setting, unknown>();

function defaultOf(setting: Setting): unknown {
  if (setting.default === undefined) return null;
  if (!defaults.has(setting)) defaults.set(setting, setting.type.parse(setting.default));
  return defaults.get(setting);
}

/** What editors show: the meaning, and how a value is written. */
function describedType({ type, meaning, default: written, isRequired }: Setting): z.ZodType {
  const description = [plainText(meaning), ...(type.description ? [type.description] : [])].join(': ');
  const described = type.meta({ description, ...(written === undefined ? {} : { default: written }) });
  return isRequired ? described : described.optional();
}

/** Markdown without its signs. */
export function plainText(markdown: string): string {
  return markdown.replaceAll('`', '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
}
