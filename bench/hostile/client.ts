import { connect } from 'node:net';
import type { Shot } from './shot.ts';

/** What came back until the connection was closed. */
export interface Heard {
  /** Bytes as characters. */
  readonly bytes: string;
  /** The time was over before the connection was. */
  readonly isLate: boolean;
}

const PATIENCE_MS = 8000;
/** Long enough for an answer to what was sent, and short enough to be in the middle of most. */
const PAUSE_MS = 40;

/** Sends a shot over a connection of its own, and listens until that is closed. */
export function fire(port: number, { bytes, ending }: Shot): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let heard = '';
    let isLate = false;
    const patience = setTimeout(() => {
      isLate = true;
      socket.destroy();
    }, PATIENCE_MS);
    const pause =
      ending === 'answer' ? null : setTimeout(() => (ending === 'leave' ? socket.destroy() : socket.end()), PAUSE_MS);
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      heard += piece;
    });
    socket.on('end', () => socket.end());
    // A reset shows in what is missing.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(patience);
      if (pause) clearTimeout(pause);
      resolve({ bytes: heard, isLate });
    });
    socket.write(bytes, 'latin1');
  });
}
