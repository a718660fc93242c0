import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Editors write a file in several steps: one change is told, when it has been quiet for so long. */
const QUIET_MS = 200;

/**
 * Calls back after one of the files has changed, once for changes that come together. Does not keep the process alive.
 * The directories are watched, because editors replace files instead of changing them.
 * @returns ends the watch
 */
export function watchConfig(files: readonly string[], onChange: () => void, quietMs: number = QUIET_MS): () => void {
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onChange, quietMs).unref();
  };
  const directories = Map.groupBy(files, (file) => dirname(file));
  const watchers = [...directories].map(([directory, inside]) => watchDirectory(directory, inside, changed));
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

function watchDirectory(directory: string, files: readonly string[], changed: () => void): FSWatcher {
  const names = new Set(files.map((file) => basename(file)));
  const watcher = watch(directory, { persistent: false }, (_event, name) => {
    // Kubernetes swaps a link named ..data in the directory: the files themselves are not mentioned.
    if (name === null || names.has(name) || name === '..data') changed();
  });
  // A directory that is taken away: the running configuration stays, and SIGHUP still reloads.
  watcher.on('error', () => watcher.close());
  return watcher;
}
