import type { Failure } from '../protocol/failure.ts';
import type { Provider } from '../providers/provider.ts';

/** Parts of a base URL's path that name no account: `v1`, `v1beta`, `api`, `openai`. */
const PLAIN_PART = /^(?:v\d{1,2}[a-z]{0,5}|[a-z]{1,12}(?:-[a-z]{1,12}){0,2})$/;

/** A failure of the address, with the path that was asked, so that a missing version or a doubled path is seen. */
export function withAddress(failure: Failure, { name, baseUrl }: Provider, path: string): Failure {
  if (failure.kind !== 'wrong-address') return failure;
  const [asked = ''] = path.split('?');
  const message = `${failure.message}: ${shownPath(baseUrl)}${asked}. Check the base_url of the provider '${name}'.`;
  return { ...failure, message };
}

/** Host, port and user stay the operator's business, and so does a part that may be an account or a key. */
function shownPath(baseUrl: string): string {
  const parts = new URL(baseUrl).pathname.split('/').filter((part) => part !== '');
  return parts.map((part) => `/${PLAIN_PART.test(part) ? part : '…'}`).join('');
}
