import { signal } from '@preact/signals';

/** Marks a request as the console's: the session's cookie counts only beside it, and no foreign page can send it. */
const OWN = { 'x-sluice-console': '1' } as const;

/** What the gateway answered instead of what was asked for. Status 0: it could not be reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly requestId: string | null;

  constructor(message: string, { status, code, requestId }: Pick<ApiError, 'status' | 'code' | 'requestId'>) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
}

/** True from the first 401 until someone has signed in. */
export const isKeyWanted = signal(false);

/** Since when the gateway has not been reached, in milliseconds since the epoch; null while it answers. */
export const awaySince = signal<number | null>(null);

/** When the gateway answered last. */
export const lastContact = signal<number | null>(null);

/** Asks for JSON. @throws ApiError @throws DOMException `AbortError` */
export async function getJson<T>(path: string, abort?: AbortSignal): Promise<T> {
  const response = await send(path, { method: 'GET', ...(abort && { signal: abort }) });
  return (await response.json()) as T;
}

/** Sends a request as the console. @throws ApiError for every answer but a good one */
export async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await reach(path, { ...init, headers: { ...OWN, ...init.headers } });
  if (response.ok) return response;
  if (response.status === 401) isKeyWanted.value = true;
  throw await toError(response);
}

/** What went wrong while an answer was read, as an error of this file. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  // A connection that broke in mid-answer is no answer of the gateway.
  return new ApiError('The connection broke off.', { status: 0, code: null, requestId: null });
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(path, init);
    lastContact.value = Date.now();
    awaySince.value = null;
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    awaySince.value ??= Date.now();
    throw new ApiError('The gateway cannot be reached.', { status: 0, code: null, requestId: null });
  }
}

async function toError(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  const facts = { status, requestId: headers.get('x-request-id') };
  try {
    const { error } = (await response.json()) as { error: { message: string; code: string | null } };
    return new ApiError(error.message, { ...facts, code: error.code });
  } catch {
    // A proxy in between answers in words of its own.
    return new ApiError(`The answer was ${status} ${response.statusText}.`, { ...facts, code: null });
  }
}
