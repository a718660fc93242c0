import type { Access } from '../access/access.ts';
import type { Config } from '../config/config.ts';
import type { ProviderFactory } from '../providers/index.ts';
import type { Routing } from '../routing/routing.ts';
import type { Snapshot } from './services.ts';

/** The snapshot that holds. The next one is made completely before it takes its place. */
export interface Snapshots {
  readonly current: () => Snapshot;
  create(config: Config): Promise<Snapshot>;
  replace(next: Snapshot): void;
}

/** Begins with the snapshot of this configuration. */
export async function createSnapshots(
  first: Config,
  factory: Pick<ProviderFactory, 'create'>,
  routing: Pick<Routing, 'createRegistry'>,
  access: Pick<Access, 'createKeyRing'>,
): Promise<Snapshots> {
  const create = async (config: Config): Promise<Snapshot> => {
    const providers = await factory.create(config);
    return {
      config,
      providers,
      registry: routing.createRegistry(config, providers),
      clientKeys: access.createKeyRing(config),
    };
  };
  let snapshot = await create(first);
  return {
    current: () => snapshot,
    create,
    replace(next) {
      snapshot = next;
    },
  };
}
