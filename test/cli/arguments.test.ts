import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { CommandLineError } from '../../src/cli/command-line-error.ts';

describe('the command line arguments', () => {
  it('serve with the default configuration file when there are none', () => {
    expect(parseArguments([], {})).toEqual({
      name: 'serve',
      options: { configPath: 'config/gateway.yaml', host: null, port: null, logLevel: null },
    });
  });

  it('take flags before and after the command', () => {
    const options = { configPath: 'a.yaml', host: { from: '--host', value: '::1' }, port: 0, logLevel: 'debug' };
    expect(
      parseArguments(['--config', 'a.yaml', 'check', '--host=::1', '--port', '0', '--log-level', 'debug'], {}),
    ).toEqual({
      name: 'check',
      options,
    });
  });

  it('override environment variables', () => {
    const env = { SLUICE_CONFIG: 'env.yaml', HOST: '127.0.0.2', PORT: '81', LOG_LEVEL: 'warn' };
    expect(parseArguments(['--port', '82'], env)).toMatchObject({
      options: { configPath: 'env.yaml', host: { from: 'HOST', value: '127.0.0.2' }, port: 82, logLevel: 'warn' },
    });
  });

  it('take an empty environment variable for none', () => {
    expect(parseArguments([], { HOST: '', PORT: '' })).toMatchObject({ options: { host: null, port: null } });
  });

  it('parse sluice usage with a period and groups', () => {
    const argv = ['usage', '--from', '2026-11-01', '--group-by', 'key'];
    const options = {
      configPath: 'config/gateway.yaml',
      from: '2026-11-01',
      to: undefined,
      groupBy: 'key',
      isJson: false,
    };
    expect(parseArguments(argv, {})).toEqual({ name: 'usage', options });
  });

  it('parse sluice init with a folder', () => {
    expect(parseArguments(['init'], {})).toEqual({ name: 'init', options: { folder: 'config' } });
    expect(parseArguments(['init', 'here'], {})).toEqual({ name: 'init', options: { folder: 'here' } });
  });

  it('take the configuration file that is found where none is named', () => {
    expect(parseArguments([], {}, 'found.yaml')).toMatchObject({ options: { configPath: 'found.yaml' } });
    const env = { SLUICE_CONFIG: 'env.yaml' };
    expect(parseArguments([], env, 'found.yaml')).toMatchObject({ options: { configPath: 'env.yaml' } });
  });

  it('parse sluice route with a question', () => {
    const options = { configPath: 'config/gateway.yaml', question: 'Hello?', model: 'auto' };
    expect(parseArguments(['route', 'Hello?'], {})).toEqual({ name: 'route', options });
    expect(parseArguments(['route', 'Hello?', '-m', 'm'], {})).toMatchObject({ options: { model: 'm' } });
  });

  it('parse sluice alerts', () => {
    expect(parseArguments(['alerts', '-c', 'a.yaml'], {})).toEqual({
      name: 'alerts',
      options: { configPath: 'a.yaml' },
    });
  });

  it('parse --help and --version', () => {
    expect(parseArguments(['--help'], {})).toEqual({ name: 'help' });
    expect(parseArguments(['check', '-v'], {})).toEqual({ name: 'version' });
  });
});

describe('an error in the command line arguments', () => {
  it.each([
    [
      ['serv'],
      {},
      "expected the command serve, check, usage, route, init, alerts or keys, found 'serv'; did you mean 'serve'?",
    ],
    [['check', 'a.yaml'], {}, "expected nothing after 'check' but options, found 'a.yaml'"],
    [['check', '--from', '2026-11-24'], {}, '--from: only the command usage takes it'],
    [['init', 'a', 'b'], {}, "expected one folder after 'init', found 'b' after it"],
    [['check', '--json'], {}, '--json: only the command usage or keys takes it'],
    [['--prot', '1'], {}, "Unknown option '--prot'; did you mean 'port'?"],
    [['--port'], {}, "Option '-p, --port <value>' argument missing"],
    [['--port', 'http'], {}, "--port: expected a port from 0 to 65535, found 'http'"],
    [[], { PORT: '70000' }, "PORT: expected a port from 0 to 65535, found '70000'"],
    [
      [],
      { LOG_LEVEL: 'verbos' },
      "LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, silent, found 'verbos'",
    ],
  ])('in %j %j is reported in one line', (argv, env, message) => {
    expect(() => parseArguments(argv, env)).toThrow(new CommandLineError(message));
  });
});
