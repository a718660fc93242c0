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

function digestOfSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}
