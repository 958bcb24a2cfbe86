/** A gateway that says back the key and the session in all that it answers: neither gets into anything that is kept. */

import { afterAll, expect, it } from 'vitest';
import { faults, type Fault } from '../../src/testing/index.js';
import { echoingGateway, type EchoingGateway } from '../support/echoing-gateway.js';
import { activateOnceUploaded, QUICK, uploadedName } from '../support/scenario.js';
import { secretRuns, SHORT } from '../support/secret-runs.js';

const { folder, kept, run } = await secretRuns();
const video = await folder.file('clip.mp4', 1000);
const gateways: EchoingGateway[] = [];
afterAll(() => Promise.all(gateways.map((gateway) => gateway[Symbol.asyncDispose]())));

async function through(): Promise<EchoingGateway> {
  const gateway = await echoingGateway();
  gateways.push(gateway);
  return gateway;
}

it('in a success: the result has what is left of the answers to the finalize and to a get', async () => {
  const gateway = await through();
  const end = await run('success', video.path, QUICK, { gateway }, activateOnceUploaded);
  expect(end).toMatchObject({
    state: 'ACTIVE',
    mimeType: 'video/mp4;[key]',
    displayName: '[key] at [session]',
    uri: expect.stringMatching(/\?key=\[key\]&at=/) as unknown,
  });
});

it('in a file that FAILED, in one that is not ACTIVE in time, and in a clean-up that fails', async () => {
  const gateway = await through();
  const end = await run('failed', video.path, QUICK, { gateway }, async ({ emulator }) =>
    emulator.fail(await uploadedName(emulator), { code: 13, message: 'No.' }),
  );
  expect(end).toMatchObject({
    name: 'UploadFailedError',
    message: expect.stringMatching(/No\. with \[key\] at /) as unknown,
  });
  await run('timeout', video.path, SHORT, { gateway });
  const emulated = { faults: [{ ...faults.unavailable('delete'), times: 'always' } as Fault] };
  await run('clean-up', video.path, { ...SHORT, cleanupTimeout: '2s' }, { gateway, emulated });
});

it.each(['start', 'upload', 'finalize', 'get', 'delete'] as const)('in an error at a %s', async (on) => {
  const gateway = await through();
  const json = { on, do: 'respond', status: 403, json: { error: { code: 403, message: 'No' } } } as const;
  const text = { on, do: 'respond', status: 400, text: 'No' } as const;
  for (const fault of [json, text])
    await run(`${on} ${fault.status}`, video.path, SHORT, { gateway, emulated: { faults: [fault] } });
});

it('in a session that breaks, and is asked for its offset', async () => {
  const breaks: Fault[] = [
    { on: 'upload', do: 'reset', afterBytes: 500 },
    { on: 'query', do: 'respond', status: 503, text: 'later' },
    { on: 'query', do: 'expireSession' },
  ];
  const gateway = await through();
  await run('breaks', video.path, QUICK, { gateway, emulated: { faults: breaks } }, activateOnceUploaded);
});

it('is found nowhere', () => {
  const sessions = gateways.flatMap((gateway) => gateway.sessions);
  expect(sessions.length).toBeGreaterThan(10);
  expect(gateways.reduce((sum, { answers }) => sum + answers, 0)).toBeGreaterThan(50);
  kept.secret(...sessions);
  expect(kept.length).toBeGreaterThan(1_000_000);
  expect(kept.found()).toEqual([]);
});
