import { createRequire } from 'node:module';

export interface BuildInfo {
  readonly version: string;
  readonly node: string;
  readonly baileys: string;
}

/** What runs: this program, Node.js, and the WhatsApp client as it is installed. */
export function readBuildInfo(): BuildInfo {
  const require = createRequire(import.meta.url);
  // By its own name: how far this file is below package.json depends on what it was compiled for.
  const { version } = require('sessiongraph/package.json') as { version: string };
  const baileys = require('@whiskeysockets/baileys/package.json') as { version: string };
  return { version, node: process.versions.node, baileys: baileys.version };
}
