import { join } from 'node:path';
import { temporaryFolder } from '../support/config-files.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { DEMO_CONFIG } from './client.ts';

/** A gateway that keeps answers in a file of the test's own. @param config its providers: the demo model, unless told otherwise */
export function runStored(config: string = DEMO_CONFIG): Promise<TestGateway> {
  return runGateway(`${config}database: { url: "sqlite:${join(temporaryFolder(), 'sluice.db')}" }\n`);
}
