// A portal that serves the recorded catalog, on a free port and with a data folder of its own.

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE = 60_000;

// What the served descriptors look like, as far as the portal reads addresses.
const DESCRIPTOR = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: from-an-address }
spec: { type: service, lifecycle: production, owner: crew }
`;

export async function start(binary, recorded, work) {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  for (const folder of ['catalog-60', 'scaffolder-template']) {
    cpSync(join(recorded, folder), join(work, folder), { recursive: true });
  }
  const files = createServer((request, response) => {
    const found = request.url.startsWith('/catalog-info');
    response.writeHead(found ? 200 : 404, { 'content-type': 'text/yaml' });
    response.end(found ? DESCRIPTOR : 'nothing here');
  });
  await new Promise(done => files.listen(0, '127.0.0.1', done));
  const address = `127.0.0.1:${files.address().port}`;
  const config = join(work, 'callboard.yaml');
  writeFileSync(
    config,
    `backend:
  reading: { allow: [{ host: "${address}" }] }
catalog:
  rules:
    - allow: [Component, API, Resource, System, Domain, Group, User, Location, Template]
  locations:
    - { type: file, target: ./catalog-60/all.yaml }
    - { type: file, target: ./scaffolder-template/template.yaml }
`,
  );
  const data = join(work, 'data');
  const child = spawn(binary, ['serve', '--config', config, '--data', data, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise(done => child.once('exit', done));
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      log += chunk;
    });
  }
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    files.close();
  };
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline && child.exitCode === null) {
    const url = log.match(/ready on (http:\/\/[\d.:]+)/)?.[1];
    if (url !== undefined) {
      const token = readFileSync(join(data, 'admin-token'), 'utf8').trim();
      return { url, token, files: `http://${address}`, stop };
    }
    await sleep(50);
  }
  await stop();
  throw new Error(`the portal did not become ready:\n${log}`);
}
