// The workflow bundle that the package's own workers load, so that none has to bundle at its start.
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { bundleWorkflowCode } from '@temporalio/worker';
import { transform } from 'esbuild';

const quiet = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };

/** @param root - the package's folder: module ids and source names are relative to it */
export async function bundleWorkflows(workflowsPath, root) {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    logger: quiet,
    // Loaded once for all runs of a worker thread. So it has no state: see src/workflow/run-state.ts.
    preloadModules: [workflowsPath],
    webpackConfigHook: (config) => ({
      ...config,
      // No folder of this machine in module ids and source names.
      context: root,
      output: { ...config.output, pathinfo: false, devtoolModuleFilenameTemplate: '[resource-path]' },
    }),
  });
  return withoutCommentsAndColumns(code);
}

/** Smaller by two thirds, with the same names and line breaks: stack traces still name file, line and function. */
async function withoutCommentsAndColumns(bundle) {
  const options = { sourcemap: 'external', sourcesContent: false, legalComments: 'none' };
  const { code, map } = await transform(bundle, options);
  const { version, sources, mappings } = JSON.parse(map);
  const lines = decode(mappings).map((segments) => segments.slice(0, 1).map((first) => first.slice(0, 4)));
  const lineMap = { version, file: 'workflow-bundle.js', sources, names: [], mappings: encode(lines) };
  const inline = Buffer.from(JSON.stringify(lineMap)).toString('base64');
  return `${code}//# sourceMappingURL=data:application/json;base64,${inline}\n`;
}
