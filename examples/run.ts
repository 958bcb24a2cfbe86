/** `npm run example -- NAME ARGUMENT…`: connects as Temporal's tools do, and runs one example. Without a key, on the emulator. */

import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { GeminiFilesEmulator } from 'temporal-gemini-files/testing';
import * as aiSdk from './ai-sdk/main.js';
import * as batch from './batch/main.js';
import * as child from './child/main.js';
import * as client from './client.js';
import * as generate from './generate/main.js';
import * as hold from './hold/main.js';
import * as hosts from './hosts/main.js';
import { environmentKey } from './key.js';
import * as nexus from './nexus/main.js';
import type { World } from './world.js';

type Example = (world: World, ...args: string[]) => Promise<unknown>;
const examples: Record<string, Example> = {
  client: client.main,
  generate: generate.main,
  'ai-sdk': aiSdk.main,
  batch: batch.main,
  child: child.main,
  hold: hold.main,
  hosts: hosts.main,
  nexus: nexus.main,
};

const [name = '', ...args] = process.argv.slice(2);
const example = Object.hasOwn(examples, name) ? examples[name] : undefined;
if (!example) {
  process.stderr.write(
    `Usage: npm run example -- NAME ARGUMENT…\nNames: ${Object.keys(examples).join(', ')}\n`,
  );
  process.exit(2);
}

// The result is what matters here: without this, it is the last of a hundred lines.
Runtime.install({ logger: new DefaultLogger('WARN') });
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
const native = await NativeConnection.connect(connectionOptions);
const emulator = environmentKey() === undefined ? await GeminiFilesEmulator.start() : undefined;
if (emulator)
  process.stderr.write('No GEMINI_API_KEY or GOOGLE_API_KEY: running on the emulator of the Files API\n');
try {
  const world: World = {
    client: new Client({ connection, namespace, identity: `example-${randomUUID()}` }),
    connection: native,
    gemini: emulator ? { baseUrl: emulator.url, apiKey: 'any' } : {},
  };
  const result = await example(world, ...args);
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await emulator?.close();
  await native.close();
  await connection.close();
}
