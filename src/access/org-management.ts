import type { Config, OrgConfig } from '../config/config.ts';
import { GatewayError } from '../protocol/errors.ts';
import { toFileWords } from './file-limits.ts';
import type { OrgChange } from './kept-orgs.ts';
import { resetsNothing } from './limits.ts';
import { limitsAfter } from './limits-after.ts';
import {
  actOf,
  isStatic,
  type ManagementContext,
  type Manager,
  noLimitToReset,
  noOrg,
  reachOf,
  stored,
  wrongOrg,
} from './management.ts';
import type { Reach } from './reach.ts';
import type { KeptOrg } from './records.ts';

/** What an organisation is made from. */
export type NewOrg = Pick<KeptOrg, 'id' | 'name' | 'parentId' | 'isDisabled' | 'limits' | 'models' | 'metadata'>;

/** An organisation, and whether it stands in the file. */
export interface ShownOrg extends KeptOrg {
  readonly isStatic: boolean;
}

/** A part of all organisations: those of the file first. */
export interface ShownOrgs {
  readonly orgs: readonly ShownOrg[];
  readonly total: number;
}

/** Organisations and teams, managed. Each change is in the audit, and holds in this process at once. */
export class OrgManagement {
  readonly #context: ManagementContext;

  constructor(context: ManagementContext) {
    this.#context = context;
  }

  /** @throws GatewayError 400, 403 beyond the manager's organisation, 409 for an id that is taken */
  async create(manager: Manager, wanted: NewOrg): Promise<ShownOrg> {
    const { store, directory, now, config } = this.#context;
    const reach = reachOf(manager, config());
    if (resetsNothing({}, wanted.limits)) throw noLimitToReset();
    const parentId = wanted.parentId ?? reach?.org ?? null;
    if (reach !== null && parentId !== reach.org) throw beyond(reach.org);
    const fileParent = parentId === null ? undefined : config().orgs.get(parentId);
    const at = Math.floor(now());
    const limits = limitsAfter({}, wanted.limits);
    const org = { ...wanted, limits, parentId, version: 1, createdAt: at, updatedAt: at };
    const isTaken = config().orgs.has(org.id);
    const done = isTaken
      ? 'taken'
      : fileParent?.parent
        ? 'deep'
        : await stored(store.createOrg(org, fileParent !== undefined, actOf(manager, at)));
    if (done !== 'created') throw refusal(done, org);
    directory.changed(false);
    return { ...org, isStatic: false };
  }

  async list(manager: Manager, offset: number, limit: number): Promise<ShownOrgs> {
    const { store, config } = this.#context;
    const reach = reachOf(manager, config());
    const ofFile = fileOrgs(config(), reach);
    const shown = ofFile.slice(offset, offset + limit);
    const rest = await stored(store.listOrgs(reach, Math.max(0, offset - ofFile.length), limit - shown.length));
    const kept = rest.orgs.map((org) => ({ ...org, isStatic: false }));
    return { orgs: [...shown, ...kept], total: ofFile.length + rest.total };
  }

  /** @throws GatewayError 404 */
  async find(manager: Manager, id: string): Promise<ShownOrg> {
    const { store, config } = this.#context;
    const reach = reachOf(manager, config());
    const ofFile = fileOrgs(config(), reach).find((org) => org.id === id);
    if (ofFile !== undefined) return ofFile;
    const org = config().orgs.has(id) ? null : await stored(store.findOrg(id));
    if (org === null || !(reach === null || id === reach.org || org.parentId === reach.org)) throw noOrg(id);
    return { ...org, isStatic: false };
  }

  /**
   * Whose usage is meant: of the organisation that is asked for, without it of all within reach; teams that were deleted are
   * among them. Null for everybody's.
   * @throws GatewayError 404
   */
  async ofUsage(manager: Manager, id: string | null): Promise<string | readonly string[] | null> {
    const { store, config } = this.#context;
    const reach = reachOf(manager, config());
    if (reach === null) return id;
    const reached = await stored(store.everReached(reach));
    if (id === null) return reached;
    if (!reached.includes(id)) throw noOrg(id);
    return id;
  }

  /** @throws GatewayError 403 for the manager's own, 404, 409 for one of the file */
  async change(manager: Manager, id: string, change: OrgChange): Promise<ShownOrg> {
    const { store, directory, now } = this.#context;
    const reach = this.#managed(manager, id);
    const org = await stored(store.changeOrg(id, reach, change, actOf(manager, now())));
    if (org === null) throw noOrg(id);
    if (org === 'no-limit') throw noLimitToReset();
    directory.changed(false);
    return { ...org, isStatic: false };
  }

  /** With its teams and all their keys. @throws GatewayError 403 for the manager's own, 404, 409 for one of the file */
  async remove(manager: Manager, id: string): Promise<void> {
    const { store, directory, now, forget } = this.#context;
    const reach = this.#managed(manager, id);
    const gone = await stored(store.removeOrg(id, reach, actOf(manager, now())));
    if (gone.length === 0) throw noOrg(id);
    directory.changed(false);
    for (const scope of gone) forget(scope);
  }

  #managed(manager: Manager, id: string): Reach {
    const { orgs } = this.#context.config();
    const reach = reachOf(manager, { orgs });
    if (reach?.org === id)
      throw new GatewayError('route_not_allowed', 'A key of an organisation does not change what limits it.');
    const isReached = reach === null || reach.fileTeams.includes(id);
    if (orgs.has(id) && isReached) throw isStatic('This organisation');
    return reach;
  }
}

function fileOrgs({ orgs }: Pick<Config, 'orgs'>, reach: Reach): readonly ShownOrg[] {
  const reached = [...orgs.values()].filter(
    ({ id, parent }) => reach === null || id === reach.org || parent === reach.org,
  );
  return reached.map(toShown);
}

function toShown(org: OrgConfig): ShownOrg {
  const { id, name, parent, isDisabled, models } = org;
  const times = { version: 0, createdAt: 0, updatedAt: 0 };
  return {
    id,
    name,
    parentId: parent,
    isDisabled,
    models,
    limits: toFileWords(org),
    metadata: {},
    ...times,
    isStatic: true,
  };
}

function beyond(org: string): GatewayError {
  const message = `This key manages the organisation '${org}' and its teams, and makes teams of it only.`;
  return new GatewayError('org_mismatch', message, { param: 'parent_id' });
}

function refusal(
  reason: 'taken' | 'orphan' | 'deep',
  { id, parentId }: Pick<KeptOrg, 'id' | 'parentId'>,
): GatewayError {
  if (reason === 'taken')
    return new GatewayError(
      'org_exists',
      `There is an organisation '${id}' already, or there was one: what it kept is under its id.`,
      { param: 'id' },
    );
  if (reason === 'orphan') return wrongOrg('parent_id', parentId ?? '');
  const message = `parent_id: '${parentId}' is a team itself, and teams have no teams.`;
  return new GatewayError('invalid_value', message, { param: 'parent_id' });
}
