import type { Key } from '../../access/keys.ts';

/** Whose stored answers they are: the organisation's where the key belongs to one. No two owners can have one name. */
export function ownerOf({ owner }: Pick<Key, 'owner'>): string {
  return owner;
}
