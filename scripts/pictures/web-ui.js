/** Live runs in Temporal's Web UI, as headless Chromium sees them: a wait, and a hold. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openPage } from './browser.js';
import { quantize } from './quantize.js';
import { withWorld } from './world.js';

const MARGIN = 16;
const AXIS = 96;

/** @returns PNGs: `timeline`, with the summaries, and `details`, the current details */
export function screenshotWait(cli) {
  return withWorld(cli, { emulator: { outcome: 'NEVER' } }, async ({ gemini, uiUrl, closers }) => {
    const handle = await gemini.start('clip.mp4', { timeout: '90s' }, { workflowId: 'upload-clip' });
    // As it waits after its third check, there is something to see of each kind.
    for await (const { polls, nextCheckAt } of gemini.progress(handle)) if (polls >= 3 && nextCheckAt) break;
    const { runId } = await handle.workflow.describe();
    const page = await openPage(closers);
    const pictures = await photograph(page, `${uiUrl}/namespaces/default/workflows/upload-clip/${runId}`, {
      shows: 'geminiFilesCheck • check 3',
      lowest: 'upload clip.mp4',
      details: 'checks:',
    });
    await handle.cancel();
    await handle.result().catch(() => undefined);
    return pictures;
  });
}

/** @returns the same of a hold with two leases, after its first renewal */
export function screenshotHold(cli) {
  // The emulator forgets files after 100 s in place of 48 h, so that a renewal is seen. A file with less than a minute left is not handed out.
  const emulator = { processing: '2s', retention: '100s' };
  return withWorld(cli, { emulator }, async ({ gemini, client, uiUrl, closers }) => {
    const options = { holdId: 'talk-of-monday', renewBefore: '85s', grace: '1s' };
    const first = await gemini.hold('clip.mp4', { ...options, for: '1h', leaseId: 'summary' });
    await gemini.hold('clip.mp4', { ...options, for: '2h', leaseId: 'questions' });
    const workflow = client.workflow.getHandle(first.holdId);
    const renewed = async () => {
      const { renewals, phase } = await workflow.query('heldFile');
      return renewals > 0 && phase === 'active';
    };
    while (!(await renewed())) await sleep(250);
    const { runId } = await workflow.describe();
    const page = await openPage(closers);
    const pictures = await photograph(
      page,
      `${uiUrl}/namespaces/default/workflows/${first.holdId}/${runId}`,
      {
        shows: 'geminiFilesDelete',
        lowest: 'upload clip.mp4',
        details: 'leases',
      },
    );
    await workflow.terminate();
    return pictures;
  });
}

/** `shows`: what the timeline waits for; `lowest`: the row that its picture ends below; `details`: a text of the current details. */
async function photograph(page, url, { shows, lowest, details }) {
  await page.setViewportSize({ width: 1370, height: 1500 });
  await page.goto(`${url}/timeline`);
  const graph = page.locator('#event-history-timeline-graph');
  await graph.getByText(shows).first().waitFor();
  // The first activity is the lowest row; the axis below it is part of the picture, the empty rest is not.
  const timeline = await between(page, page.locator('h1'), graph.getByText(lowest).first(), AXIS);

  // Narrower, the panels lie one below the other.
  await page.setViewportSize({ width: 960, height: 1200 });
  await page.goto(`${url}/user-metadata`);
  const frame = page.locator('iframe').last();
  await frame.contentFrame().getByText(details).first().waitFor();
  const current = await between(page, page.getByText('Current Details'), frame);
  return { timeline: await quantize(timeline), details: await quantize(current) };
}

/** What is right of the menu, from the one element to the other, with a margin in pixels. */
async function between(page, first, last, below = MARGIN) {
  const [content, from, to] = await Promise.all(
    [page.locator('#content'), first, last].map((element) => element.boundingBox()),
  );
  const y = from.y - MARGIN;
  const height = to.y + to.height + below - y;
  return page.screenshot({ clip: { x: content.x, y, width: content.width, height } });
}
