/** The beginning of what a client sent, as it can stand in a message and in a log: printable, at most 100 characters. */
export function excerpt(text: string): string {
  return text.slice(0, 100).replace(/[^ -~]/g, '?');
}
