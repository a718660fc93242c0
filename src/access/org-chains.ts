import type { OrgConfig } from '../config/config.ts';
import type { Directory } from './directory.ts';
import { toFileLimits } from './file-limits.ts';
import { type GovernedScope, toGoverned } from './limits.ts';
import type { KeptOrg } from './records.ts';
import type { FoundOrg } from './store.ts';

/** An organisation with its parent, as its calls find it. */
export interface OrgChain {
  readonly id: string;
  /** Whether it or its parent is switched off, or its parent is missing. */
  readonly isDisabled: boolean;
  /** Patterns of models: one list each, where there are some. */
  readonly models: readonly (readonly string[])[];
  readonly scopes: readonly GovernedScope[];
}

/** One link of a chain. */
type Link = Omit<OrgChain, 'scopes'> & { readonly parent: string | null; readonly scope: Omit<GovernedScope, 'role'> };

/** The organisations of a file, and those of the database: an id that is in both is the file's. */
export class OrgChains {
  readonly #file: ReadonlyMap<string, Link>;
  readonly #fileChains: ReadonlyMap<string, OrgChain>;
  readonly #directory: Directory;
  readonly #made = new WeakMap<FoundOrg, OrgChain>();

  /** @param version of the file: a later one has a higher one */
  constructor(orgs: ReadonlyMap<string, OrgConfig>, directory: Directory, version: number) {
    this.#directory = directory;
    this.#file = new Map([...orgs].map(([id, org]) => [id, linkOfFile(org, version)]));
    this.#fileChains = new Map(
      [...this.#file].map(([id, link]) => [id, chainOf(link, this.#file.get(link.parent ?? '') ?? null)]),
    );
  }

  /** One of the file. */
  ofFile(id: string): OrgChain | null {
    return this.#fileChains.get(id) ?? null;
  }

  /** The organisation that a key of the database belongs to. @param found what the database has of it */
  ofKey(id: string, found: FoundOrg): OrgChain | null {
    return this.ofFile(id) ?? this.#toChain(found);
  }

  /** At once where it is known. @throws GatewayError 503 `keys_unavailable`, also as a rejection */
  find(id: string): OrgChain | null | Promise<OrgChain | null> {
    const ofFile = this.ofFile(id);
    if (ofFile !== null) return ofFile;
    const found = this.#directory.org(id);
    return found instanceof Promise ? found.then((org) => this.#toChain(org)) : this.#toChain(found);
  }

  #toChain(found: FoundOrg | null): OrgChain | null {
    if (found === null || found.org === null) return null;
    let chain = this.#made.get(found);
    if (chain === undefined) {
      const parent = found.parent === null ? this.#file.get(found.org.parentId ?? '') : linkOfKept(found.parent);
      chain = chainOf(linkOfKept(found.org), parent ?? null);
      this.#made.set(found, chain);
    }
    return chain;
  }
}

function linkOfFile(org: OrgConfig, version: number): Link {
  const { id, parent, isDisabled, models } = org;
  const scope = { id: `org:${id}`, version, limits: toFileLimits(org) };
  return { id, parent, isDisabled, models: models === null ? [] : [models], scope };
}

function linkOfKept({ id, parentId, isDisabled, models, version, limits }: KeptOrg): Link {
  const scope = { id: `org:${id}`, version, limits: toGoverned(limits) };
  return { id, parent: parentId, isDisabled, models: models === null ? [] : [models], scope };
}

/** Without its parent, whose limits would not hold, a team is as good as switched off. */
function chainOf(org: Link, parent: Link | null): OrgChain {
  const isOrphan = org.parent !== null && parent === null;
  return {
    id: org.id,
    isDisabled: org.isDisabled || isOrphan || parent?.isDisabled === true,
    models: [...org.models, ...(parent?.models ?? [])],
    scopes: [{ ...org.scope, role: 'org' }, ...(parent === null ? [] : [{ ...parent.scope, role: 'parent' as const }])],
  };
}
