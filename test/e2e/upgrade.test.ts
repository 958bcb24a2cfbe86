/**
 * The upgrade drill: a rolling deployment between the last recorded version and the code as it is, forth and back, with no
 * cache, so that each workflow task replays the whole history on whichever worker takes it.
 *
 * The old worker runs the workflow bundle that `npm run record-bundle` kept of its version, with the activities as they are now. So this
 * says that workflow code of both versions can follow one history. It says nothing of old activities with new workflows,
 * except that the workflow sends no field that the upload activity of 0.1.0 would refuse. The other direction is in
 * test/activities/mixed-versions.test.ts.
 */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { replayed, scheduled, type HistoryEvent } from '../support/replay.js';
import { useSharedDevServer } from '../support/temporal.js';
import { versions, type Version } from '../support/versions.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const { bundles, start } = await versions(env, folder);
const WAITS = 4;
/** The upload activity of 0.1.0 fails permanently if its input has another field. */
const UPLOAD_FIELDS = ['displayName', 'mimeType', 'name', 'path'];

/** The fields of the input of a run's one upload. */
function uploadFields(events: readonly HistoryEvent[]): string[] {
  const upload = events
    .map((event) => event.activityTaskScheduledEventAttributes)
    .find((activity) => activity?.activityType?.name === 'geminiFilesUpload');
  const { data } = upload?.input?.payloads?.[0] ?? {};
  return Object.keys(JSON.parse(Buffer.from(data ?? []).toString()) as object).sort();
}

it.each<[Version, Version]>([
  ['recorded', 'current'],
  ['current', 'recorded'],
])('waits begun on the %s version end on the %s one, and nothing is uploaded twice', async (from, to) => {
  await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
  const taskQueue = `upgrade-${randomUUID()}`;
  const client = new GeminiFilesClient(env.client, { taskQueue });
  const { path } = await folder.file('clip.mp4', 1000);
  const stopFirst = await start(from, taskQueue, emulator.url);
  const handles = await Promise.all(
    Array.from({ length: WAITS }, () =>
      client.start(path, {
        displayName: 'Clip',
        mimeType: 'video/mp4',
        pollInterval: '200ms',
        maxPollInterval: '200ms',
        jitter: 0,
        timeout: '1h',
      }),
    ),
  );
  const checked = (times: number) => () =>
    emulator.files.size === WAITS &&
    [...emulator.files.keys()].every(
      (name) =>
        emulator.requests.filter(({ operation, file }) => operation === 'get' && file === name).length >=
        times,
    );
  await emulator.waitFor(checked(2));
  // As in a rolling deployment, both are there for a while.
  const stopSecond = await start(to, taskQueue, emulator.url);
  await stopFirst();
  const begun = emulator.requests.length;
  await emulator.waitFor((requests) => requests.length >= begun + WAITS);
  for (const name of emulator.files.keys()) emulator.activate(name);
  const results = await Promise.all(handles.map((handle) => handle.result()));
  await stopSecond();

  expect(new Set(results.map(({ id }) => id))).toEqual(new Set(emulator.files.keys()));
  const uploads = emulator.requests.filter(
    ({ operation }) => operation === 'start' || operation === 'upload',
  );
  expect(uploads).toHaveLength(2 * WAITS);
  for (const { workflowId } of handles) {
    for (const codePath of Object.values(bundles)) {
      const events = await replayed(env.client, workflowId, undefined, { workflowBundle: { codePath } });
      const by = events.flatMap(({ workflowTaskCompletedEventAttributes: task }) => task?.identity ?? []);
      expect([by[0], by.at(-1)]).toEqual([from, to]);
      expect(scheduled(events).filter((name) => name === 'geminiFilesUpload')).toHaveLength(1);
      expect(uploadFields(events)).toEqual(UPLOAD_FIELDS);
    }
  }
});
