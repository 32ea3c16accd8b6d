#!/usr/bin/env node
import { runCommandLine } from './command-line.ts';

// Not `process.exit`: what is written to a pipe would be cut off, and a server goes on.
process.exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  write: text => void process.stdout.write(`${text}\n`),
  writeError: text => void process.stderr.write(`${text}\n`),
});
