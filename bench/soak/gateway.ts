/** The gateway as it ships, that reads its own instruments when a message with the provider's port asks for it. */
import { serveGateway } from '../../lab/gateway.ts';
import { takeReading } from './reading.ts';

await serveGateway((message, url) => takeReading({ own: Number(new URL(url).port), provider: Number(message) }));
