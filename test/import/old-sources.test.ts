import { expect, it } from 'vitest';
import { oldSourcesOf } from '../../src/old-sources.ts';

const tidb = { host: 'h', port: 4000, user: 'u', password: 'hunter2', database: 'd', tls: 'on' } as const;

it('folders are asked first, because only they hold signal keys', () => {
  const sources = oldSourcesOf({
    authDirectory: 'whatsapp_auth',
    mongo: { name: 'mongo', uri: 'mongodb://u:hunter2@h/giveaways' },
    tidb: { ...tidb, name: 'tidb' },
    redisUrl: 'redis://:hunter2@h',
    secrets: [],
  });
  expect(sources.map(({ name, store }) => [name, store])).toEqual([
    ['whatsapp_auth', undefined],
    ['mongodb whatsapp_sessions', 'mongo'],
    ['redis whatsapp:creds', undefined],
    ['tidb whatsapp_sessions', 'tidb'],
  ]);
});

it('places that are not configured are not asked', () => {
  expect(oldSourcesOf({ authDirectory: 'here', secrets: [] }).map(({ name }) => name)).toEqual(['here']);
});
