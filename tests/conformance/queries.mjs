// The recorded answers to generated queries: the key is the client's method with its arguments.

import { deepStrictEqual } from 'node:assert';

export const refOf = entity =>
  `${entity.kind}:${entity.metadata.namespace ?? 'default'}/${entity.metadata.name}`.toLowerCase();

// The recordings leave Locations out.
const isKept = entity => entity.kind !== 'Location';
const refs = entities => entities.filter(isKept).map(refOf).sort();

export async function replay(client, exists, key, expected) {
  const [method, ...rest] = key.split(' ');
  const revive = value =>
    JSON.parse(value, (_, inner) => (inner === '<exists>' ? exists : inner));
  const argument = rest.join(' ');
  if (method === 'getEntities') {
    const { items } = await client.getEntities({ filter: revive(argument) });
    deepStrictEqual(refs(items), expected);
  } else if (method === 'getEntityFacets') {
    const { f, facets } = revive(argument);
    const answer = await client.getEntityFacets({ filter: f, facets });
    const counts = values =>
      values.filter(({ value }) => value !== 'Location').map(({ value, count }) => `${value}=${count}`).sort();
    const found = Object.fromEntries(Object.entries(answer.facets).map(([facet, values]) => [facet, counts(values)]));
    deepStrictEqual(found, sorted(expected));
  } else if (method === 'getEntitiesByRefs') {
    const { refs: entityRefs, fields } = revive(argument);
    const { items } = await client.getEntitiesByRefs({ entityRefs, fields });
    deepStrictEqual(items.map(item => comparable(item ?? null)), expected.map(comparable));
  } else if (rest[0] === 'predicate') {
    const found = await pages(client, { query: revive(rest.slice(1).join(' ')), limit: 20 });
    deepStrictEqual(refs(found), expected);
  } else {
    const { f, limit, field, order } = revive(rest.slice(1).join(' '));
    const found = await pages(client, { filter: f, limit, orderFields: { field, order } });
    const value = entity => String(field.split('.').reduce((inner, part) => inner?.[part], entity)).toLowerCase();
    deepStrictEqual({ refs: refs(found), order: found.filter(isKept).map(value) }, expected);
  }
}

/** All pages of a query, forwards; and the way back from the last one. */
export async function pages(client, request) {
  const found = [];
  let page = await client.queryEntities(request);
  const total = page.totalItems;
  found.push(...page.items);
  while (page.pageInfo.nextCursor) {
    page = await client.queryEntities({ cursor: page.pageInfo.nextCursor, limit: request.limit });
    found.push(...page.items);
  }
  deepStrictEqual(found.length, total, 'the pages hold as many as the total says');
  const back = [...page.items];
  while (page.pageInfo.prevCursor) {
    page = await client.queryEntities({ cursor: page.pageInfo.prevCursor, limit: request.limit });
    back.unshift(...page.items);
  }
  deepStrictEqual(back.map(refOf), found.map(refOf), 'the way back is the same');
  return found;
}

function sorted(facets) {
  return Object.fromEntries(Object.entries(facets).map(([facet, values]) => [facet, [...values].sort()]));
}

// Identifiers and folders differ from run to run, and the recordings sort texts.
function comparable(value) {
  if (Array.isArray(value)) {
    return value.every(item => typeof item === 'string') ? [...value].sort() : value.map(comparable);
  }
  if (value === null || typeof value !== 'object') return value;
  const left = ['uid', 'etag', 'annotations'];
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !left.includes(key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, comparable(inner)]),
  );
}
