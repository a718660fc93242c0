import type { Token, Tokens } from 'marked';
import { type ComponentChildren, Fragment } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import { CitedText, Sources } from '../answer/cited.tsx';
import { hostOf } from '../answer/sources.ts';
import { type Block, BlockStream } from './blocks.ts';
import { CodeBlock } from './code.tsx';
import { heightOf } from './height.ts';
import './markdown.css';

/** A text in markdown as nodes, never as HTML: tags of its own are shown as text, and no picture is loaded. */
export function Markdown({ text }: { readonly text: string }) {
  const stream = useMemo(() => new BlockStream(), []);
  return (
    <div class="markdown">
      {groupsOf(stream.read(text)).map((blocks, at, all) => (
        <Group key={at} blocks={blocks} isFull={at < all.length - 1} />
      ))}
    </div>
  );
}

/** Of a long text the browser lays out and paints what is near, and the others are not even compared. */
const GROUP = 32;

function groupsOf(blocks: readonly Block[]): readonly (readonly Block[])[] {
  return Array.from({ length: Math.ceil(blocks.length / GROUP) }, (_, at) =>
    blocks.slice(at * GROUP, (at + 1) * GROUP),
  );
}

function Group({ blocks, isFull }: { readonly blocks: readonly Block[]; readonly isFull: boolean }) {
  // Settled blocks stay as they are, and all before the last are settled.
  return useMemo(
    () => (
      <div
        class={isFull ? 'blocks far' : 'blocks'}
        style={{
          containIntrinsicBlockSize: isFull
            ? `auto ${heightOf(blocks.map(({ token }) => token.raw).join(''))}px`
            : 'auto',
        }}
      >
        {blocks.map(({ key, token }) => (
          <BlockNode key={key} token={token} raw={token.raw} />
        ))}
      </div>
    ),
    [blocks.length, blocks.at(-1)?.token, isFull],
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
      return <Image token={token as Tokens.Image} />;
    case 'checkbox':
      return <Tick isDone={(token as Tokens.Checkbox).checked} />;
    case 'text':
      return 'tokens' in token && token.tokens ? nodesOf(token.tokens) : wordsOf(decoded((token as Tokens.Text).text));
    case 'escape':
      return (token as Tokens.Escape).text;
    default:
      return token.raw;
  }
}

/** Most words have no brackets, and can cite nothing. */
function wordsOf(text: string): ComponentChildren {
  return text.includes('[') ? <CitedText text={text} /> : text;
}

function Heading({ token: { depth, tokens } }: { readonly token: Tokens.Heading }) {
  // Below the headings of the page.
  const Tag = `h${Math.min(6, depth + 2)}` as 'h3';
  return <Tag>{nodesOf(tokens)}</Tag>;
}

function List({ token: { ordered, start, items } }: { readonly token: Tokens.List }) {
  const rows = items.map((item, at) => <Item key={at} item={item} />);
  return ordered ? <ol start={start === '' ? 1 : start}>{rows}</ol> : <ul>{rows}</ul>;
}

function Item({ item }: { readonly item: Tokens.ListItem }) {
  return useMemo(() => <li class={item.task ? 'task' : undefined}>{nodesOf(item.tokens)}</li>, [item.raw, item.loose]);
}

function Tick({ isDone }: { readonly isDone: boolean }) {
  return <input type="checkbox" disabled checked={isDone} aria-label={isDone ? 'Done' : 'To do'} />;
}

function Table({ token: { header, rows } }: { readonly token: Tokens.Table }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls in itself, also by keyboard
    <section class="wide" tabIndex={0} aria-label="Table">
      <table>
        <thead>
          <tr>
            {header.map((cell, at) => (
              <th key={at} class={sideOf(cell)}>
                {nodesOf(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <Row key={at} cells={row} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ cells }: { readonly cells: readonly Tokens.TableCell[] }) {
  return useMemo(
    () => (
      <tr>
        {cells.map((cell, column) => (
          <td key={column} class={sideOf(cell)}>
            {nodesOf(cell.tokens)}
          </td>
        ))}
      </tr>
    ),
    [cells],
  );
}

/** The class of a cell: columns that stand at the right are as those of numbers. */
function sideOf({ align }: Tokens.TableCell): string | undefined {
  return align === 'right' ? 'number' : (align ?? undefined);
}

const NO_SOURCES: readonly never[] = [];
/** Without its slashes an address would be one of this page. */
const SAFE_LINK = /^(?:https?:\/\/|mailto:|#)/i;

function Link({ token: { href, raw, tokens } }: { readonly token: Tokens.Link }) {
  if (!SAFE_LINK.test(href)) return <>{raw}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {/* A link in a link is none. */}
      <Sources.Provider value={NO_SOURCES}>{nodesOf(tokens)}</Sources.Provider>
    </a>
  );
}

/** A picture is shown by no page: its address may carry away what was said. It leads to where it is, and the host is told before. */
function Image({ token: { href, text } }: { readonly token: Tokens.Image }) {
  const host = hostOf(href);
  const isInLink = useContext(Sources) === NO_SOURCES;
  if (host === null || isInLink) return <>[image{text && `: ${text}`}]</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {text && `${text}: `}image from {host} – open
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
