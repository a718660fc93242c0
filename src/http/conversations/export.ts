import type { RequestHandler } from 'express';
import { GatewayError } from '../../protocol/errors.ts';
import { type JsonRecord, parseJson, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';
import { toShown } from '../responses/items.ts';
import { readText } from '../responses/list-query.ts';
import { type ConversationServices, idOf, ownerIn, threadsOf, toConversation } from './conversations.ts';

/** `GET /v1/conversations/:id/export?format=md|json`: all of it as a file. */
export function exportConversation({ answers }: ConversationServices): RequestHandler {
  return async (request, response) => {
    const format = readText(request.query, 'format') ?? 'md';
    if (format !== 'md' && format !== 'json') {
      const message = `Invalid 'format': expected 'md' or 'json'; found '${format.slice(0, 60)}'.`;
      throw new GatewayError('invalid_value', message, { param: 'format' });
    }
    const threads = threadsOf(answers);
    const thread = await threads.conversation(ownerIn(response), idOf(request));
    const items = (await threads.allItems(ownerIn(response), thread.id)).map(toShown);
    const title = stringOf(recordOf(parseJson(thread.metadata))['title']) ?? thread.id;
    response.attachment(`${thread.id}.${format}`);
    if (format === 'json') response.json({ ...toConversation(thread), items });
    else response.type('text/markdown; charset=utf-8').send(toMarkdown(title, items));
  };
}

function toMarkdown(title: string, items: readonly JsonRecord[]): string {
  const parts = items.map(toSection).filter((section) => section !== '');
  return `# ${title}\n\n${parts.join('\n\n')}\n`;
}

/** What a reader of the conversation would see: words and calls; thoughts are left out. */
function toSection(item: JsonRecord): string {
  switch (item['type']) {
    case 'message':
      return `## ${stringOf(item['role']) ?? 'unknown'}\n\n${contentOf(item['content'])}`;
    case 'function_call':
    case 'custom_tool_call':
      return `## call of ${stringOf(item['name']) ?? '?'}\n\n${fenced(item['arguments'] ?? item['input'])}`;
    case 'function_call_output':
    case 'custom_tool_call_output':
      return `## result\n\n${fenced(typeof item['output'] === 'string' ? item['output'] : contentOf(item['output']))}`;
    default:
      return '';
  }
}

function contentOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = recordsOf(content).map(
    (part) => stringOf(part['text']) ?? stringOf(part['refusal']) ?? `[${part['type']}]`,
  );
  return parts.join('\n\n');
}

/** A fence is longer than every one inside of it. */
function fenced(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
