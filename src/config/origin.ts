/** Where a web page comes from. The host has its port, unless the scheme has it anyway; all in lower case. */
interface Origin {
  readonly scheme: string;
  readonly host: string;
}

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['http', ':80'],
  ['https', ':443'],
]);

/** Null when the text is not `scheme://host[:port]` and nothing else: `null`, two origins, one with a path. */
export function parseOrigin(text: string): Origin | null {
  const [, scheme, host] =
    /^([a-z][a-z0-9+.-]*):\/\/((?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?)$/.exec(text.toLowerCase()) ?? [];
  return scheme === undefined || host === undefined ? null : { scheme, host: withoutDefaultPort(host, scheme) };
}

/** As browsers send it, and as `server.origins` are kept. */
export function originText({ scheme, host }: Origin): string {
  return `${scheme}://${host}`;
}

/** A host as a page of this scheme would name it: `a.example` for `A.example:443` and `https`. */
export function withoutDefaultPort(host: string, scheme: string): string {
  const name = host.toLowerCase();
  const port = DEFAULT_PORTS.get(scheme);
  return port !== undefined && name.endsWith(port) ? name.slice(0, -port.length) : name;
}
