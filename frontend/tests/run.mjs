// Builds one of the programs beside this file and runs it: node tests/run.mjs vectors.ts
import {dirname, join} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";
import {build} from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [name] = process.argv.slice(2);
const built = join(here, "../.built", name.replace(/\.ts$/, ".mjs"));
await build({
  absWorkingDir: here,
  entryPoints: [name],
  outfile: built,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  loader: {".txt": "text"},
  logLevel: "warning",
});
await import(pathToFileURL(built));
