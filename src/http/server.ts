import type { RequestListener, Server } from 'node:http';
import type { Express } from 'express';
import { answerBrokenRequest, refuseTunnel } from './broken-request.ts';

// Imported by name, node:http would load Node's own fetch and web sockets as well: 10 MB that are not used.
const { createServer, IncomingMessage, ServerResponse } = process.getBuiltinModule('node:http');

/** Longer than the idle time of common load balancers (60 s): they close first, and no request meets a closing socket. */
const CLIENT_KEEP_ALIVE_MS = 75_000;

/**
 * A server for an app, not yet listening. Express gives each message its own prototype, which V8 answers with a new shape
 * for an object that is already in use: 5 µs a call, and everything that touches a message sees two shapes. The messages
 * of this server are born with it.
 * @param serve hands the messages to the app
 */
export function createAppServer(app: Express, serve: RequestListener): Server {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  // What Express is going to set is now what is there.
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype });
  const options = {
    keepAliveTimeout: CLIENT_KEEP_ALIVE_MS,
    requireHostHeader: false,
    IncomingMessage: AppRequest,
    ServerResponse: AppResponse as typeof ServerResponse,
  };
  const server = createServer(options, serve);
  // Node would answer a request without a host, or with an unknown `Expect`, itself: with an empty body.
  server.on('checkExpectation', serve);
  server.on('clientError', answerBrokenRequest);
  server.on('connect', refuseTunnel);
  return server;
}
