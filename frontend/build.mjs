// Builds the scripts of the sealed plan into the pages' static files. Twice gives the same bytes, as its last line shows.
import {createHash} from "node:crypto";
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {dirname, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";
import {gzipSync} from "node:zlib";
import {build} from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const into = resolve(process.argv[2] ?? join(here, "../src/nightlight/web/static/sealed"));

rmSync(into, {recursive: true, force: true});
mkdirSync(into, {recursive: true});
await build({
  absWorkingDir: here,
  entryPoints: readdirSync(join(here, "src/pages")).sort().map((name) => `src/pages/${name}`),
  outdir: into,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  chunkNames: "part-[hash]",
  loader: {".txt": "text"},
  logLevel: "warning",
});

// What a service worker keeps for a night without a network, and under which name.
const names = readdirSync(into).sort();
const version = createHash("sha256");
for (const name of names) version.update(name).update(readFileSync(join(into, name)));
const digest = version.digest("hex");
writeFileSync(
  join(into, "files.json"),
  JSON.stringify({version: digest.slice(0, 16), files: names.map((name) => `sealed/${name}`)}) + "\n",
);

// WhiteNoise sends these to whoever takes them. A gzip header of node's holds no time.
const packed = names.map((name) => {
  const whole = readFileSync(join(into, name)), small = gzipSync(whole, {level: 9});
  if (small.length >= whole.length) return whole.length;
  writeFileSync(join(into, `${name}.gz`), small);
  return small.length;
});
console.log(`${names.length} files, ${packed.reduce((sum, size) => sum + size, 0)} bytes compressed, sha256 ${digest}`);
