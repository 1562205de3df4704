// Builds the front end into static/dist: `node frontend/build.mjs [--watch]`.
//
//   src/main.ts            → main.js, an ES module; lazily imported widgets become chunks beside it
//   src/**/x.worker.ts     → x.worker-HASH.js, wherever it is imported with `?worker&url`
//   css/*.css              → one stylesheet each (app.css, wall.css, …), @imports bundled
//   assets/**              → copied as they are (fonts, icons.svg, favicon.svg, theme.js)
// and a .gz beside each text file.
//
// Everything lands in one flat folder so that `new URL('./x', import.meta.url)` holds in every chunk.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import * as esbuild from 'esbuild';
import xtermCsp from './xterm-csp.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const outdir = path.join(here, '..', 'static', 'dist');
const watch = process.argv.includes('--watch');

const shared = {
  bundle: true,
  minify: !watch,
  sourcemap: watch ? 'linked' : false,
  target: ['chrome123', 'firefox128', 'safari17.5'],
  format: 'esm',
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/** `import url from './x.worker.ts?worker&url'` (Vite's spelling, so vitest agrees) gives the worker's address. */
const workers = {
  name: 'workers',
  setup(build) {
    build.onResolve({ filter: /\?worker&url$/ }, (args) => ({
      path: path.resolve(args.resolveDir, args.path.replace(/\?.*$/, '')),
      namespace: 'worker',
    }));
    build.onLoad({ filter: /.*/, namespace: 'worker' }, async (args) => {
      const result = await esbuild.build({
        ...shared,
        entryPoints: [args.path],
        outdir,
        entryNames: '[name]-[hash]',
      });
      const name = path.basename(Object.keys(result.metafile.outputs).find((file) => file.endsWith('.js')));
      return {
        contents: `export default new URL('./${name}', import.meta.url).href`,
        watchFiles: Object.keys(result.metafile.inputs).map((file) => path.resolve(file)),
      };
    });
  },
};

/** `import css from 'x.css?inline'` (Vite's spelling) gives minified text, for a constructed style sheet. */
const inlineCss = {
  name: 'inline-css',
  setup(build) {
    build.onResolve({ filter: /\.css\?inline$/ }, async (args) => {
      const file = args.path.replace(/\?.*$/, '');
      const { path: found } = await build.resolve(file, {
        resolveDir: args.resolveDir,
        kind: 'import-statement',
      });
      return { path: found, namespace: 'inline-css' };
    });
    build.onLoad({ filter: /.*/, namespace: 'inline-css' }, async (args) => {
      const css = await fs.promises.readFile(args.path, 'utf8');
      const { code } = await esbuild.transform(css, { loader: 'css', minify: true, target: shared.target });
      return { contents: code, loader: 'text', watchFiles: [args.path] };
    });
  },
};

/** Fonts are copied, not inlined: a stylesheet's `url(…/inter.woff2)` points at the copy. */
const fonts = {
  name: 'fonts',
  setup(build) {
    build.onResolve({ filter: /\.woff2$/ }, (args) => ({
      path: `./fonts/${path.basename(args.path)}`,
      external: true,
    }));
  },
};

/** Every file of css/ that no other one imports. */
function stylesheets() {
  const folder = path.join(here, 'css');
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.css'));
  const imported = names.flatMap((name) =>
    [...fs.readFileSync(path.join(folder, name), 'utf8').matchAll(/@import\s+"\.\/([^"]+)"/g)].map(
      (match) => match[1],
    ),
  );
  return names.filter((name) => !imported.includes(name)).map((name) => path.join(folder, name));
}

const options = {
  ...shared,
  entryPoints: [path.join(here, 'src', 'main.ts'), ...stylesheets()],
  outdir,
  splitting: true,
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  plugins: [xtermCsp, workers, inlineCss, fonts],
};

function copyAssets() {
  fs.cpSync(path.join(here, 'assets'), outdir, { recursive: true });
}

const COMPRESSIBLE = /\.(js|css|svg)$/;

/** Writes x.js.gz beside x.js: WhiteNoise sends it to every browser that takes gzip. */
function compress() {
  for (const name of fs.readdirSync(outdir).filter((file) => COMPRESSIBLE.test(file))) {
    const file = path.join(outdir, name);
    fs.writeFileSync(`${file}.gz`, zlib.gzipSync(fs.readFileSync(file), { level: 9 }));
  }
}

/** Removes what an earlier build left behind, so that the folder holds exactly this build. */
function prune(started) {
  for (const name of fs.readdirSync(outdir)) {
    const isAsset = fs.existsSync(path.join(here, 'assets', name.replace(/\.gz$/, '')));
    if (!/\.(js|css|map|gz)$/.test(name) || isAsset) continue;
    const file = path.join(outdir, name);
    if (fs.statSync(file).mtimeMs < started) fs.rmSync(file);
  }
}

function report(metafile) {
  const kB = (n) => (n / 1000).toFixed(1).padStart(7);
  for (const file of Object.keys(metafile.outputs).sort()) {
    if (file.endsWith('.map')) continue;
    const full = path.resolve(file);
    console.log(
      `${kB(fs.statSync(full).size)} kB ${kB(fs.statSync(`${full}.gz`).size)} kB gzip  ${path.relative(outdir, full)}`,
    );
  }
  console.log(
    `first load (main.js with what it imports, app.css): ${kB(firstLoad(metafile)).trim()} kB gzip`,
  );
}

/** What every page pays: main.js, the chunks it imports statically, and app.css; bytes after gzip. */
function firstLoad(metafile) {
  const byName = new Map(Object.keys(metafile.outputs).map((file) => [path.basename(file), file]));
  const seen = new Set();
  const visit = (file) => {
    if (!file || seen.has(file)) return;
    seen.add(file);
    for (const item of metafile.outputs[file].imports) {
      if (item.kind === 'import-statement') visit(byName.get(path.basename(item.path)));
    }
  };
  visit(byName.get('main.js'));
  visit(byName.get('app.css'));
  return [...seen].reduce((sum, file) => sum + fs.statSync(path.resolve(`${file}.gz`)).size, 0);
}

copyAssets();
if (watch) {
  const context = await esbuild.context({ ...options, logLevel: 'info' });
  for (const name of fs.readdirSync(outdir)) if (name.endsWith('.gz')) fs.rmSync(path.join(outdir, name));
  fs.watch(path.join(here, 'assets'), { recursive: true }, copyAssets);
  await context.watch();
} else {
  const started = Date.now() - 1;
  const { metafile } = await esbuild.build(options);
  compress();
  prune(started);
  report(metafile);
}
