import { nearestNames } from '../config/nearest.ts';
import type { ModelEntry } from '../config/schema.ts';
import { upstreamOf } from './model.ts';

/** What a name leads to: an entry of the registry, or one made up for an unlisted model. */
export interface NamedEntry {
  readonly id: string;
  readonly entry: ModelEntry;
}

/** Every name by which a model can be asked. */
export interface NameIndex {
  /** Names of listed models, with the id that each leads to. */
  readonly ids: ReadonlyMap<string, string>;
  /** By id, alias or `provider/upstream-id`; null for a name that leads nowhere. */
  resolve(name: string): NamedEntry | null;
  /** What a client hears of a name that leads nowhere, with the nearest ones. */
  unknownText(name: string): string;
}

/** @param isProvider whether `provider/…` may name models that are not listed */
export function createNameIndex(
  entries: ReadonlyMap<string, ModelEntry>,
  isProvider: (name: string) => boolean,
): NameIndex {
  const ids = indexNames(entries);
  return {
    ids,
    resolve(name) {
      const id = ids.get(name);
      const entry = id === undefined ? undefined : entries.get(id);
      if (id !== undefined && entry) return { id, entry };
      const [provider = '', ...rest] = name.split('/');
      const upstream = rest.join('/');
      return isProvider(provider) && upstream !== '' ? { id: name, entry: { provider, upstream } } : null;
    },
    unknownText(name) {
      // Direct forms are proposed only to those who use them.
      const known = [...ids.keys()].filter((candidate) => name.includes('/') || !candidate.includes('/'));
      const near = nearestNames(name, known, 3).map((candidate) => `'${candidate}'`);
      const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' GET /v1/models lists what can be asked.';
      return `The model '${name.slice(0, 100)}' does not exist.${hint}`;
    },
  };
}

/** Every name that leads to a listed model. Ids and aliases come before the direct form `provider/upstream-id`. */
function indexNames(entries: ReadonlyMap<string, ModelEntry>): Map<string, string> {
  const ids = new Map([...entries.keys()].map((id) => [id, id]));
  const add = (name: string, id: string): void => {
    if (!ids.has(name)) ids.set(name, id);
  };
  for (const [id, { aliases = [] }] of entries) for (const alias of aliases) add(alias, id);
  for (const [id, { provider, upstream = id }] of entries)
    if (provider && upstream === id) add(`${provider}/${id}`, id);
  for (const [id, entry] of entries) if (entry.provider) add(`${entry.provider}/${upstreamOf(id, entry)}`, id);
  for (const [id, { provider, aliases = [] }] of entries) {
    if (provider) for (const name of [id, ...aliases]) add(`${provider}/${name}`, id);
  }
  return ids;
}
