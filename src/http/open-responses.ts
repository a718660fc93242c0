import type { RequestListener } from 'node:http';

/** The responses that are not yet written to their end, whatever they answer. */
export interface OpenResponses {
  /** The listener, with each response noted before it is served. */
  tracking(serve: RequestListener): RequestListener;
  /** Resolves when there is none. */
  idle(): Promise<void>;
}

export function createOpenResponses(): OpenResponses {
  let count = 0;
  const waiting: (() => void)[] = [];
  return {
    tracking: (serve) => (request, response) => {
      count++;
      // It comes once; listening `once` would wrap the listener.
      response.on('close', () => {
        count--;
        if (count === 0) for (const resolve of waiting.splice(0)) resolve();
      });
      serve(request, response);
    },
    idle: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
