import type { Token, Tokens } from 'marked';
import { type ComponentChildren, Fragment } from 'preact';
import { useMemo } from 'preact/hooks';
import { BlockStream } from './blocks.ts';

/** A text in markdown as nodes, never as HTML: tags of its own are shown as text, and no picture is loaded. */
export function Markdown({ text }: { readonly text: string }) {
  const stream = useMemo(() => new BlockStream(), []);
  return (
    <div class="markdown">
      {stream.read(text).map(({ key, token }) => (
        <BlockNode key={key} token={token} raw={token.raw} />
      ))}
    </div>
  );
}

interface BlockProps {
  readonly token: Token;
  /** What makes it another block: as long as it is the same, nothing is drawn. */
  readonly raw: string;
}

function BlockNode({ token, raw }: BlockProps) {
  return useMemo(() => <>{nodeOf(token)}</>, [raw]);
}

function nodesOf(tokens: readonly Token[] | undefined): ComponentChildren {
  return tokens?.map((token, at) => <Fragment key={at}>{nodeOf(token)}</Fragment>);
}

/** marked's own types are a union that any token fits; each case says which one it is. */
function nodeOf(token: Token): ComponentChildren {
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'heading':
      return <Heading token={token as Tokens.Heading} />;
    case 'paragraph':
      return <p>{nodesOf(token.tokens)}</p>;
    case 'blockquote':
      return <blockquote>{nodesOf(token.tokens)}</blockquote>;
    case 'hr':
      return <hr />;
    case 'code':
      return <CodeBlock token={token as Tokens.Code} />;
    case 'list':
      return <List token={token as Tokens.List} />;
    case 'table':
      return <Table token={token as Tokens.Table} />;
    default:
      return inlineOf(token);
  }
}

function inlineOf(token: Token): ComponentChildren {
  switch (token.type) {
    case 'strong':
      return <strong>{nodesOf(token.tokens)}</strong>;
    case 'em':
      return <em>{nodesOf(token.tokens)}</em>;
    case 'del':
      return <del>{nodesOf(token.tokens)}</del>;
    case 'codespan':
      return <code>{(token as Tokens.Codespan).text}</code>;
    case 'br':
      return <br />;
    case 'link':
      return <Link token={token as Tokens.Link} />;
    case 'image':
      return `[image: ${(token as Tokens.Image).text}]`;
    case 'text':
      return 'tokens' in token && token.tokens ? nodesOf(token.tokens) : decoded((token as Tokens.Text).text);
    case 'escape':
      return (token as Tokens.Escape).text;
    default:
      return token.raw;
  }
}

function Heading({ token: { depth, tokens } }: { readonly token: Tokens.Heading }) {
  // Below the headings of the page.
  const Tag = `h${Math.min(6, depth + 2)}` as 'h3';
  return <Tag>{nodesOf(tokens)}</Tag>;
}

function CodeBlock({ token: { text, lang } }: { readonly token: Tokens.Code }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: wide code scrolls in itself, also by keyboard
    <section class="wide" tabIndex={0} aria-label={lang ? `Code, ${lang}` : 'Code'}>
      <pre>
        <code>{text}</code>
      </pre>
    </section>
  );
}

function List({ token: { ordered, start, items } }: { readonly token: Tokens.List }) {
  const rows = items.map((item, at) => <li key={at}>{nodesOf(item.tokens)}</li>);
  return ordered ? <ol start={start === '' ? 1 : start}>{rows}</ol> : <ul>{rows}</ul>;
}

function Table({ token: { header, rows } }: { readonly token: Tokens.Table }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls in itself, also by keyboard
    <section class="wide" tabIndex={0} aria-label="Table">
      <table>
        <thead>
          <tr>
            {header.map((cell, at) => (
              <th key={at}>{nodesOf(cell.tokens)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column}>{nodesOf(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const SAFE_LINK = /^(?:https?:|mailto:|#)/i;

function Link({ token: { href, raw, tokens } }: { readonly token: Tokens.Link }) {
  if (!SAFE_LINK.test(href)) return <>{raw}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {nodesOf(tokens)}
    </a>
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  nbsp: '\u00a0',
};

function decoded(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
