import { z } from 'zod';
import { FILE } from './schema.ts';
import { MODEL } from './settings/model.ts';
import { plainText, type Setting, type Settings } from './settings/setting.ts';

/** What people read of the settings, made from their declarations: pages by their path, each from its text as it stands. */
export const SETTINGS_PAGES: Readonly<Record<string, (text: string) => string>> = {
  'docs/settings.md': (text) =>
    replaceBetween(
      replaceBetween(text, '<!-- the main file -->', '<!-- /the main file -->', table(rowsOf(FILE))),
      ...(['<!-- a model -->', '<!-- /a model -->', table(rowsOf(MODEL))] as const),
    ),
  'config/gateway.yaml': (text) => replaceBetween(text, YAML_BEGINS, '', yamlOf(FILE)),
};

const YAML_BEGINS = '# Every other setting, with its default. `npm run schema` writes these lines.';

/** @throws Error where the page has lost a mark: nothing would be written any more */
function replaceBetween(text: string, begin: string, end: string, written: string): string {
  const from = text.indexOf(begin) + begin.length;
  const to = end === '' ? text.length : text.indexOf(end, from);
  if (from < begin.length || to < 0) throw new Error(`there is no ${begin} … ${end}`);
  return `${text.slice(0, from)}\n\n${written}\n${end === '' ? '' : `\n${end}`}${text.slice(to + end.length)}`;
}

function table(rows: readonly string[]): string {
  return ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** A row for each setting, and after it those of what stands inside. */
function rowsOf(settings: Settings, path = ''): string[] {
  return Object.entries(settings).flatMap(([name, setting]) => {
    const place = `${path}${name}${stepInto(setting)}`;
    const row = `| \`${place}\` | ${defaultText(setting)} | ${setting.meaning} |`;
    return [row, ...rowsOf(setting.settings ?? {}, `${place}.`)];
  });
}

/** Lists and maps stand for each of their entries, where those have settings. */
function stepInto({ type, settings }: Setting): string {
  if (type instanceof z.ZodRecord && type.valueType instanceof z.ZodObject) return '.<name>';
  return type instanceof z.ZodArray && settings ? '[]' : '';
}

function defaultText({ default: written, without, isRequired, settings }: Setting): string {
  if (isRequired) return 'required';
  if (written === undefined || isEmptyList(written)) return without ?? (settings ? '' : 'none');
  return `\`${written}\``;
}

function isEmptyList(value: Setting['default']): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Every setting that has a value to show, as a comment; what the shipped file sets is none. */
function yamlOf(settings: Settings): string {
  const blocks = Object.entries(settings).map(([name, setting]) => yamlLines(name, setting, ''));
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function yamlLines(name: string, setting: Setting, indent: string): string[] {
  const { type, settings, shipped, default: written } = setting;
  const comment = ` # ${plainText(setting.meaning).split(/\. (?=\S)/, 1)}`;
  if (settings && type instanceof z.ZodObject) {
    const inside = Object.entries(settings).flatMap(([inner, of]) => yamlLines(inner, of, `${indent}  `));
    if (inside.length === 0) return [];
    const isSet = inside.some((line) => !line.startsWith('#'));
    return isSet
      ? [`${name}:${comment}`, ...inside.map((line) => line.replace(/^# {3}/, '  # '))]
      : [`# ${indent}${name}:${comment}`, ...inside];
  }
  if (shipped !== undefined) return [`${indent}${name}: ${shipped}${comment}`];
  if (written === undefined) return [];
  return [`# ${indent}${name}: ${isEmptyList(written) ? '[]' : written}${comment}`];
}
