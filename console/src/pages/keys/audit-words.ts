import type { AuditBody, KeyBody } from '../../feed/wire.ts';
import { dateTime } from '../../parts/format.ts';

/** One field of an entry, in words; null where it had no value, or is told without the one before. */
export interface ChangeLine {
  readonly field: string;
  readonly before: string | null;
  readonly after: string;
}

/** What is told of, by its hash or id. */
export type Names = ReadonlyMap<string, string>;

const DONE: Readonly<Record<AuditBody['action'], string>> = {
  'key.created': 'made',
  'key.changed': 'changed',
  'key.left': 'moved away',
  'key.joined': 'moved here',
  'key.rotated': 'given another secret',
  'key.reset': 'budget begun anew',
  'key.deleted': 'deleted',
  'org.created': 'made',
  'org.changed': 'changed',
  'org.deleted': 'deleted',
};

/** What was done, in words. */
export function doneWords({ action }: Pick<AuditBody, 'action'>): string {
  return DONE[action];
}

/** The names of keys, as far as entries or lists tell them: the last one that each had. @param entries the newest first */
export function namesOf(entries: readonly AuditBody[], keys: readonly Pick<KeyBody, 'hash' | 'name'>[]): Names {
  const names = new Map<string, string>();
  for (const { subject, change } of entries.toReversed()) {
    const { name } = change as Fields;
    const last = Array.isArray(name) ? name[1] : name;
    if (typeof last === 'string') names.set(subject, last);
  }
  for (const { hash, name } of keys) names.set(hash, name);
  return names;
}

/** What stands for a key or an organisation: its name where one is known, else its id, of a hash the beginning. */
export function nameOf(id: string, names: Names): string {
  return names.get(id) ?? shortened(id);
}

/** The beginning of a hash, as people compare it; any other id whole. */
export function shortened(id: string): string {
  return isHash(id) ? `${id.slice(0, 8)}…` : id;
}

/** Whether it is of a key that was made at run time. */
export function isHash(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

/** The key that did it; null where it was none. */
export function keyOfActor({ actor }: Pick<AuditBody, 'actor'>): string | null {
  return actor.startsWith('key:') ? actor.slice('key:'.length) : null;
}

type Fields = Readonly<Record<string, unknown>>;

/** Who did it, and to which organisation, the entry says itself. */
const TOLD_BESIDE: ReadonlySet<string> = new Set(['creator', 'id']);

/** What has another value since, or what it was made with: field by field, limits each for itself. */
export function linesOf({ action, change }: Pick<AuditBody, 'action' | 'change'>): readonly ChangeLine[] {
  const hasBefore = action.endsWith('.changed') || action === 'key.rotated';
  const told = Object.entries(change as Fields).filter(([field]) => !TOLD_BESIDE.has(field));
  return told.flatMap(([field, value]) => {
    if (hasBefore && Array.isArray(value)) return linesBetween(field, value[0], value[1]);
    return linesBetween(field, null, value).map((line) => ({ ...line, before: null }));
  });
}

function linesBetween(field: string, before: unknown, after: unknown): readonly ChangeLine[] {
  if (field === 'limits') {
    const [old, now] = [fieldsOf(before), fieldsOf(after)];
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return names.flatMap((name) => linesBetween(name, old[name], now[name]));
  }
  const [was, is] = [valueWords(field, before), valueWords(field, after)];
  return was === is ? [] : [{ field, before: was, after: is }];
}

function fieldsOf(value: unknown): Fields {
  return (value ?? {}) as Fields;
}

/** What says the same in the API: that nothing is set. */
const NOTHING = 'none';
const TIMES: ReadonlySet<string> = new Set(['expires_at', 'old_until']);

function valueWords(field: string, value: unknown): string {
  if (value === null || value === undefined || value === false || value === '') return NOTHING_OF[field] ?? NOTHING;
  if (value === true) return 'yes';
  if (typeof value === 'number') return TIMES.has(field) ? dateTime(value) : value.toLocaleString('en-US');
  if (Array.isArray(value)) return value.length === 0 ? NOTHING : value.join(', ');
  if (typeof value !== 'object') return String(value);
  const parts = Object.entries(value).filter(([, part]) => part !== null);
  if (field === 'metadata') return parts.length === 0 ? NOTHING : JSON.stringify(value);
  return parts.length === 0 ? NOTHING : parts.map(([name, part]) => `${name} ${partWords(part)}`).join(', ');
}

/** Where nothing is set and that means something. */
const NOTHING_OF: Readonly<Record<string, string>> = { disabled: 'no', models: 'all', expires_at: 'never' };

function partWords(value: unknown): string {
  return typeof value === 'object' ? `(${valueWords('', value)})` : valueWords('', value);
}
