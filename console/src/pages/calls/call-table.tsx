import { go, href } from '../../app/router.ts';
import type { SomeCall } from '../../feed/calls.ts';
import { type Column as PlainColumn, Table } from '../../parts/table.tsx';
import { identity } from './ended-list.ts';

/** One column of a table of calls. */
export interface Column<T> extends PlainColumn<T> {
  /** Makes the cell the link that opens the call. */
  readonly pathOf?: (call: T) => string;
}

/** Rows of calls, and which one stands open. Several keys may use one id, and one key may use it again. */
export interface RowsProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly isOpen: (call: SomeCall) => boolean;
  /** Told which call is opened: it is shown at once, before it is asked for. */
  readonly onOpen: (call: T) => void;
}

/** Calls as rows, on a phone as cards. `j` and `k` go from link to link (`app/keyboard.ts`), `Enter` opens. */
export function CallTable<T extends SomeCall>({ label, rows, columns, isOpen, onOpen }: RowsProps<T>) {
  const linked = columns.map((column) => ({
    ...column,
    cell: (call: T) => <Cell column={column} call={call} onOpen={onOpen} />,
  }));
  return <Table label={label} rows={rows} columns={linked} keyOf={identity} isOpen={isOpen} />;
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
