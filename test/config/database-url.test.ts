import { describe, expect, it } from 'vitest';
import { parseDatabaseUrl, resolveDatabase } from '../../src/config/database-url.ts';

describe('where the database is', () => {
  it.each([
    ['sqlite:data/sluice.db', 'data/sluice.db'],
    ['data/sluice.db', 'data/sluice.db'],
    ['sqlite:/var/lib/sluice.db', '/var/lib/sluice.db'],
    ['sqlite:///var/lib/sluice.db', '/var/lib/sluice.db'],
    ['C:\\data\\sluice.db', 'C:\\data\\sluice.db'],
  ])('may be the file %s', (url, path) => {
    expect(parseDatabaseUrl(url)).toEqual({ engine: 'sqlite', path, shown: path });
  });

  it.each([
    ['postgres://ann:s%3Acret@db.example:5432/sluice', 'postgres://ann:***@db.example:5432/sluice', 's:cret'],
    ['postgresql://ann@db.example/sluice', 'postgresql://ann@db.example/sluice', null],
    ['postgres://db/sluice?user=ann&password=s3cret&sslmode=disable', 'postgres://db/sluice', 's3cret'],
    ['postgres://ann:100%@db/sluice', 'postgres://ann:***@db/sluice', '100%'],
  ])('may be the server %s, and its password is not shown', (url, shown, password) => {
    expect(parseDatabaseUrl(url)).toEqual({ engine: 'postgres', url, shown, password });
  });

  it.each(['mysql://db/sluice', 'sqlite:', 'postgres://[', 'redis://db'])('is not %s', (url) => {
    expect(parseDatabaseUrl(url)).toBeNull();
  });
});

describe('the file of the database', () => {
  const NOTHING = (): boolean => false;
  const files =
    (...paths: readonly string[]) =>
    (path: string): boolean =>
      paths.includes(path);

  it.each([
    ['data/sluice.db where nothing is said', {}, NOTHING, 'data/sluice.db'],
    ['an existing data/usage.db', {}, files('data/usage.db'), 'data/usage.db'],
    ['data/sluice.db beside a data/usage.db', {}, files('data/usage.db', 'data/sluice.db'), 'data/sluice.db'],
    ['usage.path', { usage: { path: 'a.db' } }, files('data/usage.db'), 'a.db'],
    ['database.url before usage.path', { usage: { path: 'a.db' }, database: { url: 'sqlite:b.db' } }, NOTHING, 'b.db'],
  ])('is %s', (_name, settings, exists, path) => {
    expect(resolveDatabase(settings, exists)).toEqual({ engine: 'sqlite', path, shown: path });
  });
});
