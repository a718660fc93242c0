/**
 * The gateway as it ships, with its usage log, its metrics and its log lines (to nowhere), that reads its own instruments
 * when a message asks for it. Arguments: the URL of the provider, and a folder. Has to run with `--expose-gc`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { startGateway } from '../../src/gateway.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { takeReading } from './reading.ts';
import { toSettings } from './settings.ts';

const [providerUrl = '', folder = ''] = process.argv.slice(2);
const path = join(folder, 'gateway.yaml');
writeFileSync(path, toSettings(providerUrl, join(folder, 'usage.db')));
const log = await createLogger('info', false);
const gateway = await startGateway(loadConfig({ path, env: {} }), log, 'soak');
const ports = { own: Number(new URL(gateway.url).port), provider: Number(new URL(providerUrl).port) };
process.on('message', () => void takeReading(ports).then((reading) => process.send?.({ reading })));
process.send?.({ port: ports.own });
