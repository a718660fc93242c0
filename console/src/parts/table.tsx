import type { ComponentChildren } from 'preact';
import { type ColumnHead, ColumnHeads } from './column-heads.tsx';

/** One column of a table. */
export interface Column<T> extends ColumnHead {
  readonly cell: (row: T) => ComponentChildren;
}

interface TableProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T) => string;
  /** Whether a row stands open beside the table. */
  readonly isOpen?: (row: T) => boolean;
}

/** Rows of anything, on a phone as cards. */
export function Table<T>({ label, rows, columns, keyOf, isOpen }: TableProps<T>) {
  return (
    <table class="cards" aria-label={label}>
      <thead>
        <tr>
          <ColumnHeads columns={columns} />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} aria-current={isOpen?.(row) ? 'true' : undefined}>
            {columns.map(({ title, isNumber, cell }) => (
              <td key={title} data-label={title} class={isNumber ? 'number' : undefined}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
