import { z } from 'zod';
import { nearestNames } from './nearest.ts';
import { type Path, pathText } from './positions.ts';
import { configFileSchema } from './schema.ts';

/** Mistakes are logged, and pasted into tickets: what may be a key is not shown in them. */

/** Settings that hold keys or stand beside them: a key in the wrong place is a mistake like any other. */
const PRIVATE = new Set<PropertyKey | undefined>(['auth', 'database', 'providers']);

/** Whether values at this place are never shown. */
export function isPrivate(path: Path): boolean {
  return PRIVATE.has(path[0]);
}

/** A path as text; where values are not shown, a name is only if it is like that of a setting, or of a provider. */
export function shownPath(path: Path): string {
  if (!isPrivate(path)) return pathText(path);
  const [top, ...steps] = path;
  return pathText([
    top ?? '',
    ...steps.map((step, index) => (isShown(step, top === 'providers' && index === 0) ? step : '…')),
  ]);
}

function isShown(step: PropertyKey, isProvider: boolean): boolean {
  if (typeof step === 'number') return true;
  return isProvider ? isTelling(String(step)) : nearestNames(String(step), SETTINGS, 1).length > 0;
}

/** The names of all settings. */
const SETTINGS = [...namesIn(configFileSchema)];

function* namesIn(schema: z.core.$ZodType): Generator<string> {
  if (schema instanceof z.ZodOptional) yield* namesIn(schema.unwrap());
  if (schema instanceof z.ZodArray) yield* namesIn(schema.element);
  if (schema instanceof z.ZodRecord) yield* namesIn(schema.valueType);
  if (!(schema instanceof z.ZodObject)) return;
  for (const [name, inner] of Object.entries(schema.shape)) {
    yield name;
    yield* namesIn(inner as z.core.$ZodType);
  }
}

/** Whether a name can be shown: short, of letters and few digits, and without the beginning that vendors give keys. */
export function isTelling(name: string): boolean {
  if (!/^[a-z][\w.-]{0,31}$/i.test(name) || name.replace(/\D/g, '').length > 6) return false;
  return !/^(?:sk|pk|rk|gsk|pplx|xai|hf|ghp|ya29|aiza|key|bearer|secret|token)(?:[-_.]|\d)|^aiza/i.test(name);
}

/** What is said of a value that is not shown: its kind, and how long it is. */
export function hiddenText(value: unknown): string {
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'settings' : `a ${typeof value}`;
}
