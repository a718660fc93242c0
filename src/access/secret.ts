import { hash } from 'node:crypto';

/** A secret of a key, told once. */
export interface NewSecret {
  readonly secret: string;
  /** SHA-256 of the whole, in hexadecimal digits: all that is kept of it, besides the label. */
  readonly digest: string;
  readonly label: string;
}

/** Random bytes, as many as asked for. */
export type RandomBytes = (count: number) => Buffer;

const PREFIX = 'sk-sl-';
const SECRET_BYTES = 32;
const HASH_BYTES = 32;

/** `sk-sl-` and 43 characters: 256 random bits. */
export function createSecret(random: RandomBytes): NewSecret {
  const secret = PREFIX + random(SECRET_BYTES).toString('base64url');
  return { secret, digest: digestOfSecret(secret), label: `${secret.slice(0, 9)}…${secret.slice(-4)}` };
}

/** The id of a new key: nothing of its secret. */
export function createHashId(random: RandomBytes): string {
  return random(HASH_BYTES).toString('hex');
}

/** Whether this may be a secret that was made here; others are in no table. */
export function isSecret(text: string): boolean {
  return /^sk-sl-[\w-]{43}$/.test(text);
}

/** SHA-256 of a key: what it is found by. */
export function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** The key that is presented as `Authorization: Bearer`. */
export function presentedKey(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

function digestOfSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}
