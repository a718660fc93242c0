/** The gateway as it ships, that looks at its own event loop from the message `begin` to the message `end`. */
import { serveGateway } from '../../lab/gateway.ts';
import { createTurnProbe } from './turns.ts';

const probe = createTurnProbe();
await serveGateway((message) => (message === 'begin' ? probe.begin() : probe.end()));
