import { OWN_PATHS, PASSED_PATHS, plainChat } from './asked.ts';
import type { Dice } from './dice.ts';
import { bytesOf, KEYS, requestOf, type Shot } from './shot.ts';

const CHAT_PATH = '/v1/chat/completions';
const chatBody = bytesOf(plainChat('chat'));
const streamBody = bytesOf({ ...plainChat('chat'), stream: true });
const anyPath = (dice: Dice): string => dice.pick(dice.happens(0.5) ? OWN_PATHS : PASSED_PATHS);

/** Two readings of one request, or none: what smuggles a second one past a proxy. */
export function brokenFraming(dice: Dice): Shot {
  const target = dice.happens(0.5) ? CHAT_PATH : '/v1/files';
  const lines = dice.pick([
    ['content-length: 5', 'content-length: 6'],
    ['content-length: 5', 'transfer-encoding: chunked'],
    ['transfer-encoding: identity'],
    ['transfer-encoding: chunked, identity'],
    ['transfer-encoding: gzip, chunked'],
    ['transfer-encoding: chunked', 'transfer-encoding: chunked'],
    ['content-length: +5'],
    ['content-length: 5, 5'],
    ['content-length: 0x5'],
    ['content-length: 99999999999999999999'],
    ['content-length:', ' 5'],
    ['x-a: b', ' c', 'content-length: 0'],
    ['x-a : b', 'content-length: 0'],
    ['x-a: b\nx-c: d', 'content-length: 0'],
    ['x-a: b\rx-c: d', 'content-length: 0'],
    [': x', 'content-length: 0'],
    ['x-a', 'content-length: 0'],
    ['x-\x00: a', 'content-length: 0'],
    ['x-a: \x00', 'content-length: 0'],
  ]);
  const body = dice.pick([
    'hello',
    '5\r\nhello\r\n0\r\n\r\n',
    'ZZ\r\nhello',
    '0\r\n\r\nGET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n',
    '5;\x00\r\nhello\r\n0\r\n\r\n',
  ]);
  const bytes = `POST ${target} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEYS.admin}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
  return { bytes, methods: ['POST'], ending: 'end', fault: 'none' };
}

/** What is hardly HTTP. */
export function garbage(dice: Dice): Shot {
  const noise = Array.from({ length: 1 + dice.below(400) }, () => String.fromCharCode(dice.below(256))).join('');
  const bytes = dice.pick([
    `${noise}\r\n\r\n`,
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /v1/models\r\n\r\n',
    `\r\n\r\n${requestOf({ target: '/ready' })}`,
    requestOf({ target: '/ready', version: '1.0' }),
    requestOf({ target: '/ready' }).replaceAll('\r\n', '\n'),
    'CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: x\r\n\r\n',
    `GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nauthorization: Bearer ${KEYS.plain}\r\n\r\n`,
  ]);
  return { bytes, methods: ['GET'], ending: 'end', fault: 'none' };
}

/** A client that is gone before it has said all, or before it has heard all. */
export function halfSent(dice: Dice): Shot {
  const whole = dice.pick([
    requestOf({ method: 'POST', target: CHAT_PATH, body: chatBody }),
    requestOf({ method: 'POST', target: CHAT_PATH, body: streamBody }),
    requestOf({ method: 'POST', target: dice.pick(PASSED_PATHS), body: chatBody }),
    requestOf({
      method: 'POST',
      target: '/v1/files',
      body: '2\r\nHi\r\n',
      headers: ['transfer-encoding: chunked', 'content-length:'],
    }).replace('content-length:\r\n', ''),
  ]);
  const bytes = whole.slice(0, 1 + dice.below(whole.length));
  return { bytes, methods: ['POST'], ending: dice.pick(['leave', 'end']), fault: 'none' };
}

/** Several requests in one breath, the last of them perhaps none. */
export function pipelined(dice: Dice): Shot {
  const count = 2 + dice.below(4);
  const one = (): [string, string] => {
    const method = dice.pick(['GET', 'GET', 'HEAD', 'POST', 'DELETE', 'TRACE']);
    const isChat = method === 'POST';
    const target = isChat ? CHAT_PATH : anyPath(dice);
    const body = isChat ? dice.pick([chatBody, streamBody, '{']) : '';
    return [method, requestOf({ method, target, body, headers: ['connection: keep-alive'], key: KEYS.admin })];
  };
  const requests = Array.from({ length: count }, one);
  const rest = dice.pick(['', 'GARBAGE\r\n\r\n', 'GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n']);
  const last = requestOf({ target: '/ready' });
  return {
    bytes: requests.map(([, bytes]) => bytes).join('') + (rest || last),
    methods: [...requests.map(([method]) => method), 'GET'],
    ending: 'answer',
    fault: 'none',
  };
}

/** A stream, and whoever takes it up, looks at it or cancels it in the same breath, at a place that it may not have. */
export function takenUp(dice: Dice): Shot {
  const id = `id-${dice.below(20)}`;
  const isResumable = dice.happens(0.8);
  const headers = ['connection: keep-alive', `x-request-id: ${id}`, `x-sluice-resumable: ${isResumable}`];
  const one = (): [string, string] => {
    const [method, path] = dice.pick([
      ['GET', `/v1/requests/${id}/stream`],
      ['GET', `/v1/requests/${id}`],
      ['DELETE', `/v1/requests/${id}`],
      ['GET', '/v1/requests'],
    ] as const);
    const place = `last-event-id: ${dice.pick(['0', '1', '2', '99', '-1', '1.5', 'x', '', '999999999999', '1, 2'])}`;
    const key = dice.pick([KEYS.plain, KEYS.admin, KEYS.admin]);
    return [method, requestOf({ method, target: path, headers: ['connection: keep-alive', place], key })];
  };
  const begun = requestOf({ method: 'POST', target: CHAT_PATH, body: streamBody, headers });
  const others = Array.from({ length: 1 + dice.below(3) }, one);
  return {
    bytes: begun + others.map(([, bytes]) => bytes).join('') + requestOf({ target: '/ready' }),
    methods: ['POST', ...others.map(([method]) => method), 'GET'],
    ending: 'answer',
    fault: 'none',
  };
}
