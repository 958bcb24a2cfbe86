/** Uploads with recognisable keys. Everything that they leave is kept, and searched for the keys and the sessions. */

import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString } from '@temporalio/worker';
import { freePort } from '../../src/util/free-port.js';
import type { UploadFrom, UploadHandle, UploadSettings } from '../../src/client/index.js';
import type { EmulatorOptions, GeminiFilesEmulator } from '../../src/testing/index.js';
import { prometheusMetrics, type GeminiFilesWorkerOptions } from '../../src/worker/index.js';
import type { EchoingGateway } from './echoing-gateway.js';
import { useTestFolder, type TestFolder } from './files.js';
import { LeakSearch } from './leaks.js';
import { QUICK, scenario, type Scenario } from './scenario.js';
import { scrape } from './scrape.js';
import { useDevServer } from './temporal.js';

export const KEY = 'AIzaSyRecognisable-Key_0f_the_Worker-0001';
export const OLD_KEY = 'AIzaSyRecognisable-Key_before_Rotation02';
export const PROFILE_KEY = 'AIzaSyRecognisable-Key_0f_a_Profile-0003';

export const SHORT: UploadSettings = { ...QUICK, timeout: '300ms' };

export interface RunOptions {
  readonly emulated?: EmulatorOptions;
  readonly worker?: GeminiFilesWorkerOptions;
  /** In place of the path. */
  readonly from?: UploadFrom;
  /** Between the worker and its emulator. */
  readonly gateway?: EchoingGateway;
  /** Replaces the start by the client, which checks the options: for options that the workflow has to refuse. */
  readonly start?: (at: Scenario) => Promise<UploadHandle>;
}

export interface SecretRuns {
  readonly env: TestWorkflowEnvironment;
  readonly folder: TestFolder;
  readonly kept: LeakSearch;
  /** With the profile `team-a`. */
  readonly configFile: string;
  /** Names of the errors that runs have ended with. */
  readonly errors: ReadonlySet<string>;
  /** Runs one upload as `options` say, `meanwhile` with it, and keeps all that there is of it; resolves with its end. */
  readonly run: (
    name: string,
    file: string,
    settings: UploadSettings,
    options?: RunOptions,
    meanwhile?: (at: Scenario, handle: UploadHandle) => Promise<unknown>,
  ) => Promise<unknown>;
  readonly keepRequests: (name: string, emulator: GeminiFilesEmulator) => void;
  /** What the workers of this process have measured, and Temporal's SDK with them. */
  readonly metrics: () => Promise<string>;
}

/** For all tests of a file. */
export async function secretRuns(): Promise<SecretRuns> {
  const kept = new LeakSearch();
  kept.secret(KEY, OLD_KEY, PROFILE_KEY);
  const exporter = `127.0.0.1:${await freePort()}`;
  const env = await useDevServer({
    // Everything that Temporal logs, with the configuration of its core at the start.
    logger: new DefaultLogger('TRACE', (entry) =>
      kept.add(`log ${entry.message}`, entry.message, entry.meta),
    ),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'DEBUG', other: 'INFO' }), forward: {} },
      metrics: prometheusMetrics(exporter),
    },
  });
  const folder = await useTestFolder();
  const configFile = join(folder.path, 'config.json');
  await writeFile(configFile, JSON.stringify({ profiles: { 'team-a': { apiKey: PROFILE_KEY } } }));

  const keepRequests = (name: string, emulator: GeminiFilesEmulator) => {
    for (const { operation, rawUrl } of emulator.requests) {
      const ofSession = operation === 'upload' || operation === 'query' || operation === 'cancel';
      // The session's own part has to be there.
      const url = ofSession ? rawUrl.replace(/upload_id=[\w-]+/, '') : rawUrl;
      kept.add(`${name}: URL of a ${operation}`, url);
    }
    kept.secret(...emulator.sessions.map(({ id }) => id));
  };

  const errors = new Set<string>();
  return {
    env,
    folder,
    kept,
    errors,
    configFile,
    keepRequests,
    metrics: async () => (await scrape(`http://${exporter}/metrics`)).text,
    run: async (name, file, settings, options = {}, meanwhile = () => Promise.resolve()) => {
      const { emulated, worker, gateway, start, from = file } = options;
      await using at = await scenario(env, folder, emulated, {
        apiKey: KEY,
        configFile,
        ...(gateway && { baseUrl: gateway.url }),
        ...worker,
      });
      gateway?.sendTo(at.emulator.url);
      const end = await at.run(async () => {
        let handle: UploadHandle;
        try {
          handle = await (start?.(at) ?? at.client.start(from, settings));
        } catch (error) {
          kept.add(`${name}: refused by the client`, error, (error as Error).stack);
          return error;
        }
        await meanwhile(at, handle);
        const got: unknown = await handle.result().catch((error: unknown) => error);
        kept.add(`${name}: what the client got`, got, got instanceof Error ? [got.stack, got.cause] : '');
        // What the workflow itself refuses has no status yet.
        await kept.addWorkflow(env.client, handle.workflowId, { query: !start });
        return got;
      });
      keepRequests(name, at.emulator);
      if (end instanceof Error) errors.add(end.name);
      return end;
    },
  };
}
