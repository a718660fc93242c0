import { GatewayError } from '../protocol/errors.ts';
import { abortCall, type Call } from './call.ts';

/** The calls in flight. */
export interface LiveCalls {
  readonly size: number;
  /** @throws GatewayError 409 `request_id_in_use` when a call of the same key has the same id */
  add(call: Call): void;
  remove(call: Call): void;
  abortAll(reason: () => GatewayError): void;
}

export function createLiveCalls(): LiveCalls {
  const calls = new Map<string, Call>();
  const keyOf = (call: Call): string => `${call.key.name} ${call.id}`;
  return {
    get size() {
      return calls.size;
    },
    add(call) {
      if (calls.has(keyOf(call))) {
        throw new GatewayError(
          'request_id_in_use',
          `A request with the id '${call.id}' is in flight. Send another id.`,
        );
      }
      calls.set(keyOf(call), call);
    },
    remove(call) {
      calls.delete(keyOf(call));
    },
    abortAll(reason) {
      for (const call of calls.values()) abortCall(call, reason());
    },
  };
}
