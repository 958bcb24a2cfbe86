/** The configured Temporal; the embedded one where none is. */

import { Client, type Connection } from '@temporalio/client';
import { TASK_QUEUE } from '../../contract/index.js';
import { countPollers } from '../pollers.js';
import { configuredTemporal, connectClient, type TemporalTarget } from '../temporal-connection.js';
import { failed, messageOf, passed, type Check } from './check.js';

/** The target as configured; where that can't be used, only the check that says why. */
export function checkTemporalConfig(): { check?: Check; target?: TemporalTarget } {
  try {
    const target = configuredTemporal();
    return target ? { target } : {};
  } catch (error) {
    return { check: failed('temporal', messageOf(error), 'Correct TEMPORAL_PROFILE or the TOML file.') };
  }
}

export async function checkTemporal(target: TemporalTarget): Promise<Check[]> {
  let connection: Connection;
  try {
    connection = await connectClient(target);
  } catch (error) {
    const fix = 'Start the server, or correct its address, TLS and key.';
    return [failed('temporal', messageOf(error), fix)];
  }
  try {
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    const reached = passed('temporal', `${target.address}, server ${serverVersion || 'of unknown version'}`);
    const namespace = await checkNamespace(connection, target);
    if (!namespace.ok) return [reached, namespace];
    const client = new Client({ connection, namespace: target.namespace });
    return [
      reached,
      namespace,
      await checkPollers(client, target),
      await checkAttributes(connection, target),
    ];
  } finally {
    await connection.close();
  }
}

async function checkNamespace(connection: Connection, { namespace }: TemporalTarget): Promise<Check> {
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    const detail = `${namespace}, retention ${seconds / 3600} h`;
    // The sweep reads the histories of runs that closed in the last 48 hours.
    return seconds >= 48 * 3600
      ? passed('namespace', detail)
      : passed('namespace', detail, 'sweep looks 48 hours back: set a retention of 2 days or more.');
  } catch (error) {
    return failed(
      'namespace',
      `${namespace}: ${messageOf(error)}`,
      'Create the namespace, or name another in TEMPORAL_NAMESPACE.',
    );
  }
}

async function checkPollers(client: Client, { namespace }: TemporalTarget): Promise<Check> {
  try {
    const pollers = await countPollers(client, namespace, TASK_QUEUE);
    const detail = `${TASK_QUEUE} has ${pollers} ${pollers === 1 ? 'poller' : 'pollers'}`;
    return pollers > 0
      ? passed('task queue', detail)
      : passed(
          'task queue',
          detail,
          'upload brings its own worker; for others run temporal-gemini-files worker.',
        );
  } catch (error) {
    return failed('task queue', messageOf(error), 'Give this client the right to describe task queues.');
  }
}

/** The sweep's filter uses these; the package has none of its own. */
const NEEDED = ['WorkflowType', 'ExecutionStatus', 'CloseTime'];

async function checkAttributes(connection: Connection, { namespace }: TemporalTarget): Promise<Check> {
  try {
    const { systemAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = NEEDED.filter((name) => !Object.hasOwn(systemAttributes ?? {}, name));
    if (missing.length === 0) return passed('search attributes', `${NEEDED.join(', ')} are there`);
    return failed(
      'search attributes',
      `${missing.join(', ')} missing`,
      'sweep needs them: set up advanced visibility.',
    );
  } catch (error) {
    // Temporal Cloud keeps the operator service to itself; it has them all.
    return passed('search attributes', `could not be listed: ${messageOf(error)}`);
  }
}
