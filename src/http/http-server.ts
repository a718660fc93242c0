import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { createApp } from './app.ts';
import { drain } from './drain.ts';
import { createEntrance } from './entrance.ts';
import { createOpenResponses } from './open-responses.ts';
import { createAppServer } from './server.ts';
import type { Services } from './services.ts';

// The composition root makes snapshots and stored answers, and imports each room once.
export { createAnswers, type StoredAnswers } from './responses/stored-answers.ts';
export type { Snapshot } from './services.ts';
export { createSnapshots, type Snapshots } from './snapshots.ts';

/** What the gateway's clients talk to, from the first connection to the last answer. */
export interface HttpServer {
  /** @param admit is given the address that is really bound; when it throws, the address is given back */
  listen(settings: Pick<Config['server'], 'port' | 'host'>, admit: (address: string) => void): Promise<BoundAddress>;
  /** Is not ready any more, takes new calls for the delay, then lets those in flight run and aborts what remains. */
  stop(settings: Pick<Config['server'], 'drainDelayMs' | 'drainMs'>): Promise<void>;
}

/** Where a server really listens. */
export interface BoundAddress {
  readonly address: string;
  readonly url: string;
}

/** A server for the routes, not yet listening. It has the lifecycle that the routes ask for. */
export function createHttpServer(version: string, facets: Omit<Services, 'lifecycle'>): HttpServer {
  const { tracker, context } = facets.calls;
  const startedAt = context.now();
  let isReady = true;
  let isAccepting = true;
  const lifecycle = {
    version,
    uptimeMs: () => context.now() - startedAt,
    isReady: () => isReady,
    isAccepting: () => isAccepting,
  };
  const responses = createOpenResponses();
  const app = createApp({ ...facets, lifecycle });
  const server = createAppServer(app, responses.tracking(createEntrance(facets, app)));
  return {
    async listen({ port, host }, admit) {
      await once(server.listen(port, host), 'listening');
      const bound = server.address() as AddressInfo;
      try {
        admit(bound.address);
      } catch (error) {
        server.close();
        throw error;
      }
      return { address: bound.address, url: `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}` };
    },
    async stop({ drainDelayMs, drainMs }) {
      isReady = false;
      responses.closeConnections();
      if (drainDelayMs > 0) await wait(drainDelayMs);
      isAccepting = false;
      // Still listening: new calls are refused in words, and /ready says it.
      await drain(responses, facets.answers.running, tracker, drainMs);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
