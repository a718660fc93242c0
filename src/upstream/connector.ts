import type { Socket } from 'node:net';
import type { buildConnector as Connectors } from 'undici';
import { buildConnector, errors } from './undici.ts';

/**
 * Opens connections, TLS included, within a time. undici's own deadline fires up to half a second late; this one has a
 * timer per new connection, and nothing for one that is used again.
 */
export function createConnector(connectMs: number): Connect {
  // undici would negotiate HTTP/2, and the pools are made for one request per connection.
  const connect = buildConnector({ allowH2: false, timeout: 0 }) as Connect;
  return (options, callback) => {
    const socket = connect(options, (...result) => {
      clearTimeout(timer);
      callback(...result);
    });
    const onTimeout = (): void => {
      const message = `${options.hostname} did not accept the connection within ${connectMs} ms.`;
      socket.destroy(new errors.ConnectTimeoutError(message));
    };
    const timer = setTimeout(onTimeout, connectMs);
    // undici closes it when all that waits for it is aborted.
    return socket;
  };
}

/** Gives its socket at once: the types of undici do not say so. */
type Connect = (options: Connectors.Options, callback: Connectors.Callback) => Socket;
