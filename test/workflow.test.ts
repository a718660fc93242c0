import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Job {
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: object }[];
}

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly {
    readonly id?: string;
    readonly validations?: { readonly required?: boolean };
    readonly attributes: { readonly label?: string };
  }[];
}

const FORMS = '.github/ISSUE_TEMPLATE';
const text = readFileSync('.github/workflows/ci.yml', 'utf8');
const { jobs } = parse(text) as { readonly jobs: Readonly<Record<string, Job>> };
const { engines, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly engines: { readonly node: string };
  readonly devDependencies: Readonly<Record<string, string>>;
};

describe('the hosted workflow (.github/workflows/ci.yml)', () => {
  it('runs .ci/run, as every other machine does', () => {
    const runs = (name: string): (string | undefined)[] => jobs[name]?.steps.map(({ run }) => run) ?? [];
    expect(runs('check')).toContain('.ci/run');
    expect(runs('debian')).toContain('.ci/run');
  });

  it('uses the Node.js version of package.json, and the oldest of engines', () => {
    expect(text.match(/\d+\.\d+\.\d+(?=-bookworm| })/g)).toEqual([
      devDependencies['node'],
      devDependencies['node'],
      `${engines.node.replace('>=', '')}.0`,
    ]);
  });

  it('names no host', () => {
    expect(text).not.toMatch(/https?:|\w\.(com|org|io|net|dev)\b/);
  });
});

describe('the issue forms', () => {
  const files = readdirSync(FORMS).filter((file) => file !== 'config.yml');
  const form = (file: string): Form => parse(readFileSync(`${FORMS}/${file}`, 'utf8')) as Form;

  it.each(files)('have a name, a description and labelled fields with ids: %s', (file) => {
    const { name, description, body } = form(file);
    expect([name, description]).not.toContain('');
    const fields = body.filter(({ id }) => id !== undefined);
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    for (const { attributes } of fields) expect(attributes.label).toMatch(/./);
  });

  it('require x-request-id and the output of sluice check of a bug', () => {
    const required = form('bug.yml').body.filter(({ validations }) => validations?.required);
    const labels = required.map(({ attributes }) => attributes.label);
    expect(labels).toEqual(expect.arrayContaining(['x-request-id', 'Output of sluice check']));
  });
});
