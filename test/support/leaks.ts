/** Looks for secrets in whatever was kept: payloads decoded, errors with their stacks and causes, at any depth. */

import { inspect } from 'node:util';
import type { Client } from '@temporalio/client';
import { runsOf } from './replay.js';

export class LeakSearch {
  readonly #texts: { readonly where: string; readonly text: string }[] = [];
  readonly #secrets = new Set<string>();

  /** Characters looked through, for a test that is to know that it looked at something. */
  get length(): number {
    return this.#texts.reduce((sum, { text }) => sum + text.length, 0);
  }

  /** Keeps what came of `where`. */
  add(where: string, ...values: readonly unknown[]): void {
    this.#texts.push({ where, text: values.map(textOf).join('\n') });
  }

  /** Also in the form that it has in a URL, and as base64. */
  secret(...secrets: readonly string[]): void {
    for (const secret of secrets) {
      this.#secrets.add(secret).add(encodeURIComponent(secret));
      this.#secrets.add(Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -2));
    }
  }

  /** Everything that Temporal has of a workflow: histories of all runs, and what describe and the metadata query show. */
  async addWorkflow(client: Client, workflowId: string, { query = false } = {}): Promise<void> {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    this.add(`describe ${workflowId}`, raw);
    for (const runId of await runsOf(client, workflowId)) {
      this.add(`history ${workflowId}`, await client.workflow.getHandle(workflowId, runId).fetchHistory());
    }
    if (!query) return;
    for (const name of ['uploadStatus', '__temporal_workflow_metadata']) {
      this.add(`${name} ${workflowId}`, await client.workflow.getHandle(workflowId).query(name));
    }
  }

  /** Where a secret was found, with its surroundings. */
  found(): string[] {
    return this.#texts.flatMap(({ where, text }) =>
      [...this.#secrets].flatMap((secret) => {
        const at = text.indexOf(secret);
        return at === -1 ? [] : [`${where}: …${text.slice(Math.max(0, at - 80), at + 20)}…`];
      }),
    );
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  // What is bytes in Temporal's protocol is JSON in a payload.
  const bytes: string[] = [];
  collect(value, bytes, new Set());
  const shown = inspect(value, {
    depth: Infinity,
    maxArrayLength: Infinity,
    maxStringLength: Infinity,
    breakLength: Infinity,
  });
  return [shown, ...bytes].join('\n');
}

function collect(value: unknown, bytes: string[], seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Uint8Array) bytes.push(Buffer.from(value).toString('utf8'));
  else for (const one of Object.values(value)) collect(one, bytes, seen);
}
