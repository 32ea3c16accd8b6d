import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/migrating.md', 'utf8');
const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
const [, examples = ''] = page.split('\n## Examples\n');
const documents = [...examples.matchAll(/^(?:ask|listen) '([^']+)'$/gm)].map(([, text]) => text ?? '');
const languages = ['English', 'Français', 'Bahasa Indonesia'].map(
  name => page.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '',
);

/** All that the older REST server had for its sessions. */
const ENDPOINTS = [
  'GET /cloud/sessions',
  'GET /cloud/sessions/:id/status',
  'POST /cloud/sessions/:id/sync',
  'POST /cloud/sessions/:id/restore',
  'DELETE /cloud/sessions/:id',
  'GET /sessions',
  'POST /sessions',
  'GET /sessions/:id/status',
  'POST /sessions/:id/send',
  'POST /sessions/:id/logout',
  'DELETE /sessions/:id',
];

it.each(documents)('%s is what the API takes', text => {
  expect(validate(schema, parse(text))).toEqual([]);
});

it.each(ENDPOINTS)('%s has an example, and its line in each language', endpoint => {
  const headed = examples.split('\n').filter(line => line.startsWith('# '));
  expect(headed.flatMap(line => line.slice(2).split(', '))).toContain(endpoint);
  for (const section of languages) expect(section).toContain(`\`${endpoint}\``);
});

describe('the three languages', () => {
  it('say the same', () => {
    const rows = languages.map(section => section.split('\n').filter(line => line.startsWith('| ')));
    const [english, ...others] = rows.map(lines => lines.map(codeIn));
    expect(english?.length).toBeGreaterThan(30);
    for (const other of others) expect(other).toEqual(english);
  });

  it('name operations that the API has', () => {
    const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const operations = types.flatMap(type => Object.keys(type?.getFields() ?? {}));
    const named = languages.flatMap(section =>
      [...section.matchAll(/`((?:session|[a-z]+Session|send|request)[A-Za-z]*)`/g)].map(
        ([, name]) => name ?? '',
      ),
    );
    const ours = named.filter(name => name !== 'sessionRemoved');
    expect(ours.filter(name => !operations.includes(name))).toEqual([]);
    expect(new Set(ours).size).toBeGreaterThan(10);
  });
});

const codeIn = (row: string) => [...row.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
