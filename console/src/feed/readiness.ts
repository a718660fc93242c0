import { signal } from '@preact/signals';
import { ApiError, isKeyWanted, send } from './client.ts';
import { until } from './until.ts';

/** How often a gateway that stops is asked whether it is back. */
const AGAIN_MS = 2000;

/** Whether the gateway restarts: what it answers runs on, and nothing new is taken before it is back. */
export const isStopping = signal(false);

let isLooking = false;

/** Asks whether the gateway takes something new, and while it does not, again and again. */
export async function lookWhetherReady(): Promise<void> {
  if (isLooking) return;
  isLooking = true;
  while (await isRefusing()) {
    isStopping.value = true;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  isStopping.value = false;
  isLooking = false;
}

/** While it restarts there is a moment in which it cannot be reached at all. */
async function isRefusing(): Promise<boolean> {
  try {
    await send('/ready', { method: 'GET' });
    return false;
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 0;
    return status === 503 || (status === 0 && isStopping.peek());
  }
}

/** Whether nothing is sent for the moment: a key is wanted, or the gateway restarts. */
export function isWaiting(): boolean {
  return isStopping.value || isKeyWanted.value;
}

/**
 * Does what the gateway refuses for the moment as soon as it no longer does: once a key is shown, or the restart is over.
 * @throws ApiError for every other refusal
 */
export async function whenWelcome<T>(work: () => Promise<T>, abort?: AbortSignal): Promise<T> {
  for (;;) {
    await until(() => !isWaiting(), abort);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError) || !isForNow(error)) throw error;
    }
  }
}

function isForNow({ status, code }: ApiError): boolean {
  if (code !== 'shutting_down') return status === 401;
  isStopping.value = true;
  void lookWhetherReady();
  return true;
}
