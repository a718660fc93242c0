import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { openGateway, type TestGateway } from '../../support/gateway.ts';
import { startBrowser } from './browser.ts';

/** A browser and a gateway with the demo models, for all journeys of a file. */
export interface Scene {
  readonly browser: Browser;
  readonly gateway: TestGateway;
}

/** Starts both before the first journey of a file and ends them after its last. */
export function useScene(config = 'providers:\n  demo: { kind: demo }\n', env = {}): () => Scene {
  let scene: Scene | undefined;
  beforeAll(async () => {
    scene = { browser: await startBrowser(), gateway: await openGateway(config, env) };
  });
  afterAll(async () => {
    await scene?.browser.close();
    await scene?.gateway.close();
  });
  return () => {
    if (scene === undefined) throw new Error('The scene is there within tests alone.');
    return scene;
  };
}
