import type { ToolCallDelta } from '../../protocol/delta.ts';

/** Writes the calls of custom tools of one choice as calls of functions. */
export interface CustomCallWriter {
  write(calls: readonly ToolCallDelta[]): readonly ToolCallDelta[];
  /** What closes the arguments that were begun. */
  end(): readonly ToolCallDelta[];
}

/**
 * OpenAI's schema of a chunk knows calls of functions alone (a whole answer has a form for custom ones): in a stream a
 * custom tool is a function whose one argument, `input`, is the text.
 */
export function createCustomCallWriter(): CustomCallWriter {
  const begun = new Set<number>();
  const toFunctionCall = (call: ToolCallDelta): ToolCallDelta => {
    if (call.custom === undefined) return call;
    const { custom, ...rest } = call;
    const text = JSON.stringify(custom.input ?? '').slice(1, -1);
    if (begun.has(call.index)) return { ...rest, function: { arguments: text } };
    begun.add(call.index);
    return { ...rest, type: 'function', function: { name: custom.name ?? '', arguments: `{"input":"${text}` } };
  };
  return {
    write: (calls) => calls.map(toFunctionCall),
    end: () => [...begun].map((index) => ({ index, function: { arguments: '"}' } })),
  };
}
