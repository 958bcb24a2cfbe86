// The workflow bundle that the package's own workers load, so that none has to bundle at its start.
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { bundleWorkflowCode } from '@temporalio/worker';
import { minify } from 'terser';

const quiet = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };

/** @param root - the package's folder: module ids and source names are relative to it */
export async function bundleWorkflows(workflowsPath, root) {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    logger: quiet,
    webpackConfigHook: (config) => ({
      ...config,
      // No folder of this machine in module ids and source names.
      context: root,
      output: { ...config.output, pathinfo: false, devtoolModuleFilenameTemplate: '[resource-path]' },
    }),
  });
  return slim(code);
}

/**
 * The bundle for the package, which stays small: no comments, every name and line break as it was, and a source map of
 * lines without columns and texts. Stack traces still name file, line and function.
 */
async function slim(bundle) {
  const [text, encoded] = bundle.split('//# sourceMappingURL=data:application/json;charset=utf-8;base64,');
  const { code, map } = await minify(text, {
    compress: false,
    mangle: false,
    format: { beautify: true, indent_level: 1, comments: 'some' },
    sourceMap: { content: Buffer.from(encoded, 'base64').toString('utf8'), asObject: true },
  });
  const lines = decode(map.mappings).map((segments) =>
    segments.slice(0, 1).map((first) => first.slice(0, 4)),
  );
  const { version, sources } = map;
  const lineMap = { version, file: 'workflow-bundle.js', sources, names: [], mappings: encode(lines) };
  const inline = Buffer.from(JSON.stringify(lineMap)).toString('base64');
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`;
}
