/** The gateway as it ships, in a process of its own: see `startGatewayProcess`. */
import { serveGateway } from './gateway.ts';

await serveGateway();
