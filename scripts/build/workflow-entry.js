// The entry `./workflow` as one small file. Temporal's bundler drops nothing that is unused, so whatever this entry
// imports ends up in every user's workflow bundle: valibot alone would be 225 kB of it, of which we need a fiftieth.
import { build } from 'esbuild';
import { minify } from 'terser';

/**
 * The workflows and all they import of ours and of valibot, unused code shaken off.
 *
 * @returns code and source map; Temporal's packages stay imports
 */
export async function shake(entryPoint) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entryPoint],
    outfile: 'dist/workflow/index.js',
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: ['@temporalio/*'],
    legalComments: 'none',
    sourcemap: 'external',
  });
  const [output] = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint);
  const text = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text;
  return { code: text('.js'), map: lighten(text('.map')), exports: output.exports };
}

/** The source map without the texts, which would be most of it: a stack trace needs file and line. */
function lighten(map) {
  const { sourcesContent, ...rest } = JSON.parse(map);
  // Not null: the bundler would look for the file, and warn.
  return JSON.stringify({ ...rest, sourcesContent: sourcesContent.map(() => '// not in the package') });
}

/** The same, minified; what is exported keeps its name, which is the workflow's type where Temporal takes the function. */
export async function squeeze({ code, map, exports }) {
  const result = await minify(code, {
    module: true,
    ecma: 2022,
    // Function expressions become arrows if they use neither `this` nor `arguments`, as none of these do.
    compress: { passes: 4, unsafe_arrows: true },
    mangle: { reserved: exports },
    sourceMap: { content: map },
  });
  return { code: result.code, map: result.map };
}
