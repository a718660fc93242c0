import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { queryObjects } from 'node:v8';

/** What a process holds at one moment, after its garbage was collected. */
export interface Reading {
  readonly heapMb: number;
  readonly rssMb: number;
  /** Memory outside of the heap that objects of it hold: buffers and the like. */
  readonly externalMb: number;
  readonly buffersMb: number;
  /** What keeps the event loop alive, counted by type. */
  readonly resources: Counts;
  /** Objects alive in the heap, counted by class: timers that no longer run are counted as long as somebody holds them. */
  readonly objects: Counts;
  /** Open file descriptors. */
  readonly descriptors: Counts;
}

export type Counts = Readonly<Record<string, number>>;

interface Ports {
  readonly own: number;
  readonly provider: number;
}

const MB = 1024 ** 2;
const CLASSES = { Timeout: clearedTimer().constructor, AbortController, Socket, IncomingMessage, ServerResponse };

/** Collects garbage first; what that lets go of is collected with a second round. */
export async function takeReading(ports: Ports): Promise<Reading> {
  if (globalThis.gc === undefined) throw new Error('This process needs the flag --expose-gc.');
  await globalThis.gc({ type: 'major', execution: 'async' });
  await wait(50);
  await globalThis.gc({ type: 'major', execution: 'async' });
  const { heapUsed, rss, external, arrayBuffers } = process.memoryUsage();
  return {
    heapMb: heapUsed / MB,
    rssMb: rss / MB,
    externalMb: external / MB,
    buffersMb: arrayBuffers / MB,
    resources: countBy(process.getActiveResourcesInfo()),
    objects: Object.fromEntries(Object.entries(CLASSES).map(([name, type]) => [name, Number(queryObjects(type))])),
    descriptors: { 'from clients': 0, 'to the provider': 0, ...countBy(describeDescriptors(ports)) },
  };
}

/** Of a class that Node does not export. */
function clearedTimer(): NodeJS.Timeout {
  const timer = setTimeout(() => undefined, 0);
  clearTimeout(timer);
  return timer;
}

function countBy(names: readonly string[]): Counts {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

function describeDescriptors({ own, provider }: Ports): string[] {
  const sockets = tcpSockets();
  return targetsOfDescriptors().map((target) => {
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    const socket = inode === undefined ? null : sockets.get(inode);
    if (socket?.remotePort === provider) return 'to the provider';
    if (socket?.localPort === own && socket.remotePort !== 0) return 'from clients';
    return 'other';
  });
}

function targetsOfDescriptors(): string[] {
  const targets: string[] = [];
  for (const descriptor of readdirSync('/proc/self/fd')) {
    try {
      targets.push(readlinkSync(`/proc/self/fd/${descriptor}`));
    } catch {
      // The descriptor that the folder itself was read with is closed by now.
    }
  }
  return targets;
}

/** By inode. The table of the kernel has addresses in hexadecimal digits, and the inode in its tenth column. */
function tcpSockets(): Map<string, { localPort: number; remotePort: number }> {
  const rows = readFileSync('/proc/self/net/tcp', 'utf8').trim().split('\n').slice(1);
  const portOf = (address = ''): number => Number.parseInt(address.split(':')[1] ?? '', 16);
  return new Map(
    rows.map((row) => {
      const columns = row.trim().split(/\s+/);
      return [columns[9] ?? '', { localPort: portOf(columns[1]), remotePort: portOf(columns[2]) }];
    }),
  );
}
