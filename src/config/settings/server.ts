import { z } from 'zod';
import { originText, parseOrigin } from '../origin.ts';
import { size, wait } from '../units.ts';
import type { Settings } from './setting.ts';

/** A name, or a name with its port. */
const host = z
  .string()
  .regex(/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?(:\d{1,5})?$/i, {
    error: 'expected a host such as gateway.example or gateway.example:8080, without http:// and without a path',
  })
  .transform((text) => text.toLowerCase());

/** Written as browsers send it. */
const origin = z.string().transform((text, context) => {
  const found = parseOrigin(text);
  if (found !== null) return originText(found);
  const message = 'expected an origin such as https://app.example or http://localhost:3000, with nothing after it';
  context.issues.push({ code: 'custom', message, input: text });
  return z.NEVER;
});

/** The listening side. */
export const SERVER = {
  host: {
    type: z.string(),
    default: '127.0.0.1',
    meaning: 'the address to listen on; without `auth.keys` only a loopback address',
  },
  port: { type: z.int().min(0).max(65535), default: 8080, meaning: 'the port to listen on; 0 takes any free one' },
  body_limit: {
    as: 'bodyLimitBytes',
    type: size,
    default: '20mb',
    meaning: 'largest request body that is read; images and files come inside it',
  },
  drain: {
    as: 'drainMs',
    type: wait,
    default: '30s',
    meaning: 'how long calls in flight may run when the gateway stops',
  },
  drain_delay: {
    as: 'drainDelayMs',
    type: wait,
    default: '0s',
    meaning: 'before that: how long new calls are still taken while `/ready` says 503, so that a balancer notices',
  },
  keepalive: {
    as: 'keepaliveMs',
    type: wait,
    default: '15s',
    meaning: 'silence after which a waiting stream gets a comment, so that no proxy closes it',
  },
  // Lower case, `name:port` or `name`.
  hosts: {
    type: z.array(host),
    default: [],
    meaning:
      'without `auth.keys`: names to be asked under, besides `localhost`, IP addresses and names without a dot. ' +
      '`gw.example` goes for any port, `gw.example:8080` for one',
  },
  // Lower case, without a default port.
  origins: {
    type: z.array(origin),
    default: [],
    meaning: 'web pages that may use the gateway, as `https://app.example`; all others may not',
  },
} as const satisfies Settings;
