import type { TestProject } from 'vitest/node';
import { openServiceDesk } from './service-desk.ts';

declare module 'vitest' {
  interface ProvidedContext {
    serviceDeskUrl: string;
  }
}

/** Runs once, before and after all tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const desk = await openServiceDesk();
  project.provide('serviceDeskUrl', desk.url);
  return () => desk.close();
}
