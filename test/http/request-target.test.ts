import { describe, expect, it } from 'vitest';
import { readRequestTarget } from '../../src/http/request-target.ts';

describe('an HTTP request target', () => {
  it.each([
    ['/v1/models', '/v1/models', null],
    ['/v1/files?a=%00&b=%', '/v1/files?a=%00&b=%', null],
    ['/v1/models/openrouter%2Fa', '/v1/models/openrouter%2Fa', null],
    ['/v1/files/%', '/v1/files/%', null],
    ['//', '//', null],
    ['/v1//models', '/v1//models', null],
    ['http://gw.example/v1/models?x', '/v1/models?x', 'gw.example'],
    ['HTTP://[::1]:8080', '/', '[::1]:8080'],
    ['http://gateway?limit=1', '/?limit=1', 'gateway'],
  ])('may be %s', (target, url, authority) => {
    expect(readRequestTarget(target)).toEqual({ url, authority });
  });

  it.each([
    '',
    '*',
    'v1/models',
    'gw.example:443',
    'https://gw.example/v1/models',
    'ftp://gw.example/',
    'file:///v1/files',
    'http:///v1/files',
    'http://:80/',
    'http://gw.example:/',
    'http://user:password@gw.example/',
    'http://gw.example\\@evil.example/',
    'http://gw.example//evil.example/',
    'http://gw.example/#x',
    '//evil.example/v1/files',
    '///evil.example/v1/files',
    '/\\evil.example/v1/files',
    '/v1/models#x',
    '/v1/models?a#x',
    '/v1/files/a b',
    '/v1/files/\x01',
    '/v1/files/\u0100',
    '/v1/files/%0d%0ahost:x',
    '/v1/files/%7F',
    '/v1/files/..%5Cx',
  ])('is refused when it is %j', (target) => {
    expect(readRequestTarget(target)).toBeTypeOf('string');
  });
});
