import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childOf, startProgram } from '../../lab/server-process.ts';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import type { Candidate, Subject } from './candidate.ts';
import { freePort, untilAnswered } from './ports.ts';

const NGINX = 'nginx';

/** nginx as a byte pipe with one worker, for scale; where there is none, how to get it. */
export function findNginx(): Candidate | string {
  const { stderr } = spawnSync(NGINX, ['-v'], { encoding: 'utf8' });
  const version = /nginx\/(\S+)/.exec(stderr ?? '')?.[1];
  if (version === undefined) return 'nginx was not measured: no `nginx` on the PATH.';
  return { title: `nginx ${version}`, start: startNginx };
}

async function startNginx(upstreamUrl: string, cores: string | null): Promise<Subject> {
  const folder = makeTemporaryFolder('bench-nginx');
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, configOf(folder, port, new URL(upstreamUrl).host));
  const command = [NGINX, '-e', join(folder, 'error.log'), '-p', folder, '-c', config];
  const server = startProgram('nginx', `http://127.0.0.1:${port}`, command, { cores, worker: childOf });
  await untilAnswered(server.url, {});
  return { name: 'nginx', server, headers: {}, geminiHeaders: {} };
}

function configOf(folder: string, port: number, upstream: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 8192; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  keepalive_requests 1000000;
  upstream provider { server ${upstream}; keepalive 2048; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;
}
