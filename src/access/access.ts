import type { Config } from '../config/config.ts';
import { Directory } from './directory.ts';
import { scopesOfFile } from './file-limits.ts';
import { KeyManagement } from './key-management.ts';
import { createKeyRing, type KeyRing } from './key-ring.ts';
import type { ChangedScope, LimitChanges } from './limit-changes.ts';
import { OrgManagement } from './org-management.ts';
import type { RandomBytes } from './secret.ts';
import { Sessions } from './sessions.ts';
import { SignIn } from './sign-in.ts';
import type { AccessStore } from './store.ts';

// The composition root gives it to the database, and imports each room once.
export type { Manager } from './management.ts';
export { ACCESS as ACCESS_ROOM } from './room.ts';

/** Who may call, and who says so. */
export interface Access {
  readonly directory: Directory;
  readonly keys: KeyManagement;
  readonly orgs: OrgManagement;
  /** Browsers that sign in with a key. */
  readonly signIn: SignIn;
  /** The keys of a configuration, with those of the database. */
  createKeyRing(config: AccessConfig): KeyRing;
  /** What limits the keys and organisations of a configuration that replaces another one: calls in flight go by it. */
  limitsOf(config: Pick<AccessConfig, 'keys' | 'orgs'>): readonly ChangedScope[];
}

/** What access reads of a configuration. */
export type AccessConfig = Pick<Config, 'keys' | 'orgs' | 'passthrough' | 'keyLookUps' | 'console'>;

/** What access needs of the rest of the house. */
export interface AccessContext {
  readonly config: () => Omit<AccessConfig, 'console'>;
  /** Whether the database is there at all. */
  readonly isThere: () => boolean;
  /** Milliseconds since the epoch, never going back. */
  readonly now: () => number;
  readonly random: RandomBytes;
  /** Is told the scopes of keys and organisations that are gone. */
  readonly forget: (scope: string) => void;
  /**
   * Is told what calls in flight should know of their limits, and which scopes are gone: within a second, also of what another
   * process has done.
   */
  readonly limitsChanged: (changes: LimitChanges) => Promise<void>;
  /** The database as operators know it, and where they are told that it cannot be read: a pino logger. */
  readonly database: string;
  readonly notes: Readonly<Record<'info' | 'error', (facts: object, text: string) => void>>;
}

/** Keys and organisations over this store. */
export function createAccess(store: AccessStore, context: AccessContext): Access {
  const { config, isThere, now, random, forget, limitsChanged, database, notes } = context;
  const trouble = (error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error);
    if (error === null) notes.info({ database }, 'the keys of the database can be read again');
    else notes.error({ database, reason }, 'the keys of the database cannot be read');
  };
  const settings = () => config().keyLookUps;
  const directory = new Directory(store, { isThere, settings, now, trouble, limitsChanged });
  const sessions = new Sessions(random, now);
  const management = { store, directory, config, now, random, forget };
  return {
    directory,
    keys: new KeyManagement(management),
    orgs: new OrgManagement(management),
    signIn: new SignIn(sessions, now),
    createKeyRing: (next) => createKeyRing(next, { directory, sessions, now }),
    limitsOf: (next) => scopesOfFile(next, Math.floor(now())),
  };
}
