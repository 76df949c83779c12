// Bundles the extension and the page of its view. `--production` minifies and holds both to their budget;
// `--watch` bundles again on every change.
import { build, context } from 'esbuild';

/** What each bundle may weigh, minified: one is read on every start of VS Code, the other when the view is opened. */
const BUDGETS_KB = { extension: 500, webview: 300 };
const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  outdir: 'dist',
};

const bundles = [
  {
    ...shared,
    entryPoints: { extension: 'src/extension.ts' },
    platform: 'node',
    target: 'node20', // what the oldest supported VS Code runs
    format: 'cjs',
    mainFields: ['module', 'main'],
    external: ['vscode'],
    alias: {
      minimatch: './stubs/minimatch.cjs',
      'semver/functions/parse': './stubs/semver.cjs',
      'semver/functions/satisfies': './stubs/semver.cjs',
    },
  },
  {
    ...shared,
    entryPoints: { webview: 'src/webview/main.ts' }, // imports style.css: dist/webview.css
    platform: 'browser',
    target: 'chrome128',
    format: 'iife',
    loader: { '.svg': 'text' }, // icons, of which only those that are used
  },
];

function weigh(name, { metafile }) {
  const outputs = Object.entries(metafile.outputs).filter(([file]) => !file.endsWith('.map'));
  const kilobytes = outputs.reduce((sum, [, { bytes }]) => sum + bytes, 0) / 1000;
  const files = outputs.map(([file, { bytes }]) => `${file} ${(bytes / 1000).toFixed(1)} kB`).join(', ');
  console.log(production ? `${files}; budget ${BUDGETS_KB[name]} kB` : `${files} (not minified)`);
  if (production && kilobytes > BUDGETS_KB[name]) {
    console.error(`The bundle ${name} exceeds its budget. Leave something out.`);
    process.exitCode = 1;
  }
}

if (watch) {
  const contexts = await Promise.all(bundles.map((options) => context(options)));
  await Promise.all(contexts.map((one) => one.watch()));
} else {
  for (const options of bundles) {
    weigh(Object.keys(options.entryPoints)[0], await build(options));
  }
}
