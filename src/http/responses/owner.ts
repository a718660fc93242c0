import type { Key } from '../../access/keys.ts';

/** Whose stored answers they are: no two kinds of owners can have one name. */
export function ownerOf({ name }: Pick<Key, 'name'>): string {
  return `key:${name}`;
}
