import type { ChunkDelta, Delta } from '../../protocol/delta.ts';

/** A call of a tool as `function_call`: for clients that declared `functions`. The old answer has room for one call. */
export function toOldWords(delta: Delta): Delta {
  if (delta.type !== 'choice') return delta;
  const { tool_calls: calls, ...rest } = delta.delta;
  const call = calls?.find(({ index }) => index === 0)?.function;
  const piece: ChunkDelta = call ? { ...rest, function_call: call } : rest;
  return { ...delta, delta: piece, finish: delta.finish === 'tool_calls' ? 'function_call' : delta.finish };
}
