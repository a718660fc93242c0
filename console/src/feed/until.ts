import { effect } from '@preact/signals';

/** Waits until the condition holds, which reads signals. @throws what the abort gives as its reason */
export async function until(holds: () => boolean, abort?: AbortSignal): Promise<void> {
  abort?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const end = (): void => reject(abort?.reason);
  abort?.addEventListener('abort', end);
  const stop = effect(() => {
    if (holds()) resolve();
  });
  try {
    await promise;
  } finally {
    stop();
    abort?.removeEventListener('abort', end);
  }
}
