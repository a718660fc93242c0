import type { AskedAgain, AskedMessage } from './asked-again.ts';

/** A request in the words of chat, which the router is asked in. */
export function toChatBody({ model, messages, fields }: AskedAgain): object {
  const { instructions, reasoning, max_output_tokens: maxTokens, text, ...rest } = fields as ResponsesFields;
  const system = instructions === undefined ? [] : [{ role: 'system', content: instructions }];
  return {
    ...rest,
    model,
    messages: [...system, ...messages.map(toChatMessage)],
    ...(reasoning && { reasoning_effort: reasoning.effort }),
    ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
    ...(text && { response_format: { type: 'json_schema', json_schema: withoutType(text.format) } }),
  };
}

/** The fields that chat has other words for. */
interface ResponsesFields {
  readonly instructions?: string;
  readonly reasoning?: { readonly effort: string };
  readonly max_output_tokens?: number;
  readonly text?: { readonly format: Readonly<Record<string, unknown>> };
}

function withoutType({ type: _type, ...format }: Readonly<Record<string, unknown>>): object {
  return format;
}

function toChatMessage({ role, text, files }: AskedMessage): object {
  if (files.length === 0) return { role, content: text };
  const parts = files.map(({ kind, name, url }) =>
    kind === 'image'
      ? { type: 'image_url', image_url: { url } }
      : { type: 'file', file: { filename: name, file_data: url } },
  );
  return { role, content: [...parts, ...(text === '' ? [] : [{ type: 'text', text }])] };
}
