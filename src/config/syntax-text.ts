import type { Document, YAMLError } from 'yaml';
import { isTelling } from './secrecy.ts';

/** Tells the mistakes in the grammar of YAML, without a word of the file: it may be a key. */
export function reportSyntax(document: Document, text: string, add: (offset: number, what: string) => void): void {
  const isTwice = ({ code }: { code: string }): boolean => code === 'DUPLICATE_KEY';
  // After the first mistake in the grammar the rest is guesswork; keys that stand twice are all told.
  for (const { pos } of document.errors.filter(isTwice)) {
    const name = /^[^:\n]*/.exec(text.slice(pos[0]))?.[0] ?? '';
    add(pos[0], isTelling(name) ? `this key stands twice: ${name}` : 'this key stands twice');
  }
  const first = document.errors.find((error) => !isTwice(error)) ?? document.warnings[0];
  if (first === undefined) return;
  add(first.pos[0], first.code === 'MULTIPLE_DOCS' ? 'expected one document, found another' : syntaxText(first, text));
}

function syntaxText({ code, message, pos }: YAMLError, text: string): string {
  const line = text.slice(text.lastIndexOf('\n', pos[0] - 1) + 1).split('\n', 1)[0] ?? '';
  const hint = /[{[].*[^"']\$\{/.test(line) ? ' (inside { } and [ ], references to the environment need quotes)' : '';
  return `not valid YAML: ${OWN_WORDS[code] ?? message}${hint}`;
}

/** In place of messages that quote the file. */
const OWN_WORDS: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  UNEXPECTED_TOKEN: 'unexpected text',
  TAG_RESOLVE_FAILED: 'a value that begins with ! needs quotes',
  BAD_COLLECTION_TYPE: 'a value that begins with ! needs quotes',
  BAD_DQ_ESCAPE: 'unknown escape; in single quotes \\ is a character like others',
  BAD_DIRECTIVE: 'a line that begins with % needs quotes',
  BAD_ALIAS: 'a value that begins with * needs quotes',
  BAD_SCALAR_START: 'a value that begins with this character needs quotes',
  IMPOSSIBLE: 'this cannot be read',
};
