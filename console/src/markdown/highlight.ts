import type { Emitter } from 'highlight.js';
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import cpp from 'highlight.js/lib/languages/cpp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

/** A piece of code: plain, or of a kind such as `keyword`, with its pieces. */
export type CodePiece = string | { readonly kind: string; readonly pieces: readonly CodePiece[] };

const LANGUAGES = { bash, cpp, css, diff, go, java, javascript, json, python, rust, sql, typescript, xml, yaml };

/** Collects the pieces of code as they are: the library's own collector makes HTML of them, for which there is no use here. */
class PieceCollector implements Emitter {
  readonly pieces: CodePiece[] = [];
  readonly #open: CodePiece[][] = [this.pieces];

  addText(text: string): void {
    if (text !== '') this.#open.at(-1)?.push(text);
  }

  startScope(kind: string): void {
    const pieces: CodePiece[] = [];
    this.#open.at(-1)?.push({ kind, pieces });
    this.#open.push(pieces);
  }

  endScope(): void {
    if (this.#open.length > 1) this.#open.pop();
  }

  /** The library calls scopes nodes where a rule opens them. */
  openNode(kind: string): void {
    this.startScope(kind);
  }

  closeNode(): void {
    this.endScope();
  }

  __addSublanguage({ pieces }: PieceCollector, language: string): void {
    this.#open.at(-1)?.push({ kind: `language-${language}`, pieces });
  }

  finalize(): void {
    this.#open.length = 1;
  }

  toHTML(): string {
    return '';
  }
}

hljs.configure({ __emitter: PieceCollector });
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);
hljs.registerAliases(['c', 'h'], { languageName: 'cpp' });
hljs.registerAliases(['console', 'shell'], { languageName: 'bash' });

/** Code in pieces; null for a language that is not known here. @param language as a fence names it, such as `ts` */
export function highlight(code: string, language: string): readonly CodePiece[] | null {
  if (hljs.getLanguage(language) === undefined) return null;
  const { _emitter: collector } = hljs.highlight(code, { language, ignoreIllegals: true });
  return collector instanceof PieceCollector ? collector.pieces : null;
}
