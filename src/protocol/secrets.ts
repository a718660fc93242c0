/** A cut text may end with the beginning of a secret; less than this of it is no secret. */
const MIN_PART = 8;

/** The text with each secret as stars, of the same length: also one that the text's end cuts off. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const secret of secrets) {
    if (masked.includes(secret)) masked = masked.replaceAll(secret, starsFor(secret));
    const part = partAtEnd(masked, secret);
    if (part !== '') masked = masked.slice(0, -part.length) + starsFor(part);
  }
  return masked;
}

function partAtEnd(text: string, secret: string): string {
  for (let length = secret.length - 1; length >= MIN_PART; length--) {
    if (text.endsWith(secret.slice(0, length))) return secret.slice(0, length);
  }
  return '';
}

function starsFor(secret: string): string {
  return '*'.repeat(secret.length);
}
