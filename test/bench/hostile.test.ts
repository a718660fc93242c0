import { describe, expect, it } from 'vitest';
import { CLASSES } from '../../bench/hostile/classes.ts';
import { createDice } from '../../bench/hostile/dice.ts';
import { type Shot, shotOf } from '../../bench/hostile/shot.ts';
import { judge } from '../../bench/hostile/verdict.ts';

function shotsOf(seed: number): Shot[] {
  const dice = createDice(seed);
  return CLASSES.map(([, make]) => make(dice));
}

function problemOf(bytes: string, shot: Partial<Shot> = {}, isLate = false): string | null {
  return judge({ ...shotOf({}), ...shot }, { bytes, isLate }).problem;
}

function answer(status: number, body: object | string, type = 'application/json'): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return `HTTP/1.1 ${status} X\r\ncontent-type: ${type}\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
}

function error(code: string | null): object {
  return { error: { message: 'No.', type: 'invalid_request_error', param: null, code } };
}

describe('hostile requests', () => {
  it('are the same ones for the same random seed', () => {
    expect(shotsOf(1)).toEqual(shotsOf(1));
    expect(shotsOf(1)).not.toEqual(shotsOf(2));
  });
});

describe('the verdict over an answer to a hostile request', () => {
  it('is good for answers and errors that the gateway may send', () => {
    expect(problemOf(answer(200, {}))).toBeNull();
    expect(problemOf(answer(404, error(null)))).toBeNull();
    expect(problemOf(answer(502, error('upstream_error')), { fault: 'told' })).toBeNull();
    expect(problemOf(answer(500, '<html>', 'text/html'), { fault: 'passed' })).toBeNull();
    expect(problemOf('', { ending: 'leave' })).toBeNull();
  });

  it.each([
    ['a fault of its own', answer(500, error('internal_error'))],
    ['a fault that the provider had no part in', answer(502, error('upstream_error'))],
    ['an error in other words', answer(400, { message: 'No.' })],
    ['an error that is no JSON', answer(400, 'No.', 'text/plain')],
    ['where the code stands', answer(400, { error: { ...error('x'), message: 'at f (/a/b.ts:1:2)' } })],
    ['a stream that ends so', answer(200, 'data: {"error":{"code":"internal_error"}}\n\n', 'text/event-stream')],
    ['the key of the provider', answer(200, 'sk-the-providers-own-key')],
    ['nothing', ''],
    ['more than was asked for', answer(200, {}) + answer(400, error(null))],
    ['less than it promised', answer(200, {}).slice(0, -1)],
    ['what is no HTTP', 'HTTP/1.1 OK\r\n\r\n'],
  ])('is bad for %s', (_name, bytes) => {
    expect(problemOf(bytes)).toBeTypeOf('string');
  });

  it('is bad for a missing answer (timeout)', () => {
    expect(problemOf('', {}, true)).toMatch(/no end/);
  });
});
