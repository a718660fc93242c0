import { describe, expect, it } from 'vitest';
import { load, mistakes } from '../support/config-files.ts';

describe('server.hosts', () => {
  it('are host names, or host names with a port, in whatever case', () => {
    expect(load('server: { hosts: [GW.Example, "gw.example:8443"] }').server.hosts).toEqual([
      'gw.example',
      'gw.example:8443',
    ]);
  });

  it.each(['https://gw.example', 'gw.example/v1', '*.example', 'a b', 'user@gw.example', '', '[::1]'])(
    'refuse %j',
    (host) => {
      expect(mistakes(`server: { hosts: [${JSON.stringify(host)}] }`)).toEqual([
        `gateway.yaml:1:19: server.hosts[0]: expected a host such as gateway.example or gateway.example:8080, without http:// and without a path, found ${JSON.stringify(host)}`,
      ]);
    },
  );
});

describe('server.origins (CORS)', () => {
  it('are kept as browsers send them', () => {
    const given = ['HTTPS://App.Example:443', 'http://localhost:3000', 'http://[::1]:80', 'tauri://localhost'];
    expect(load(`server: { origins: ${JSON.stringify(given)} }`).server.origins).toEqual([
      'https://app.example',
      'http://localhost:3000',
      'http://[::1]',
      'tauri://localhost',
    ]);
  });

  it.each([
    'app.example',
    'https://app.example/',
    'https://app.example/x',
    'null',
    '*',
    'https://*.example',
    'https://',
  ])('refuse %s', (origin) => {
    expect(mistakes(`server: { origins: [${JSON.stringify(origin)}] }`)).toEqual([
      `gateway.yaml:1:21: server.origins[0]: expected an origin such as https://app.example or http://localhost:3000, with nothing after it, found ${JSON.stringify(origin)}`,
    ]);
  });
});
