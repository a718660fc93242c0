import type { FileKey } from '../../access/key-management.ts';
import type { Key } from '../../access/keys.ts';
import type { Services } from '../services.ts';
import { readSpent, UNKNOWN_SPENT } from './figures.ts';
import type { ListedKeysQuery } from './queries.ts';
import { type StaticKeyBody, toStaticKeyData } from './shapes.ts';

/** A page of the keys of the file within the manager's reach, in the order of the file. */
export async function listStaticKeys(
  manager: Key,
  { words, orgId, offset, limit }: Omit<ListedKeysQuery, 'isStatic'>,
  services: Pick<Services, 'access' | 'reports' | 'observers'>,
): Promise<{ readonly data: readonly StaticKeyBody[]; readonly total: number }> {
  const wanted = words?.toLowerCase() ?? '';
  const found = services.access.keys
    .ofFile(manager)
    .filter(({ caller, org }) => caller.name.toLowerCase().includes(wanted) && (orgId === null || org === orgId));
  const shown = found.slice(offset, offset + limit);
  const spent = await readSpent(
    shown.map(({ caller }) => `key:${caller.name}`),
    services,
  );
  const { spend } = services.reports;
  const data = shown.map((key, at) =>
    toStaticKeyData(key, (spend.counts(asItCalls(key)) && spent[at]) || UNKNOWN_SPENT),
  );
  return { data, total: found.length };
}

/** What an organisation's calls cost is counted, whichever of several it is. */
function asItCalls({ caller, org, orgs }: FileKey): Key {
  return { ...caller, org: orgs === null ? org : String(orgs) };
}
