/** Temporal's dev server for the benchmark, and what its histories say. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client, Connection } from '@temporalio/client';
import { findTemporalCli } from '../../dist/cli/embedded/index.js';
import { freePort } from '../../dist/cli/embedded/ports.js';
import { say } from './progress.js';

const START_PATIENCE_MS = 30_000;

/** Temporal's dev server, its database in memory. @returns `{address, client, close}` */
export async function devServer() {
  const { path } = await findTemporalCli({ onProgress: say });
  const port = await freePort();
  const args = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port)];
  const child = spawn(path, [...args, '--log-level', 'never'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const stop = () => (child.kill(), ended);
  const address = `127.0.0.1:${port}`;
  try {
    const connection = await connect(address);
    const close = () => connection.close().finally(stop);
    return { address, client: new Client({ connection }), close };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function connect(address) {
  const deadline = Date.now() + START_PATIENCE_MS;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: '1s' });
      return connection;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** Milliseconds of the first `activityType` of a run, from its start to its completion, by the server's clock. */
export async function activityMs(handle, activityType) {
  const { events } = await handle.fetchHistory();
  const scheduled = events.find(
    ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType.name === activityType,
  );
  const of = (attributes) =>
    events.find((event) => event[attributes]?.scheduledEventId?.equals(scheduled.eventId));
  return (
    millis(of('activityTaskCompletedEventAttributes').eventTime) -
    millis(of('activityTaskStartedEventAttributes').eventTime)
  );
}

/** A protobuf timestamp or duration as milliseconds. */
export const millis = ({ seconds, nanos }) => Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6;
