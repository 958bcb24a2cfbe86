/** The package's workflows in the form that a worker loads. */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MissingDependencyError } from '../contract/errors.js';

/**
 * A file of the package. Both src/worker and dist/worker lie two folders below its root.
 *
 * Looked up when it is needed: in a program that was bundled to one file, the files beside this module are missing.
 */
function packageFile(path: string): string {
  // A bundle in CommonJS has no URL of its own.
  const file = import.meta.url ? fileURLToPath(new URL(`../../dist/${path}`, import.meta.url)) : undefined;
  if (file !== undefined && existsSync(file)) return file;
  throw new MissingDependencyError(
    `dist/${path} of temporal-gemini-files is not beside its code, which seems to be bundled into another file. Leave ` +
      'temporal-gemini-files out of the bundle (in esbuild: --external:temporal-gemini-files), or create the worker with ' +
      'GeminiFilesPlugin and workflows of your own (workflowBundle)',
  );
}

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
 *
 * @param sdkVersion - that of Temporal's SDK
 * @throws MissingDependencyError if the package was bundled into another file, so that the bundle is not beside its code
 */
export function packagedWorkflows(sdkVersion?: string): PackagedWorkflows {
  const stamp = JSON.parse(readFileSync(packageFile('workflow-bundle.json'), 'utf8')) as BundleStamp;
  if (stamp.sdkVersion === (sdkVersion ?? installedSdkVersion()))
    return { workflowBundle: { codePath: packageFile('workflow-bundle.js') } };
  return workflowSources();
}

/** For a worker that bundles the workflows when it starts. */
export function workflowSources(): { readonly workflowsPath: string } {
  return { workflowsPath: packageFile('workflow/index.js') };
}

function installedSdkVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('@temporalio/worker/package.json') as { version: string }).version;
}
