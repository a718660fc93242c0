import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ShownConfig, ShownFile } from '../../feed/wire.ts';
import { WideBox } from '../../parts/wide-box.tsx';
import { type Piece, type Row, rowsOf } from './lines.ts';

/** A line that is to be shown; another object shows it once more. */
export interface Target {
  readonly file: string;
  readonly line: number;
}

interface FileProps {
  readonly file: ShownFile;
  readonly variables: ShownConfig['variables'];
  readonly isOpenAtFirst: boolean;
  readonly target: Target | null;
}

/** A file as it was loaded, line by line. Its lines are drawn once it is opened: the models have some thousand. */
export function ConfigFile({ file: { name, path, text }, variables, isOpenAtFirst, target }: FileProps) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const box = useRef<HTMLDetailsElement>(null);
  const wanted = target?.file === name ? target : null;
  const pending = useRef<number | null>(null);
  useEffect(() => {
    if (wanted === null) return;
    pending.current = wanted.line;
    setOpen(true);
  }, [wanted]);
  useEffect(() => {
    if (!isOpen || pending.current === null) return;
    showLine(box.current, pending.current);
    // Once: the file can be closed again.
    pending.current = null;
  });
  return (
    <details ref={box} class="config-file" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h3>{name}</h3> <code class="quiet">{path}</code>
      </summary>
      {text === null && (
        <p class="warn">
          The disk has another file now than the one that runs, so it is not shown. A reload takes it up.
        </p>
      )}
      {text !== null && isOpen && <Lines name={name} text={text} variables={variables} />}
    </details>
  );
}

function Lines({
  name,
  text,
  variables,
}: { readonly name: string; readonly text: string } & Pick<FileProps, 'variables'>) {
  const unset = variables.filter(({ is_set: isSet }) => !isSet).map((variable) => variable.name);
  const known = unset.join(' ');
  // Nothing of it is drawn anew while the page asks again.
  const rows = useMemo(() => {
    const isUnset = new Set(known.split(' '));
    return rowsOf(text).map((row) => <Line key={'line' in row ? row.line : row.from} row={row} isUnset={isUnset} />);
  }, [text, known]);
  return (
    <WideBox label={`${name}, as it was loaded`}>
      <pre class="numbered">{rows}</pre>
    </WideBox>
  );
}

function Line({ row, isUnset }: { readonly row: Row; readonly isUnset: ReadonlySet<string> }) {
  if (!('line' in row)) return <Gap lines={row.to - row.from + 1} />;
  return (
    <span class="line" data-number={row.line} tabIndex={-1}>
      {row.pieces.map((piece, at) => (
        <PieceOf key={at} piece={piece} isUnset={isUnset} />
      ))}
      {'\n'}
    </span>
  );
}

/** It has no number: its last line is the one before the next. */
function Gap({ lines }: { readonly lines: number }) {
  return (
    <span class="gap" data-number="…">
      {lines} lines without a setting{'\n'}
    </span>
  );
}

function PieceOf({
  piece: { text, variable },
  isUnset,
}: {
  readonly piece: Piece;
  readonly isUnset: ReadonlySet<string>;
}) {
  if (variable === null) return <>{text}</>;
  const isMissing = isUnset.has(variable);
  return (
    <span class={isMissing ? 'variable bad' : 'variable good'}>
      {text}
      <small>{isMissing ? 'not set' : 'set'}</small>
    </span>
  );
}

/** The line, or the last one that is shown before it. */
function showLine(box: Element | null, line: number): void {
  const lines = [...(box?.querySelectorAll<HTMLElement>('.line') ?? [])];
  lines.findLast(({ dataset }) => Number(dataset['number']) <= line)?.focus();
}
