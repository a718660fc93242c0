import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ANONYMOUS } from '../../src/access/callers.ts';
import { createCallTracker } from '../../src/calls/call-tracker.ts';
import { followLive } from '../../src/http/live.ts';
import { createFeed, type Feed } from '../../src/observe/feed.ts';
import { createRecentCalls } from '../../src/observe/recent-calls.ts';
import { runGateway } from '../support/gateway.ts';

type LiveServices = Parameters<typeof followLive>[0];

async function servicesWith(authenticate?: () => Promise<never>): Promise<LiveServices> {
  const { snapshot } = await runGateway('providers: { demo: { kind: demo } }\n');
  const recentCalls = createRecentCalls(
    () => 'demo',
    () => snapshot().config.targets,
  );
  return {
    snapshot: () => (authenticate ? { ...snapshot(), clientKeys: { authenticate } } : snapshot()),
    lifecycle: { isAccepting: () => true },
    calls: { tracker: createCallTracker(Date.now), context: { now: Date.now } },
    reports: { feed: createFeed(Date.now), recentCalls },
  } as unknown as LiveServices;
}

async function listen(app: express.Express): Promise<string> {
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/live`;
}

it('gives no place to a caller that left while its key was looked up', async () => {
  const services = await servicesWith();
  const { promise: isReached, resolve: reached } = Promise.withResolvers<void>();
  const { promise: isHandled, resolve: handled } = Promise.withResolvers<void>();
  const app = express().get(
    '/v1/live',
    (_request, response, next) => {
      response.locals['key'] = { ...ANONYMOUS, isAdmin: false };
      response.once('close', () => {
        next();
        handled();
      });
      reached();
    },
    followLive(services),
  );
  const leaving = new AbortController();
  const asked = fetch(await listen(app), { signal: leaving.signal });
  await isReached;
  leaving.abort();
  await expect(asked).rejects.toThrow();
  await isHandled;
  expect((services.reports.feed as Feed).tick()).toBe(false);
});

it('asks for the key of a reader again only after the answer, however slow its database is', async () => {
  const authenticate = vi.fn(() => new Promise<never>(() => undefined));
  const app = express().get(
    '/v1/live',
    (_request, response, next) => {
      response.locals['key'] = { ...ANONYMOUS, isAdmin: false };
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
      next();
    },
    followLive(await servicesWith(authenticate)),
  );
  onTestFinished(() => void vi.useRealTimers());
  const leaving = new AbortController();
  await fetch(await listen(app), { signal: leaving.signal });
  await vi.advanceTimersByTimeAsync(60_000);
  leaving.abort();
  expect(authenticate).toHaveBeenCalledTimes(1);
});
