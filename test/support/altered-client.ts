/** A client of a real server, whose list of runs a test alters: as an old or a slow visibility store would. */

import type { Client, WorkflowService } from '@temporalio/client';

type Request = Parameters<WorkflowService['listWorkflowExecutions']>[0];

interface Calls {
  readonly listWorkflowExecutions: (
    request: Request,
  ) => ReturnType<WorkflowService['listWorkflowExecutions']>;
}

/** @param alter - given the real calls, returns those that replace them */
export function alteredClient(client: Client, alter: (real: WorkflowService) => Calls): Client {
  const calls = alter(client.workflowService);
  const workflowService = withProperties(client.workflowService, calls);
  return withProperties(client, { workflowService });
}

function withProperties<T extends object>(target: T, replaced: object): T {
  return new Proxy(target, {
    get(from, name) {
      if (name in replaced) return Reflect.get(replaced, name) as unknown;
      const value: unknown = Reflect.get(from, name);
      return typeof value === 'function' ? (value.bind(from) as unknown) : value;
    },
  });
}
