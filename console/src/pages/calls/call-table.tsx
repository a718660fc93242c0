import type { ComponentChildren } from 'preact';
import { go, href } from '../../app/router.ts';
import type { SomeCall } from '../../feed/calls.ts';
import { type ColumnHead, ColumnHeads } from '../../parts/column-heads.tsx';

/** One column of a table of calls. */
export interface Column<T> extends ColumnHead {
  readonly cell: (call: T) => ComponentChildren;
  /** Makes the cell the link that opens the call. */
  readonly pathOf?: (call: T) => string;
}

/** Rows of calls, and which one stands open. */
export interface RowsProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly openId: string | null;
  /** Told which call is opened: it is shown at once, before it is asked for. */
  readonly onOpen: (call: T) => void;
}

/** Calls as rows, on a phone as cards. `j` and `k` go down and up, `Enter` opens. */
export function CallTable<T extends SomeCall>({ label, rows, columns, openId, onOpen }: RowsProps<T>) {
  return (
    <table class="cards" aria-label={label} onKeyDown={moveByKey}>
      <thead>
        <tr>
          <ColumnHeads columns={columns} />
        </tr>
      </thead>
      <tbody>
        {rows.map((call) => (
          <tr key={`${call.key} ${call.id}`} aria-current={call.id === openId ? 'true' : undefined}>
            {columns.map((column) => (
              <td key={column.title} data-label={column.title} class={column.isNumber ? 'number' : undefined}>
                <Cell column={column} call={call} onOpen={onOpen} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell<T>({ column, call, onOpen }: { column: Column<T>; call: T } & Pick<RowsProps<T>, 'onOpen'>) {
  const path = column.pathOf?.(call);
  if (path === undefined) return <>{column.cell(call)}</>;
  const open = (event: MouseEvent): void => {
    // A new tab or window is the browser's.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onOpen(call);
    go(path + filtersHere());
  };
  return (
    <a class="row-link" href={href(path)} onClick={open}>
      {column.cell(call)}
    </a>
  );
}

/** The filters of the list stay while a call is open. */
function filtersHere(): string {
  const query = new URLSearchParams(location.search);
  query.delete('owner');
  const text = query.toString();
  return text === '' ? '' : `&${text}`;
}

function moveByKey(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = { j: 1, k: -1 }[event.key];
  if (step === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>('.row-link')];
  const row = document.activeElement?.closest('tr');
  const at = links.findIndex((link) => link.closest('tr') === row);
  links[at + step]?.focus();
  event.preventDefault();
}
