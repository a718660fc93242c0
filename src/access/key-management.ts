import type { KeyConfig } from '../config/config.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { AuditQuery } from './audit.ts';
import { callerOfFile } from './callers.ts';
import type { KeyChange } from './kept-keys.ts';
import type { Key } from './keys.ts';
import { type BudgetWindow, resetsNothing } from './limits.ts';
import { limitsAfter } from './limits-after.ts';
import type { KeyPage, KeyQuery } from './listed-keys.ts';
import {
  actOf,
  isStatic,
  type ManagementContext,
  type Manager,
  noKey,
  noLimitToReset,
  reaches,
  reachOf,
  refuseSharedRoutes,
  stored,
  wrongOrg,
} from './management.ts';
import { endOf, refuseLengthening, refuseOutliving } from './manager-life.ts';
import type { Reach } from './reach.ts';
import type { KeptAudit, KeptKey } from './records.ts';
import { createHashId, createSecret } from './secret.ts';

/** What a key is made from. */
export type NewKey = Pick<
  KeptKey,
  'kind' | 'name' | 'orgId' | 'isDisabled' | 'expiresAt' | 'limits' | 'models' | 'routes' | 'metadata'
>;

/** A key with its secret, which is told this once. */
export interface MadeKey {
  readonly key: KeptKey;
  readonly secret: string;
}

/** A key of the file. */
export interface FileKey extends Pick<KeyConfig, 'isAdmin' | 'kind' | 'org' | 'orgs' | 'models'> {
  /** As it calls, without what its organisation adds. */
  readonly caller: Key;
}

/** How long the secret before holds, where nothing is said: a day. */
const GRACE_MS = 86_400_000;

/** Keys that are made at run time, managed. Each change is in the audit, and holds in this process at once. */
export class KeyManagement {
  readonly #context: ManagementContext;

  constructor(context: ManagementContext) {
    this.#context = context;
  }

  /** @throws GatewayError 400, 403 beyond the manager's organisation */
  async create(manager: Manager, wanted: NewKey): Promise<MadeKey> {
    const { store, directory, now, random, config } = this.#context;
    const reach = this.#reach(manager);
    refuseSharedRoutes(reach, wanted.routes, config());
    refuseOutliving(endOf(manager, reach), wanted);
    if (resetsNothing({}, wanted.limits)) throw noLimitToReset();
    const orgId = wanted.orgId ?? reach?.org ?? null;
    await this.#admitOrg(reach, orgId);
    const secret = createSecret(random);
    const at = Math.floor(now());
    const key: KeptKey = {
      ...wanted,
      limits: limitsAfter({}, wanted.limits),
      orgId,
      hash: createHashId(random),
      label: secret.label,
      creator: actOf(manager, at).actor,
      version: 1,
      createdAt: at,
      updatedAt: at,
      lastUsedAt: null,
      oldSecretUntil: null,
    };
    const { digest } = secret;
    const isMade = await stored(store.createKey(key, { digest }, this.#isFileOrg(orgId), actOf(manager, at)));
    if (!isMade) throw wrongOrg('org_id', orgId ?? '');
    directory.changed(true);
    return { key, secret: secret.secret };
  }

  list(manager: Manager, query: KeyQuery): Promise<KeyPage> {
    return stored(this.#context.store.listKeys(this.#reach(manager), query));
  }

  /** The keys of the file, in its order. */
  ofFile(manager: Manager): readonly FileKey[] {
    const { keys, passthrough } = this.#context.config();
    const reach = this.#reach(manager);
    const facts = { isShared: passthrough.isShared, version: 0 };
    return keys
      .filter(({ org }) => reaches(reach, org))
      .map((config) => ({ ...config, caller: callerOfFile(config, null, facts) }));
  }

  /** @throws GatewayError 404 */
  async find(manager: Manager, hash: string): Promise<KeptKey> {
    const key = await stored(this.#context.store.findKey(hash, this.#reach(manager)));
    if (key === null) throw noKey(hash);
    return key;
  }

  /** The one key whose hash begins so. @throws GatewayError 404, 400 where there are several */
  async findBeginning(manager: Manager, start: string): Promise<KeptKey> {
    const [key, other] = await stored(this.#context.store.keysBeginning(start, this.#reach(manager)));
    if (key === undefined) throw noKey(start);
    if (other === undefined) return key;
    throw new GatewayError('invalid_value', `Several keys begin with '${start}'. Give more of the hash.`);
  }

  /** @throws GatewayError 400, 403, 404, 409 for a key of the file */
  async change(manager: Manager, hash: string, change: KeyChange): Promise<KeptKey> {
    const { store, directory, now, config } = this.#context;
    const reach = this.#reach(manager);
    this.#refuseStatic(hash, reach);
    refuseOwn(manager, reach, hash);
    refuseSharedRoutes(reach, change.routes ?? null, config());
    const { orgId, expiresAt } = change;
    const end = endOf(manager, reach);
    if (end !== null && expiresAt !== undefined) refuseLengthening(end, await this.find(manager, hash), expiresAt);
    if (orgId !== undefined) await this.#admitOrg(reach, orgId);
    const isFileOrg = this.#isFileOrg(orgId ?? null);
    const changed = await stored(store.changeKey(hash, reach, change, isFileOrg, actOf(manager, now())));
    if (changed === null) throw noKey(hash);
    if (changed === 'orphan') throw wrongOrg('org_id', orgId ?? '');
    if (changed === 'no-limit') throw noLimitToReset();
    directory.changed(true);
    return changed;
  }

  /** @param graceMs how long the secret before holds; null for a day. @throws GatewayError 403, 404, 409 for a key of the file */
  async rotate(manager: Manager, hash: string, graceMs: number | null): Promise<MadeKey> {
    const { store, directory, now, random } = this.#context;
    const reach = this.#reach(manager);
    this.#refuseStatic(hash, reach);
    const end = endOf(manager, reach);
    if (end !== null && hash !== manager.hash) refuseOutliving(end, await this.find(manager, hash));
    const { secret, digest, label } = createSecret(random);
    const act = actOf(manager, now());
    const key = await stored(store.rotateKey(hash, reach, { digest, label }, act.at + (graceMs ?? GRACE_MS), act));
    if (key === null) throw noKey(hash);
    directory.changed(true);
    return { key, secret };
  }

  /** @throws GatewayError 404, 409 for a key of the file */
  async remove(manager: Manager, hash: string): Promise<void> {
    const { store, directory, now, forget } = this.#context;
    const reach = this.#reach(manager);
    this.#refuseStatic(hash, reach);
    if (!(await stored(store.removeKey(hash, reach, actOf(manager, now()))))) throw noKey(hash);
    directory.changed(true);
    forget(`key:${hash}`);
  }

  /**
   * Puts down that a window of its budget begins anew; it does so once this is on record.
   * @throws GatewayError 404, 409 for a key of the file
   */
  async reset(manager: Manager, hash: string, window: BudgetWindow): Promise<KeptKey> {
    const { store, now } = this.#context;
    const reach = this.#reach(manager);
    this.#refuseStatic(hash, reach);
    refuseOwn(manager, reach, hash);
    const key = await stored(store.resetKey(hash, reach, window, actOf(manager, now())));
    if (key === null) throw noKey(hash);
    return key;
  }

  audit(manager: Manager, query: AuditQuery): Promise<readonly KeptAudit[]> {
    return stored(this.#context.store.listAudit(this.#reach(manager), query));
  }

  #reach(manager: Manager): Reach {
    return reachOf(manager, this.#context.config());
  }

  #isFileOrg(orgId: string | null): boolean {
    return orgId !== null && this.#context.config().orgs.has(orgId);
  }

  /** An organisation may be a team of the manager's in the database. */
  async #admitOrg(reach: Reach, orgId: string | null): Promise<void> {
    if (reaches(reach, orgId)) return;
    const org = orgId === null || this.#isFileOrg(orgId) ? null : await stored(this.#context.store.findOrg(orgId));
    if (org !== null && org.parentId === reach?.org) return;
    const message = `This key manages the organisation '${reach?.org}' and its teams, and nothing beyond.`;
    throw new GatewayError('org_mismatch', message, { param: 'org_id' });
  }

  /** Of one out of reach it is not said that it is there. */
  #refuseStatic(hash: string, reach: Reach): void {
    const { keys } = this.#context.config();
    if (keys.some(({ name, org }) => name === hash && reaches(reach, org))) throw isStatic('This key');
  }
}

/** One of an organisation does not lengthen its own life. */
function refuseOwn(manager: Manager, reach: Reach, hash: string): void {
  if (reach === null || manager.hash !== hash) return;
  throw new GatewayError('route_not_allowed', 'A key of an organisation does not change itself.');
}
