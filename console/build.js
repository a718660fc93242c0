// Builds the console into dist/console, if its sources are not those of the last build. Plain JavaScript, because an old
// Node reads it too: there `npm start` says what is missing, and this stays silent.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const HERE = import.meta.dirname;
const OUT = join(HERE, '../dist/console');
/** Says which sources the build is of. */
const STAMP = 'sources.sha256';
/** What is built in: other versions make another program. */
const LIBRARIES = ['@preact/signals', 'eventsource-parser', 'highlight.js', 'marked', 'preact', 'vite'];

/** @returns {string} what stands for all that the build is made from */
function hashOfSources() {
  const hash = createHash('sha256');
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(HERE, '../package.json'), 'utf8'));
  for (const library of LIBRARIES) hash.update(`${library} ${devDependencies[library] ?? dependencies[library]}\n`);
  const files = readdirSync(HERE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  for (const path of paths) hash.update(`${path.slice(HERE.length)}\n`).update(readFileSync(path));
  return hash.digest('hex');
}

/** @param {string} hash */
function isBuilt(hash) {
  const stamp = join(OUT, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
}

/** Another folder first: a gateway that starts meanwhile finds the old files or the new ones. @param {string} hash */
async function buildAll(hash) {
  // Tests build it too, and theirs would be another program: that of a developer.
  process.env['NODE_ENV'] = 'production';
  const { build } = await import('vite');
  const made = `${OUT}.${process.pid}`;
  try {
    await build({ configFile: join(HERE, 'vite.config.ts'), build: { outDir: made, emptyOutDir: true } });
    await compressAll(made);
    writeFileSync(join(made, STAMP), hash);
    mkdirSync(join(OUT, '..'), { recursive: true });
    rmSync(OUT, { recursive: true, force: true });
    renameSync(made, OUT);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** So that nothing is compressed while the gateway runs. @param {string} folder */
async function compressAll(folder) {
  const squeeze = promisify(brotliCompress);
  const zip = promisify(gzip);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name !== 'manifest.json',
  );
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    const bytes = readFileSync(path);
    writeFileSync(`${path}.gz`, await zip(bytes, { level: 9 }));
    writeFileSync(`${path}.br`, await squeeze(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}

const isStart = process.argv.includes('--before-start');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isOldNode = major < 22 || (major === 22 && minor < 19);
const hash = isOldNode ? '' : hashOfSources();
if (!isOldNode && !isBuilt(hash)) {
  try {
    await buildAll(hash);
  } catch (error) {
    const isMissing = /** @type {{ code?: string }} */ (error).code === 'ERR_MODULE_NOT_FOUND';
    const why = isMissing ? 'its build needs the development dependencies (npm ci)' : reasonOf(error);
    process.stderr.write(`The console is not built: ${why}. The API does not need it.\n`);
    // Without Vite nothing else can be wrong with it; and a gateway starts without its console.
    if (!isMissing && !isStart) process.exitCode = 1;
  }
}
