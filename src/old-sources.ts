import type { MongoConfig, TidbConfig } from './config/databases.ts';
import type { Config } from './config.ts';
import type { OldSource } from './core/old-source.ts';
import { createMultiFileSource } from './import/multi-file-source.ts';
import { createMongoSource } from './plugins/source-mongo/index.ts';
import { createRedisSource } from './plugins/source-redis/index.ts';
import { createTidbSource } from './plugins/source-tidb/index.ts';

/** Where older programs may have left sessions. */
export interface OldPlaces {
  readonly authDirectory: string;
  readonly mongo?: Named<MongoConfig> | undefined;
  readonly tidb?: OldTidb | undefined;
  readonly redisUrl?: string | undefined;
  /** Those of SESSION_ENCRYPTION_SECRET, which the older system with TiDB had, too. */
  readonly secrets: readonly string[];
}

/** A database that may also be a store, which is then named. */
type Named<Database> = Database & { readonly name?: string };

export type OldTidb = Named<TidbConfig>;

/** What a configuration says about them. */
export function oldPlacesOf({ authDirectory, databases, encryptionSecrets }: Config): OldPlaces {
  const { mongo, tidb } = databases;
  return {
    authDirectory,
    mongo: mongo && { name: 'mongo', ...mongo },
    tidb: tidb && { name: 'tidb', ...tidb },
    secrets: encryptionSecrets,
  };
}

/**
 * In the order in which they are asked: folders first, because only they hold signal keys. Drivers are loaded, and
 * connections opened, when a source is asked and not before.
 */
export function oldSourcesOf({ authDirectory, mongo, tidb, redisUrl, secrets }: OldPlaces): OldSource[] {
  const sources = [createMultiFileSource(authDirectory)];
  if (mongo) sources.push(createMongoSource({ uri: mongo.uri, ...storeOf(mongo) }));
  if (redisUrl !== undefined) sources.push(createRedisSource({ url: redisUrl }));
  if (tidb) sources.push(createTidbSource({ ...tidb, secrets, ...storeOf(tidb) }));
  return sources;
}

const storeOf = ({ name }: { readonly name?: string }) => (name === undefined ? {} : { store: name });
