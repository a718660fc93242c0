import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { ANONYMOUS } from '../../src/access/callers.ts';
import { createCallTracker } from '../../src/calls/call-tracker.ts';
import { followLive } from '../../src/http/live.ts';
import { createFeed } from '../../src/observe/feed.ts';
import { createRecentCalls } from '../../src/observe/recent-calls.ts';
import { runGateway } from '../support/gateway.ts';

it('gives no place to a caller that left while its key was looked up', async () => {
  const { snapshot } = await runGateway('providers: { demo: { kind: demo } }\n');
  const feed = createFeed(Date.now);
  const recentCalls = createRecentCalls(
    () => 'demo',
    () => snapshot().config.targets,
  );
  const calls = { tracker: createCallTracker(Date.now), context: { now: Date.now } };
  const services = { snapshot, calls, reports: { feed, recentCalls } } as unknown as Parameters<typeof followLive>[0];
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
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const leaving = new AbortController();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/live`;
  const asked = fetch(url, { signal: leaving.signal });
  await isReached;
  leaving.abort();
  await expect(asked).rejects.toThrow();
  await isHandled;
  expect(feed.tick()).toBe(false);
});
