/** A family of metrics as Prometheus reads it. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  /** By the series' whole name, as it stands in the text. */
  readonly series: Map<string, number>;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/;
const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];

/**
 * Reads the text format of Prometheus, version 0.0.4, and is as strict as `promtool check metrics` about it.
 * @throws Error for the first line that is wrong
 */
export function parseMetrics(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  let help = '';
  let current: Family | null = null;
  if (!text.endsWith('\n')) throw new Error('The last line has no end.');
  for (const line of text.split('\n')) {
    if (line.startsWith('# HELP ')) help = line;
    else if (line.startsWith('# TYPE ')) {
      current = toFamily(line, help);
      if (families.has(current.name)) throw new Error(`A family comes twice: ${line}`);
      families.set(current.name, current);
    } else if (line !== '') addSample(line, current);
  }
  for (const family of families.values()) if (family.type === 'histogram') checkHistogram(family);
  return families;
}

function toFamily(line: string, helpLine: string): Family {
  const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
  if (!NAME.test(name) || !TYPES.includes(type)) throw new Error(`A bad type: ${line}`);
  const start = `# HELP ${name} `;
  if (!helpLine.startsWith(start)) throw new Error(`A family without help: ${line}`);
  return { name, type, help: helpLine.slice(start.length), series: new Map() };
}

function addSample(line: string, family: Family | null): void {
  const [, name = '', labels = '', number = ''] = SAMPLE.exec(line) ?? [];
  if (name === '') throw new Error(`No sample: ${line}`);
  const base = family?.type === 'histogram' ? name.replace(/_(bucket|sum|count)$/, '') : name;
  if (family === null || base !== family.name) throw new Error(`A sample outside of its family: ${line}`);
  // Prometheus reads numbers as Go does: NaN in any case, and process metrics that have seen nothing yet are one.
  const value = number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number);
  if (Number.isNaN(value) && number.toLowerCase() !== 'nan') throw new Error(`No number: ${line}`);
  // Prometheus takes the labels in any order for the same series.
  const key = `${name}{${labels
    .split(/,(?=[a-zA-Z_][a-zA-Z0-9_]*=")/)
    .sort()
    .join(',')}}`;
  if (family.series.has(key)) throw new Error(`A series comes twice: ${line}`);
  family.series.set(key, value);
}

/** Buckets count up to `+Inf`, which is the count. */
function checkHistogram({ name, series }: Family): void {
  const buckets = Map.groupBy(
    [...series].filter(([key]) => key.startsWith(`${name}_bucket`)),
    ([key]) =>
      key
        .replace(/,?le="[^"]*"/, '')
        .replace('{,', '{')
        .replace('_bucket', '_count'),
  );
  for (const [countKey, members] of buckets) {
    const bounds = members.map(([key, value]) => ({ bound: boundOf(key), value })).sort((a, b) => a.bound - b.bound);
    const isCumulative = bounds.every(({ value }, at) => value >= (bounds[at - 1]?.value ?? 0));
    if (!isCumulative) throw new Error(`The buckets of ${countKey} are not cumulative.`);
    const last = bounds.at(-1);
    if (last?.bound !== Number.POSITIVE_INFINITY || last.value !== series.get(countKey)) {
      throw new Error(`The count of ${countKey} is not its last bucket.`);
    }
    if (!series.has(countKey.replace('_count', '_sum'))) throw new Error(`${countKey} has no sum.`);
  }
}

function boundOf(key: string): number {
  const bound = /le="([^"]*)"/.exec(key)?.[1] ?? '';
  return bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound);
}

/** The sum of all series of a family (not of a histogram) whose labels include these. */
export function totalOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const family = families.get(name);
  if (family === undefined) throw new Error(`There is no family ${name}.`);
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const found = [...family.series].filter(([key]) => wanted.every((label) => key.includes(label)));
  return found.reduce((total, [, value]) => total + value, 0);
}
