// One check for each thing that the client can do.

import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';

import { pages, refOf } from './queries.mjs';

const COMPONENT = 'component:default/archive-partner-service-00014';
const LOCATION = 'http://127.0.0.1:9/catalog-info.yaml';
const VALID = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'fine' },
  spec: { type: 'service', lifecycle: 'production', owner: 'crew' },
};

async function all(stream) {
  const items = [];
  for await (const page of stream) items.push(...page);
  return items;
}

// Addresses are read beside what is asked.
async function eventually(look) {
  for (let at = 0; at < 200; at += 1) {
    const found = await look();
    if (found) return found;
    await sleep(50);
  }
  throw new Error('it did not happen within ten seconds');
}

const is = (status, name) => error => {
  strictEqual(error.name, 'ResponseError');
  strictEqual(error.statusCode, status);
  strictEqual(error.cause.name, name);
  ok(error.body.error.message.length > 0);
  return true;
};

export const checks = {
  async 'entities in a row, ordered, cut and paged'({ client }) {
    const { items } = await client.getEntities({
      filter: { kind: 'component' },
      fields: ['metadata.name'],
      order: { field: 'metadata.name', order: 'desc' },
      offset: 3,
      limit: 4,
    });
    deepStrictEqual(items.map(item => item.metadata.name), [
      'session-legacy-worker-00021',
      'search-global-ui-00004',
      'recommendation-mobile-portal-00005',
      'profile-public-worker-00028',
    ]);
    deepStrictEqual(Object.keys(items[0]), ['metadata']);
    strictEqual((await client.getEntities()).items.length, 64);
  },

  async 'an entity by reference, by name, and one that is not there'({ client }) {
    const entity = await client.getEntityByRef(COMPONENT);
    strictEqual(refOf(entity), COMPONENT);
    deepStrictEqual(
      entity.relations.map(({ type, targetRef }) => `${type} ${targetRef}`),
      [
        'consumesApi api:default/coupon-global-events-api-00005',
        'ownedBy group:default/flag-core-team-00000',
        'partOf system:default/search-mobile-suite-00001',
      ],
    );
    const again = await client.getEntityByName({ kind: 'COMPONENT', namespace: 'Default', name: entity.metadata.name });
    deepStrictEqual(again, entity);
    strictEqual(await client.getEntityByRef('component:default/nobody'), undefined);
  },

  async 'many entities by reference, with a filter and with a predicate'({ client }) {
    const entityRefs = Array.from({ length: 2500 }, (_, at) => (at === 2400 ? COMPONENT : `component:default/no-${at}`));
    const { items } = await client.getEntitiesByRefs({ entityRefs, fields: ['kind', 'metadata.name'] });
    strictEqual(items.length, 2500);
    deepStrictEqual(items.flatMap((item, at) => (item ? [at] : [])), [2400]);
    const refs = [COMPONENT, 'user:default/ada.torvalds.00005'];
    const users = await client.getEntitiesByRefs({ entityRefs: refs, filter: { kind: 'user' } });
    deepStrictEqual(users.items.map(item => item?.kind), [undefined, 'User']);
    const components = await client.getEntitiesByRefs({ entityRefs: refs, query: { kind: 'component' } });
    deepStrictEqual(components.items.map(item => item?.kind), ['Component', undefined]);
  },

  async 'pages of a filter, in both directions'({ client, exists }) {
    const filter = [{ kind: 'component', 'metadata.title': exists }, { kind: ['api', 'system'] }];
    const found = await pages(client, { filter, limit: 5, orderFields: { field: 'metadata.name', order: 'asc' } });
    const names = found.map(item => item.metadata.name);
    deepStrictEqual(names, [...names].sort());
    const counted = await client.queryEntities({ filter, limit: 0 });
    deepStrictEqual([counted.items.length, counted.totalItems], [0, found.length]);
    const uncounted = await client.queryEntities({ filter, limit: 2, totalItems: 'exclude' });
    deepStrictEqual([uncounted.items.length, uncounted.totalItems], [2, 0]);
  },

  async 'pages of a predicate, with a filter beside it, in both directions'({ client }) {
    const query = { $any: [{ 'spec.type': 'service' }, { 'metadata.tags': { $contains: 'python' } }] };
    const found = await pages(client, { query, filter: { kind: 'component' }, limit: 4 });
    ok(found.length > 15 && found.every(item => item.kind === 'Component'));
  },

  async 'texts'({ client }) {
    const fullTextFilter = { term: ' Service ', fields: ['metadata.name', 'metadata.title'] };
    const answer = await client.queryEntities({ filter: { kind: 'component' }, fullTextFilter, limit: 3 });
    deepStrictEqual([answer.items.length, answer.totalItems], [3, 4]);
    const query = await client.queryEntities({ query: { kind: 'component' }, fullTextFilter, limit: 3 });
    deepStrictEqual([query.items.length, query.totalItems], [3, 4]);
  },

  async 'streams'({ client }) {
    const filter = { kind: 'component' };
    const streamed = await all(client.streamEntities({ filter, pageSize: 7 }));
    const listed = await client.getEntities({ filter });
    deepStrictEqual(streamed.map(refOf).sort(), listed.items.map(refOf).sort());
  },

  async 'facets, with a filter and with a predicate'({ client }) {
    const expected = [
      { value: 'data-pipeline', count: 3 },
      { value: 'library', count: 5 },
      { value: 'service', count: 15 },
      { value: 'website', count: 6 },
    ];
    const facets = ['spec.type'];
    const filtered = await client.getEntityFacets({ facets, filter: { kind: 'component' } });
    deepStrictEqual(filtered.facets['spec.type'], expected);
    const queried = await client.getEntityFacets({ facets, query: { kind: 'component' } });
    deepStrictEqual(queried.facets['spec.type'], expected);
  },

  async 'what led to an entity'({ client }) {
    const { rootEntityRef, items } = await client.getEntityAncestors({ entityRef: COMPONENT });
    strictEqual(rootEntityRef, COMPONENT);
    deepStrictEqual(items.map(item => item.entity.kind), ['Component', 'Location', 'Location']);
    deepStrictEqual(items[0].parentEntityRefs, [refOf(items[1].entity)]);
    await rejects(client.getEntityAncestors({ entityRef: 'component:default/nobody' }), is(404, 'NotFoundError'));
  },

  async 'reading again'({ client }) {
    await client.refreshEntity(COMPONENT);
    await rejects(client.refreshEntity('component:default/nobody'), is(404, 'NotFoundError'));
  },

  async 'judging an entity'({ client }) {
    deepStrictEqual(await client.validateEntity(VALID, 'url:http://localhost/x'), { valid: true });
    const bad = { ...VALID, metadata: { name: 'not fine!' } };
    const judged = await client.validateEntity(bad, 'url:http://localhost/x');
    strictEqual(judged.valid, false);
    ok(judged.errors.length > 0 && judged.errors.every(error => error.name && error.message));
    strictEqual((await client.validateEntity(VALID, 'nonsense')).valid, false);
  },

  async 'looking at an address'({ client }) {
    const answer = await client.analyzeLocation({ location: { type: 'url', target: 'http://127.0.0.1:9/x' } });
    deepStrictEqual(answer, {
      existingEntityFiles: [],
      generateEntities: [
        {
          entity: {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'Component',
            metadata: { name: 'x' },
            spec: { type: 'other', lifecycle: 'unknown' },
          },
          fields: [],
        },
      ],
    });
  },

  async 'registering, finding, changing and removing locations'({ client, portal }) {
    const administrator = { token: portal.token };
    const { location } = await client.addLocation({ type: 'url', target: LOCATION });
    deepStrictEqual([location.type, location.target], ['url', LOCATION]);
    await rejects(client.addLocation({ target: LOCATION }), is(409, 'ConflictError'));
    const refreshed = await client.addLocation({ target: LOCATION, onConflict: 'refresh' });
    deepStrictEqual(refreshed.location, location);
    deepStrictEqual(await client.getLocationById(location.id), location);
    deepStrictEqual(await client.getLocationByRef(`url:${LOCATION}`), location);
    deepStrictEqual((await client.getLocations()).items, [location]);
    strictEqual(await client.getLocationById('nobody'), undefined);
    strictEqual(await client.getLocationByEntity('component:default/nobody'), undefined);

    const other = await client.addLocation({ target: `${LOCATION}?second` });
    const page = await client.queryLocations({ limit: 1, query: { type: 'url' } });
    deepStrictEqual([page.items.length, page.totalItems], [1, 2]);
    const streamed = await all(client.streamLocations({ limit: 1 }));
    deepStrictEqual(streamed.map(item => item.id).sort(), [location.id, other.location.id].sort());

    const changed = await client.updateLocation(location.id, { target: `${LOCATION}?third` }, administrator);
    deepStrictEqual([changed.id, changed.target], [location.id, `${LOCATION}?third`]);
    await rejects(client.removeLocationById(location.id), is(403, 'NotAllowedError'));
    for (const { id } of [location, other.location]) await client.removeLocationById(id, administrator);
    deepStrictEqual((await client.getLocations()).items, []);
  },

  async 'trying a location that cannot be read'({ client }) {
    await rejects(client.addLocation({ target: LOCATION, dryRun: true }), is(400, 'InputError'));
    await rejects(client.addLocation({ type: 'file', target: '/etc/passwd' }), is(400, 'InputError'));
  },

  async 'registering a location that brings something'({ client, portal }) {
    const target = `${portal.files}/catalog-info.yaml`;
    const tried = await client.addLocation({ target, dryRun: true });
    strictEqual(tried.exists, false);
    deepStrictEqual(tried.entities.map(refOf).filter(ref => !ref.startsWith('location:')), [
      'component:default/from-an-address',
    ]);
    strictEqual(await client.getEntityByRef('component:default/from-an-address'), undefined);
    const { location } = await client.addLocation({ target });
    strictEqual((await client.addLocation({ target, dryRun: true })).exists, true);
    const entity = await eventually(() => client.getEntityByRef('component:default/from-an-address'));
    strictEqual(entity.metadata.annotations['backstage.io/managed-by-location'], `url:${target}`);
    deepStrictEqual(await client.getLocationByEntity(refOf(entity)), location);
    await client.removeLocationById(location.id, { token: portal.token });
    await eventually(async () => (await client.getEntityByRef('component:default/from-an-address')) === undefined);
  },

  async 'removing an entity'({ client, portal }) {
    const { metadata } = await client.getEntityByRef('component:default/catalog-admin-gateway-00003');
    await rejects(client.removeEntityByUid(metadata.uid), is(403, 'NotAllowedError'));
    await client.removeEntityByUid(metadata.uid, { token: portal.token });
    strictEqual(await client.getEntityByRef('component:default/catalog-admin-gateway-00003'), undefined);
    await client.removeEntityByUid(metadata.uid, { token: portal.token });
  },

  async 'errors that say what is wrong'({ client }) {
    await rejects(client.queryEntities({ cursor: 'garbage' }), is(400, 'InputError'));
    await rejects(client.getEntities({ limit: -1 }), is(400, 'InputError'));
    await rejects(client.queryEntities({ query: { $or: [] } }), is(400, 'InputError'));
    await rejects(client.getEntities({}, { token: 'nobody' }), is(401, 'AuthenticationError'));
  },

  async 'a token of the guest is taken'({ client, portal }) {
    const { backstageIdentity } = await (await fetch(`${portal.url}/api/auth/guest/refresh`)).json();
    const { items } = await client.getEntities({ limit: 1 }, { token: backstageIdentity.token });
    strictEqual(items.length, 1);
  },
};
