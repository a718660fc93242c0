/**
 * Closes what stands open beside a list, and gives the focus to the link of its row: the keys go on from there. Where the
 * list does not have it, the page gets the focus, and not nothing.
 */
export function backToRow(close: () => void): void {
  const row = document.querySelector<HTMLElement>('#page tr[aria-current] .row-link');
  // Before it is closed: what has the focus goes away with it.
  (row ?? document.getElementById('page'))?.focus({ preventScroll: true });
  close();
  // Then the list has the room.
  requestAnimationFrame(() => row?.scrollIntoView({ block: 'nearest' }));
}
