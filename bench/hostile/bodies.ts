import { gzipSync } from 'node:zlib';
import { FAULTS, JSON_PATHS, MODELS, PASSED_PATHS, plainChat, richChat } from './asked.ts';
import type { Dice } from './dice.ts';
import { bytesOf, KEYS, type Shot, shotOf } from './shot.ts';
import { mutated, ODD_TEXTS, oddValue, PROTOTYPE_NAMES } from './values.ts';

const CHAT_PATH = '/v1/chat/completions';
const TYPES = [
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json; charset=x',
  'application/json;;;',
  '',
  'x',
  '\xff',
  '__proto__/constructor',
];
const ENCODINGS = ['gzip', 'deflate', 'br', 'zstd', 'x-own', 'identity', 'gzip, gzip', '', 'constructor', '__proto__'];
const BROKEN = [
  '{',
  '[',
  '"',
  '{"model":',
  '{"model":"m",}',
  "{'model':1}",
  'nul',
  '\xff\xfe{\x00',
  '\xef\xbb\xbf{}',
  '{}{}',
  '01',
  '[1,]',
  '{"a":1,"a":2}',
  '"\\ud800"',
  'NaN',
  '\x00',
  '{"model":"chat","messages":[{"role":"user","content":"\x01"}]}',
  '\xc3\x28',
];

/** Small enough for the limit of the gateway, but for some. */
const BOMB = gzipSync(Buffer.alloc(4 * 1024 * 1024, ' ')).toString('latin1');

const anyPath = (dice: Dice): string => (dice.happens(0.6) ? CHAT_PATH : dice.pick(JSON_PATHS));

function posted(dice: Dice, value: unknown, headers: readonly string[] = [], target = anyPath(dice)): Shot {
  return shotOf({ method: 'POST', target, headers, body: bytesOf(value), key: dice.pick([KEYS.plain, KEYS.admin]) });
}

export function oddEncoding(dice: Dice): Shot {
  const encoding = dice.pick(ENCODINGS);
  const headers = [`content-type: ${dice.pick(TYPES)}`, `content-encoding: ${encoding}`];
  const plain = bytesOf(plainChat('chat'));
  const packed = gzipSync(Buffer.from(plain, 'latin1')).toString('latin1');
  const body = dice.pick([plain, packed, packed.slice(0, -9), `${packed}junk`, BOMB, 'no gzip']);
  return shotOf({ method: 'POST', target: dice.happens(0.5) ? CHAT_PATH : dice.pick(PASSED_PATHS), headers, body });
}

export function brokenJson(dice: Dice): Shot {
  const whole = bytesOf(richChat(dice));
  const body = dice.happens(0.5) ? dice.pick(BROKEN) : whole.slice(0, dice.below(whole.length));
  return shotOf({ method: dice.pick(['POST', 'POST', 'PUT', 'GET']), target: anyPath(dice), body });
}

/** As deep or as wide as the limit of a body allows. */
export function manyValues(dice: Dice): Shot {
  const depth = dice.pick([10, 100, 1000, 60_000]);
  const count = dice.pick([2000, 20_000, 60_000]);
  const shapes = [
    `${'['.repeat(depth)}${']'.repeat(depth)}`,
    `${'{"a":'.repeat(Math.min(depth, 20_000))}1${'}'.repeat(Math.min(depth, 20_000))}`,
    `[${'0,'.repeat(count)}0]`,
    `[${'{},'.repeat(count)}{}]`,
    `{${Array.from({ length: Math.min(count, 15_000) }, (_, at) => `"k${at}":0`).join(',')}}`,
  ];
  const shape = dice.pick(shapes);
  const field = dice.pick(['messages', 'tools', 'stop', 'fallbacks', 'metadata', 'logit_bias', 'x', 'input']);
  const body = dice.pick([
    shape,
    `{"model":"chat","messages":[{"role":"user","content":"a"}],"${field}":${shape}}`,
    `{"model":"chat","messages":[{"role":"user","content":${shape}}]}`,
  ]);
  return posted(dice, body);
}

export function wrongTypes(dice: Dice): Shot {
  let body: unknown = richChat(dice);
  for (let times = 1 + dice.below(3); times > 0; times--) body = mutated(dice, body);
  const strict = dice.happens(0.2) ? ['x-sluice-strict: true'] : [];
  return posted(dice, body, strict, dice.happens(0.85) ? CHAT_PATH : dice.pick(JSON_PATHS));
}

/** Where the client's own words are looked up, logged or sent on in headers. */
export function oddWords(dice: Dice): Shot {
  const word = dice.pick(ODD_TEXTS);
  const chat = plainChat(dice.pick(MODELS));
  const body = dice.pick([
    { ...chat, model: word },
    { ...chat, model: `up/${word}` },
    { ...chat, model: `${word}/x` },
    { ...chat, fallbacks: [word, 'chat'] },
    { ...chat, [word]: oddValue(dice) },
    { ...chat, messages: [{ role: word, content: 'a' }] },
    { ...chat, messages: [{ role: 'user', content: [{ type: word, text: 'a' }] }] },
    { ...chat, messages: [{ role: 'user', content: word, name: word }] },
    { ...chat, tools: [{ type: word, function: { name: word } }] },
    {
      ...chat,
      tools: [{ type: 'function', function: { name: dice.pick(PROTOTYPE_NAMES), parameters: oddValue(dice) } }],
    },
    { ...chat, tool_choice: word },
    { ...chat, response_format: { type: word } },
    { ...chat, reasoning_effort: word, verbosity: word, user: word },
    { message: word, model: word },
    { input: word, model: word },
  ]);
  return posted(dice, body, dice.happens(0.2) ? ['x-sluice-strict: true'] : []);
}

/** Hostile and unlucky at once. */
export function failingProvider(dice: Dice): Shot {
  const chat = { ...plainChat(dice.pick(FAULTS)), stream: dice.happens(0.5), [dice.pick(ODD_TEXTS)]: oddValue(dice) };
  const isChat = dice.happens(0.7);
  const shot = posted(dice, chat, [], isChat ? CHAT_PATH : dice.pick(['/v1/embeddings', '/v1/completions']));
  return { ...shot, fault: isChat ? 'told' : 'passed' };
}
