/** A cut text may end with the beginning of a secret; less than this of it is no secret. */
const MIN_PART = 8;

/** An organisation or a project of the provider's account, as OpenAI names it: with a digit or a capital, unlike words. */
const ACCOUNT_ID = /\b(org-|proj_)(?=[A-Za-z]*[0-9A-Z])[A-Za-z0-9]{6,}/g;

/**
 * The text with each secret as stars, of the same length: also one that the text's end cuts off. So are the ids of the
 * account, which a provider names in its limits: whose it is, is the operator's business.
 * @param secrets in all spellings: see {@link spellingsOf}
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const secret of secrets) {
    if (masked.includes(secret)) masked = masked.replaceAll(secret, starsFor(secret));
    const part = partAtEnd(masked, secret);
    if (part !== '') masked = masked.slice(0, -part.length) + starsFor(part);
  }
  return masked.replace(ACCOUNT_ID, (id, prefix: string) => prefix + starsFor(id.slice(prefix.length)));
}

/**
 * The ways in which a secret may be written: as it is, escaped in JSON and in URLs, and in base64, on its own or inside
 * of something longer such as `user:key`. The longest first, so that none leaves a rest of another.
 */
export function spellingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const inJson = JSON.stringify(secret).slice(1, -1);
  const escaped = [
    encodeURI(secret),
    encodeURIComponent(secret),
    percentEncoded(bytes, /[A-Za-z0-9]/),
    percentEncoded(bytes, /^$/),
  ];
  const all = [
    secret,
    ...[inJson, inJson.replaceAll('/', '\\/')],
    ...escaped,
    ...escaped.map((one) => one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    ...[0, 1, 2].flatMap((before) => inBase64(bytes, before)),
  ];
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}

/** Percent-encoding of every byte but these characters: servers differ in what they leave as it is. */
function percentEncoded(bytes: Buffer, kept: RegExp): string {
  const codes = [...bytes].map((byte) => {
    const character = String.fromCharCode(byte);
    return kept.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return codes.join('');
}

/** What of it is the same whatever stands around it, with so many bytes before it, beside whole threes. */
function inBase64(bytes: Buffer, before: number): string[] {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const firstOwn = Math.ceil((before * 8) / 6);
  const endOfOwn = Math.floor(((before + bytes.length) * 8) / 6);
  const own = text.slice(firstOwn, endOfOwn);
  const inUrl = own.replaceAll('+', '-').replaceAll('/', '_');
  return [own, inUrl, encodeURIComponent(own)];
}

/** What of the secret's beginning the text ends with. */
function partAtEnd(text: string, secret: string): string {
  const head = secret.slice(0, MIN_PART);
  for (let at = text.indexOf(head, text.length - secret.length + 1); at >= 0; at = text.indexOf(head, at + 1)) {
    if (secret.startsWith(text.slice(at))) return text.slice(at);
  }
  return '';
}

function starsFor(secret: string): string {
  return '*'.repeat(secret.length);
}
