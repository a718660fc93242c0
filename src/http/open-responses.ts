import type { RequestListener, ServerResponse } from 'node:http';

/** The responses that are not yet written to their end, whatever they answer. */
export interface OpenResponses {
  /** The listener, with each response noted before it is served. */
  tracking(serve: RequestListener): RequestListener;
  /** Resolves when there is none. */
  idle(): Promise<void>;
  /** From now on answers say `connection: close`, those under way too whose head is not sent yet. */
  closeConnections(): void;
}

export function createOpenResponses(): OpenResponses {
  const open = new Set<ServerResponse>();
  let isClosing = false;
  const waiting: (() => void)[] = [];
  return {
    tracking: (serve) => (request, response) => {
      open.add(response);
      if (isClosing) response.shouldKeepAlive = false;
      // It comes once; listening `once` would wrap the listener.
      response.on('close', () => {
        open.delete(response);
        if (open.size === 0) for (const resolve of waiting.splice(0)) resolve();
      });
      serve(request, response);
    },
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    closeConnections() {
      isClosing = true;
      for (const response of open) response.shouldKeepAlive = false;
    },
  };
}
