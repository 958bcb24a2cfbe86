/** The package's workflows in the form that a worker loads. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// Both src/worker and dist/worker lie two folders below the package's root.
const bundleUrl = new URL('../../dist/workflow-bundle.js', import.meta.url);
const stampUrl = new URL('../../dist/workflow-bundle.json', import.meta.url);

/** Written by the build: the SDK version in the bundle. */
interface BundleStamp {
  readonly sdkVersion: string;
}

export type PackagedWorkflows =
  | { readonly workflowBundle: { readonly codePath: string }; readonly workflowsPath?: never }
  | { readonly workflowsPath: string; readonly workflowBundle?: never };

/**
 * The bundle that the build made, so that a worker does not have to bundle when it starts. If the installed Temporal SDK has
 * another version than the bundle, the sources, which the worker then bundles.
 */
export function packagedWorkflows(sdkVersion: string = installedSdkVersion()): PackagedWorkflows {
  const stamp = JSON.parse(readFileSync(stampUrl, 'utf8')) as BundleStamp;
  if (stamp.sdkVersion === sdkVersion) return { workflowBundle: { codePath: fileURLToPath(bundleUrl) } };
  return workflowSources();
}

/** For a worker that bundles the workflows when it starts. */
export function workflowSources(): { readonly workflowsPath: string } {
  return { workflowsPath: fileURLToPath(new URL('../../dist/workflow/index.js', import.meta.url)) };
}

function installedSdkVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('@temporalio/worker/package.json') as { version: string }).version;
}
