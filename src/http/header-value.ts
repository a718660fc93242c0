/** Clients refuse a head of more than 8 to 16 KB. */
const MAX_CHARS = 1000;

/**
 * Any text as the value of a header: what a header may not hold, or clients would read as something else, is
 * percent-encoded UTF-8. Long text is cut.
 */
export function toHeaderValue(text: string): string {
  if (text.length <= MAX_CHARS && !/[^ -~]/.test(text)) return text;
  let value = '';
  for (const character of text.slice(0, MAX_CHARS).toWellFormed()) {
    const encoded = /[ -~]/.test(character) ? character : encodeURIComponent(character);
    if (value.length + encoded.length > MAX_CHARS) break;
    value += encoded;
  }
  return value;
}

/** Names with commas between them; where they are too many, their number is told. */
export function toHeaderList(names: readonly string[]): string {
  let value = '';
  for (const [at, name] of names.entries()) {
    const next = at === 0 ? toHeaderValue(name) : `${value}, ${toHeaderValue(name)}`;
    if (next.length > MAX_CHARS) return `${value} and ${names.length - at} more`;
    value = next;
  }
  return value;
}
