import { serviceOf } from './services.ts';

const service = await serviceOf('mongodb');

/** Address of the MongoDB (or FerretDB) that the tests use, without a database. For tests that need it. */
export function mongoServiceUrl(): string {
  if (!service) throw new Error('there is no MongoDB to test with');
  return service.url.replace(/^(mongodb:\/\/[^/]+).*$/, '$1');
}
