import type { RouteName } from '../protocol/routes.ts';
import type { GovernedScope, KeptLimits } from './limits.ts';

/** Who calls. Without configured keys everybody is the same anonymous caller. */
export interface Key {
  /**
   * Whose calls they are; no two callers have one: the name of a key of the file, the hash of one made at run time. Of a
   * key that serves several organisations each is a caller of its own.
   */
  readonly id: string;
  /** As people call it: two keys made at run time may have one. */
  readonly name: string;
  /** Null for a key of the file. */
  readonly hash: string | null;
  /** Beginning and end of its secret; null for a key of the file, whose secret is not ours to show. */
  readonly label: string | null;
  /** Milliseconds since the epoch; null where it does not expire. */
  readonly expiresAt: number | null;
  /** Its own, in the words of the administration's API. */
  readonly limits: KeptLimits;
  /** Sees, and manages, everything. */
  readonly isAdmin: boolean;
  /** How far it manages keys and organisations: an organisation with its teams, everything, or nothing. */
  readonly manages: Management;
  /** What it may ask. */
  readonly routes: ReadonlySet<RouteName>;
  /** The organisation it calls for. */
  readonly org: string | null;
  /** Whether it calls for several. */
  readonly servesOrgs: boolean;
  /** Whose threads they are: `org:<id>`, `key:<name>` or `key:<hash>`. */
  readonly owner: string;
  /** Lists of patterns, of the key, its organisation and the parent: a model has to be in each. */
  readonly models: readonly (readonly string[])[];
  /** What each of its calls has to pass: the key, its organisation and the parent, in this order. */
  readonly scopes: readonly GovernedScope[];
  /** False where none of the scopes limits anything. */
  readonly isGoverned: boolean;
}

/** What a key manages. */
export type Management = 'nothing' | 'everything' | { readonly org: string };
