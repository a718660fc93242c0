const DIGEST_CHARS = 8;

/** The text if it is short enough; else its beginning and a digest of it all, so that cut texts stay different. */
export function cutWithDigest(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : withDigest(text.slice(0, maxChars - DIGEST_CHARS), text);
}

/** A text followed by the digest of another. */
export function withDigest(text: string, of: string): string {
  return text + digestOf(of);
}

/** FNV-1a of 32 bits in hexadecimal. */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(DIGEST_CHARS, '0');
}
