/** What tells an address that serves no chats from a model that is not known. */
interface Refusal {
  readonly status: number;
  /** As it came. */
  readonly body: string;
  /** What of it could be read. */
  readonly message: string;
  readonly words: readonly string[];
}

/** What servers say of a path that they do not have: FastAPI, llama.cpp, OpenAI, Express, gateways. */
const NO_SUCH_PATH =
  /^((file|page|route|endpoint) )?not found\.?$|^method not allowed\.?$|\binvalid url\b|\b(unknown|no such|unexpected|unrecognized) (request )?(url|route|endpoint|path)\b|\bno route\b|\bcannot post\b/i;
/** nginx, Go and Apache, to a client that speaks plain HTTP to their TLS port. */
const WANTS_TLS = /plain http request was sent to https|http request to an https server|plain http to an ssl-enabled/i;

/** Why the address must be wrong, to be followed by a colon and the path; null when it need not be. */
export function wrongAddress({ status, body, message, words }: Refusal): string | null {
  if (status === 400 && WANTS_TLS.test(body)) return 'The provider wants https, and was asked by http (HTTP 400)';
  if (status !== 404 && status !== 405) return null;
  if (words.some((word) => word.includes('model'))) return null;
  // HTML, plain text, nothing: no API has answered.
  const isSilent = message === '' && words.length === 0;
  return isSilent || NO_SUCH_PATH.test(message) ? `The provider has nothing at this path (HTTP ${status})` : null;
}
