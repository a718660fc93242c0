/** Tries again while another one writes: SQLite waits a quarter of a second for that, and a busy machine takes longer. */
export async function whenFree<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isLocked(error)) throw error;
    }
  }
}

/** Also where it is the cause of what a caller is told. */
function isLocked(error: unknown): boolean {
  return error instanceof Error && (error.message.includes('database is locked') || isLocked(error.cause));
}
