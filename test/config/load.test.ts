import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig, loadTargets } from '../../src/config/load.ts';
import { PROVIDER_KINDS } from '../../src/config/settings/provider.ts';
import { load, mistakes, writeConfig } from '../support/config-files.ts';
import { keyConfig } from '../support/keys.ts';

describe('loadTargets: the goals of /metrics/performance alone', () => {
  it('are read without the environment variables of the rest, and their errors are reported', () => {
    const providers = `providers: { openai: { kind: openai, api_key: "\${UNSET_API_KEY}" } }\n`;
    const path = writeConfig(`${providers}targets: { latency_p50: 2s }\n`);
    expect(loadTargets({ path, env: {} })).toMatchObject({ latencyP50Ms: 2000, errorRate: 0.01 });
    const wrong = writeConfig(`${providers}targets: { latency_p50: soon }\n`);
    expect(() => loadTargets({ path: wrong, env: {} })).toThrow(/targets\.latency_p50/);
  });
});

describe('a valid configuration', () => {
  it('has a default for every setting', () => {
    const config = load('providers: {}\n');
    expect(config.server).toEqual({
      host: '127.0.0.1',
      port: 8080,
      bodyLimitBytes: 20 * 1024 ** 2,
      drainMs: 30_000,
      drainDelayMs: 0,
      keepaliveMs: 15_000,
      hosts: [],
      origins: [],
    });
    expect(config).toMatchObject({
      keys: [],
      models: [],
      warnings: [],
      passthrough: { default: null, isShared: false, bodyLimitBytes: 512 * 1024 ** 2 },
    });
    expect(config.log).toEqual({ level: 'info', content: false });
    const usage = { store: 'sqlite', path: null, keepMs: 90 * 86_400_000, maxBytes: 1024 ** 3 };
    expect(config.usage).toEqual(usage);
    expect(config.database.engine).toBe('sqlite');
  });

  it('has usage.path and usage.keep', () => {
    const { usage } = load('usage: { store: none, path: elsewhere.db, keep: 1h, max_size: 20mb }\n');
    expect(usage).toEqual({ store: 'none', path: 'elsewhere.db', keepMs: 3_600_000, maxBytes: 20 * 1024 ** 2 });
  });

  it('takes the models of the registry file and of the main file', () => {
    const config = load(
      'registry: models.yaml\nproviders: { demo: { kind: demo } }\nmodels:\n  a: { provider: demo }\n',
      {},
      'models:\n  b: { provider: demo, upstream: b1 }\n',
    );
    expect(config.models.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(config.models[1]?.where).toMatch(/models\.yaml:2:3$/);
    expect(config.files.map((file) => file.replace(/.*[\\/]/, ''))).toEqual(['gateway.yaml', 'models.yaml']);
  });

  it('accepts every policy block, globally, per provider and per model', () => {
    const blocks = `
      timeouts: { connect: 5s }, retry: { max_retries: 2, budget: 0.2 }, fallback: { max_models: 3 },
      breaker: { failures: 5, window: 30s, open_for: 15s }, rescue: on`;
    const config = load(`{ ${blocks}, resume: { grace: 30s, keep: 60s, max_bytes: 4mb },
      usage: { store: sqlite, path: data/usage.db, keep: 90d }, metrics: { public: false },
      providers: { demo: { kind: demo, ${blocks} } },
      models: { m: { provider: demo, ${blocks} } } }`);
    expect(config.policies.retry).toEqual({ max_retries: 2, budget: 0.2 });
    expect(config.policies.rescue).toBe('on');
    expect(config.warnings).toEqual([]);
  });

  it('keeps only the digest of an API key', () => {
    const sha256 = createHash('sha256').update('secret-1').digest('hex');
    const config = load(
      `auth: { keys: [{ name: a, key: secret-1 }, { name: b, sha256: ${'AB'.repeat(32)}, admin: true }] }`,
    );
    expect(config.keys).toEqual([keyConfig('a', sha256), keyConfig('b', 'ab'.repeat(32), { isAdmin: true })]);
    expect(JSON.stringify(config)).not.toContain('secret-1');
  });

  it('understands YAML merge keys and aliases', () => {
    const config = load(`
providers:
  a: &base { kind: openai-compatible, base_url: http://127.0.0.1:1/v1, headers: { x-a: "1" } }
  b: { <<: *base, base_url: http://127.0.0.1:2/v1 }
`);
    expect(config.providers.get('b')?.entry).toMatchObject({
      base_url: 'http://127.0.0.1:2/v1',
      headers: { 'x-a': '1' },
    });
  });

  it('is frozen', () => {
    const config = load('providers: { demo: { kind: demo, headers: { x: "1" } } }');
    expect(Object.isFrozen(config.server)).toBe(true);
    expect(Object.isFrozen(config.providers.get('demo')?.entry.headers)).toBe(true);
  });
});

describe('configuration errors', () => {
  it('are all reported at once, each with file, line and column', () => {
    const file = 'server:\n  prot: 8080\nproviders:\n  demo: { kind: dmeo }\nlog:\n  level: 5\n';
    expect(mistakes(file)).toEqual([
      "gateway.yaml:2:3: server.prot: unknown setting; did you mean 'port'?",
      `gateway.yaml:4:17: providers.demo.kind: expected one of ${PROVIDER_KINDS.join(', ')}, found a string of 4 characters; did you mean 'demo'?`,
      'gateway.yaml:6:10: log.level: expected one of trace, debug, info, warn, error, fatal, silent, found 5',
    ]);
  });

  it('suggest the nearest known setting', () => {
    const models = 'models:\n  gpt-6.1:\n    provider: demo\n    prices:\n      - { inptu: 1, output: 2 }\n';
    expect(mistakes('registry: models.yaml\nproviders: { demo: { kind: demo } }\n', {}, models)).toEqual([
      'models.yaml:5:9: models["gpt-6.1"].prices[0].input: expected a number, found nothing',
      `models.yaml:5:11: models["gpt-6.1"].prices[0].inptu: unknown setting; did you mean 'input'?`,
    ]);
  });

  it('list the known settings where none is near', () => {
    expect(mistakes('passthrough: { zzzzzzz: 1 }')).toEqual([
      'gateway.yaml:1:16: passthrough.zzzzzzz: unknown setting; known here: default, shared, reserve, body_limit',
    ]);
  });

  it('in durations and sizes show an example', () => {
    expect(mistakes('timeouts: { idle: 20 }\nserver: { body_limit: 5 apples }')).toEqual([
      'gateway.yaml:1:19: timeouts.idle: expected a duration such as 500ms, 30s, 2m or 1h, and at most 24d, found 20',
      'gateway.yaml:2:23: server.body_limit: expected a size such as 512kb, 20mb or 1gb, found "5 apples"',
    ]);
  });

  it('in the YAML syntax have file, line and column too', () => {
    expect(mistakes('server:\n  host: "127.0.0.1\n')).toEqual([
      expect.stringMatching(/^gateway\.yaml:\d+:\d+: not valid YAML: Missing closing "quote/),
    ]);
  });

  it('include duplicate keys', () => {
    const file = 'log: { level: info }\nserver: { prot: 1 }\nlog: { level: warn }\n';
    expect(mistakes(file)).toEqual([
      "gateway.yaml:2:11: server.prot: unknown setting; did you mean 'port'?",
      'gateway.yaml:3:1: this key stands twice: log',
    ]);
  });

  it('include YAML aliases without an anchor', () => {
    expect(mistakes('log: *nope\n')).toContain(
      'gateway.yaml:1:6: log: there is no anchor of this name; a value that begins with * needs quotes',
    );
  });

  it('never show an API key', () => {
    const file =
      'auth: { keys: [{ name: a, sha256: hunter2, key: 12345678 }] }\nproviders: { p: { kind: openai, api_key: 98765432 } }';
    const found = mistakes(file).join('\n');
    expect(found).toContain('providers.p.api_key: expected a string, found a number');
    expect(found).not.toMatch(/12345678|98765432|hunter2/);
  });

  it.each(['', '\n\n', '# nothing but a comment\n', '{}', '---\n', 'null\n', '~'])(
    'include a main file without settings: %j',
    (file) => {
      expect(mistakes(file)).toEqual([
        expect.stringMatching(/^gateway\.yaml:\d:\d: this file has no settings: write at least "providers: /),
      ]);
    },
  );

  it.each(['', '# models\n', '{}', 'models:\n', 'models: {}\n'])('include a registry without models: %j', (models) => {
    const found = mistakes('registry: models.yaml\nproviders: { demo: { kind: demo } }\n', {}, models);
    expect(found).toEqual([expect.stringMatching(/^models\.yaml:1:\d: models: /)]);
  });

  it('of both files are reported together', () => {
    const found = mistakes(
      'registry: models.yaml\nlog: { levle: info }\n',
      {},
      'models:\n  a: { provider: nowhere }\n',
    );
    expect(found).toEqual([
      "gateway.yaml:2:8: log.levle: unknown setting; did you mean 'level'?",
      "models.yaml:2:18: models.a.provider: expected a configured provider, found 'nowhere'",
    ]);
  });

  it('include missing files', () => {
    expect(() => loadConfig({ path: '/nowhere/gateway.yaml', env: {} })).toThrow(
      /gateway\.yaml:1:1: this file cannot be read/,
    );
    expect(mistakes('registry: absent.yaml\n')).toEqual([
      expect.stringMatching(/^gateway\.yaml:1:11: registry: expected a file beside this one, found ENOENT/),
    ]);
  });

  it('are data as well as text', () => {
    const path = writeConfig('server: { prot: 1 }');
    let caught: unknown;
    try {
      loadConfig({ path, env: {} });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ConfigError);
    expect((caught as ConfigError).problems).toEqual([
      { file: path, line: 1, column: 11, text: "server.prot: unknown setting; did you mean 'port'?" },
    ]);
  });
});

describe('auth.keys', () => {
  it('shorter than 16 characters give a warning, by name', () => {
    const file = `auth: { keys: [{ name: short, key: 123456789012345 }, { name: long, key: ${'x'.repeat(16)} },
      { name: digest, sha256: ${'ab'.repeat(32)} }] }`;
    const { warnings } = load(file.replace('123456789012345', '"123456789012345"'));
    expect(warnings).toEqual(["the key of 'short' has fewer than 16 characters: take a longer one, drawn at random"]);
  });

  it.each(['a\\nb', '\\e[2J', 'a\\u202eb', '\\x85', '', 'x'.repeat(129)])('refuse the name "%s"', (name) => {
    const found = mistakes(`auth: { keys: [{ name: "${name}", key: k }] }`);
    expect(found).toEqual([
      expect.stringMatching(
        /auth\.keys\[0\]\.name: expected a name of 1 to 128 characters, without line breaks and control characters, found a string of \d+ characters$/,
      ),
    ]);
  });

  it('may have a name in any language', () => {
    expect(load('auth: { keys: [{ name: Ärzte & 東京, key: k }] }').keys[0]?.name).toBe('Ärzte & 東京');
  });
});

describe('targets (the goals of /metrics/performance)', () => {
  const DEMO = 'providers: { demo: { kind: demo } }\n';

  it('have defaults, one by one', () => {
    expect(load(`${DEMO}targets: { ttft_p95: 800ms, error_rate: 0.05 }\n`).targets).toEqual({
      ttftP95Ms: 800,
      latencyP50Ms: 3500,
      latencyP95Ms: 6000,
      errorRate: 0.05,
      cancelP95Ms: 300,
    });
  });

  it.each([
    ['ttft_p95: 30s', 'more than 0 and less than 30s, where the histogram of the metrics ends, found "30s"'],
    ['cancel_p95: 0ms', 'targets.cancel_p95: expected a duration such as 500ms or 0.8s, more than 0 and less than 1s'],
    ['latency_p95: fast', 'targets.latency_p95: expected a duration such as'],
    ['error_rate: 1%', 'targets.error_rate: expected a share such as 0.01'],
    ['error_rate: 0', 'targets.error_rate'],
    ['ttft: 1s', 'targets'],
  ])('of %s are an error', (setting, text) => {
    expect(mistakes(`${DEMO}targets: { ${setting} }\n`).join()).toContain(text);
  });
});
