import type { ServerOptions } from 'node:http';
import type { Express } from 'express';

// Imported by name, node:http would load Node's own fetch and web sockets as well: 10 MB that nobody uses.
const { IncomingMessage, ServerResponse } = process.getBuiltinModule('node:http');

/**
 * The classes of requests and responses for an app's server. Express gives each message its own prototype, which V8
 * answers with a new shape for an object that is already in use: 5 µs a call, and everything that touches a message
 * sees two shapes. These are born with it.
 */
export function createMessageClasses(app: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  // What Express is going to set is now what is there.
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype });
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse as typeof ServerResponse };
}
