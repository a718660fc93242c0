import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Response } from 'express';

/**
 * Writes the body of a response, piece by piece. Frames the pieces itself (RFC 9112, 7.1) and hands each to the socket as
 * one string: Node would make four buffers and a `writev` of it. Only for a response to which nothing else writes;
 * `response.end` ends it as always.
 */
export class BodyWriter {
  readonly #response: Response;
  #hasBegun = false;
  /** The socket, once pieces are framed here. */
  #socket: Socket | null = null;

  constructor(response: Response) {
    this.#response = response;
  }

  /** False when it takes no more for now: then wait for `drained`. */
  write(text: string): boolean {
    const socket = this.#socket ?? this.#findSocket();
    // Where the reader has gone, Node knows what to do.
    if (!socket?.writable) return this.#response.write(text);
    const size = Buffer.byteLength(text);
    // An empty chunk would end the body.
    if (size === 0) return true;
    const isAscii = size === text.length;
    return socket.write(`${size.toString(16)}\r\n${text}\r\n`, isAscii ? 'latin1' : 'utf8');
  }

  isFull(): boolean {
    return (this.#response.socket ?? this.#response).writableNeedDrain;
  }

  /** Rejects with the signal's reason: a connection that breaks has to abort it. */
  drained(signal: AbortSignal): Promise<void> {
    return drainOf(this.#response.socket ?? this.#response, signal);
  }

  /**
   * Null, which is Node's own way, where there is a head to send with the piece, no chunk to be framed (HTTP/1.0), or an
   * earlier response of the same connection to wait for.
   */
  #findSocket(): Socket | null {
    if (this.#hasBegun && this.#response.chunkedEncoding) this.#socket = this.#response.socket;
    this.#hasBegun = true;
    return this.#socket;
  }
}

/** Not `events.once`, which rejects with the socket's own error before it is known what that means. */
function drainOf(source: EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = (): void => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    const onAbort = (): void => {
      source.off('drain', onDrain);
      reject(signal.reason);
    };
    if (signal.aborted) return reject(signal.reason);
    source.once('drain', onDrain);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
