import { COUNT, closed, FLAG, listOf, literal, NUMBER, nullable, open, refTo, TEXT, TIME } from './schema-object.ts';

const PERCENTILES = closed({ p50: nullable(NUMBER), p95: nullable(NUMBER) });

/** What programs that show the gateway ask it for. */
export const FEED_SCHEMAS = {
  Me: open({
    object: literal('me'),
    auth: literal('none', 'keys'),
    version: TEXT,
    demo_only: FLAG,
    missing_keys: listOf(closed({ provider: TEXT, env: nullable(TEXT) })),
  }),
  Providers: listOf(
    open({
      name: TEXT,
      kind: TEXT,
      configured: FLAG,
      env: nullable(TEXT),
      in_flight: COUNT,
      targets: listOf(open({ target: TEXT })),
    }),
  ),
  PerformanceSeries: listOf(closed({ at: TIME, calls: COUNT, errors: COUNT, ttft: PERCENTILES, latency: PERCENTILES })),
  ConfigProblem: closed({ file: TEXT, line: COUNT, column: COUNT, message: TEXT, nearest: nullable(TEXT) }),
  Config: open({
    object: literal('config'),
    files: listOf(closed({ name: TEXT, path: TEXT, text: nullable(TEXT) })),
    hash: nullable(TEXT),
    database: TEXT,
    variables: listOf(closed({ name: TEXT, is_set: FLAG })),
    warnings: listOf(TEXT),
    loaded_at: TIME,
  }),
  ConfigFiles: closed({ files: open({}) }),
  ConfigCheck: closed({ object: literal('config.check'), ok: FLAG, problems: listOf(refTo('ConfigProblem')) }),
} as const;
