/** What a column of a table has above it. */
export interface ColumnHead {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
}

/** The heads of a table's columns. */
export function ColumnHeads({ columns }: { readonly columns: readonly ColumnHead[] }) {
  return (
    <>
      {columns.map(({ title, isNumber }) => (
        <th key={title} scope="col" class={isNumber ? 'number' : undefined}>
          {title}
        </th>
      ))}
    </>
  );
}
