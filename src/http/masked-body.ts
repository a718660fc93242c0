import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { maskSecrets } from '../protocol/secrets.ts';

/** Whoever pipes the answer gets it with stars in place of the secrets: as long as it was, so that its head stays true. */
export function maskBody(answer: IncomingMessage, secrets: readonly string[]): void {
  const pipe = answer.pipe.bind(answer);
  answer.pipe = (to, options) => pipe(createMask(secrets)).pipe(to, options);
}

/** Holds back as many bytes as a secret that is cut in two may have. */
function createMask(secrets: readonly string[]): Transform {
  const keep = Math.max(0, ...secrets.map((secret) => secret.length));
  let held = '';
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      // Latin-1 is one character per byte, whatever the body's own encoding is.
      held += bytes.toString('latin1');
      for (const secret of secrets) held = held.replaceAll(secret, '*'.repeat(secret.length));
      const ready = held.slice(0, Math.max(0, held.length - keep));
      held = held.slice(ready.length);
      done(null, Buffer.from(ready, 'latin1'));
    },
    flush(done) {
      done(null, Buffer.from(maskSecrets(held, secrets), 'latin1'));
    },
  });
}
