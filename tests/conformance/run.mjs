// Drives Backstage's own catalog client, unmodified, through all its methods against a running Callboard, and compares
// with what Backstage's backend answered. `cargo xtask conformance` installs the client and calls this:
//
//   node run.mjs --binary CALLBOARD --recorded FOLDER --modules FOLDER --work FOLDER

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { checks } from './checks.mjs';
import { start } from './portal.mjs';
import { replay } from './queries.mjs';

const text = { type: 'string' };
const { values } = parseArgs({ options: { binary: text, recorded: text, modules: text, work: text } });
const require = createRequire(join(resolve(values.modules), 'package.json'));
const client = require('@backstage/catalog-client');
const version = require('@backstage/catalog-client/package.json').version;

const portal = await start(values.binary, resolve(values.recorded), resolve(values.work));
const failures = [];
let passed = 0;

async function check(name, body) {
  try {
    await body();
    passed += 1;
  } catch (error) {
    failures.push(`${name}: ${error.message ?? error}`);
  }
}

try {
  const api = new client.CatalogClient({
    discoveryApi: { getBaseUrl: async plugin => `${portal.url}/api/${plugin}` },
  });
  const used = new Set();
  // Notes which methods were called, so that none is forgotten.
  const watched = new Proxy(api, {
    get(target, name) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      used.add(name);
      return member.bind(target);
    },
  });
  const recorded = JSON.parse(readFileSync(join(values.recorded, 'queries.json'), 'utf8'));
  for (const [key, expected] of Object.entries(recorded)) {
    await check(key, () => replay(watched, client.CATALOG_FILTER_EXISTS, key, expected));
  }
  const context = { client: watched, exists: client.CATALOG_FILTER_EXISTS, portal };
  for (const [name, body] of Object.entries(checks)) {
    await check(name, () => body(context));
  }
  await check('every method of the client is used', () => {
    const inner = new Set(['constructor', 'requestIgnored', 'requestRequired', 'requestOptional', 'getFilterValue']);
    // Ways inside the client that its own methods take.
    inner.add('queryEntitiesByPredicate').add('getEntityFacetsByPredicate');
    const all = Object.getOwnPropertyNames(client.CatalogClient.prototype).filter(name => !inner.has(name));
    const left = all.filter(name => !used.has(name));
    if (left.length > 0) throw new Error(`not used: ${left.join(', ')}`);
  });
} finally {
  await portal.stop();
}

for (const failure of failures.slice(0, 50)) console.error(`FAIL ${failure}`);
console.log(`catalog-client ${version}: ${passed} checks passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
