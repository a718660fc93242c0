import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { createAppServer } from '../../src/http/server.ts';

it('gives requests and responses the prototypes that Express sets, from the start', async () => {
  const app = express();
  app.get('/', (request, response) => {
    response.json({ host: request.get('host'), isOwnApp: request.app === app && response.app === app });
  });
  const born: boolean[] = [];
  const server = createAppServer(app, (request, response) => {
    born.push(Object.getPrototypeOf(request) === app.request, Object.getPrototypeOf(response) === app.response);
    app(request, response);
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const response = await fetch(`http://${host}/`);
  expect(await response.json()).toEqual({ host, isOwnApp: true });
  expect(born).toEqual([true, true]);
});
