// Builds the engine as a library: dist-engine/index.js (plain ESM, no bundler needed, Node 20 or newer) with its types beside it.
// Usage: node scripts/build-engine.mjs [--try]     (--try also boots a cluster from the built file and prints one line)
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = join(root, "dist-engine");
const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;

rmSync(out, { recursive: true, force: true });
await build({
  root,
  configFile: false,
  logLevel: "warn",
  publicDir: false,
  ssr: { noExternal: true },
  build: { ssr: join(root, "src/engine/index.ts"), outDir: out, target: "es2023", minify: false, emptyOutDir: true, rolldownOptions: { output: { entryFileNames: "index.js" } } },
});
mkdirSync(join(out, "types"), { recursive: true });
execFileSync(
  process.execPath,
  ["node_modules/typescript-native/bin/tsc", "-p", "src/engine", "--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--rootDir", "src/engine", "--outDir", join(out, "types")],
  { cwd: root, stdio: "inherit" },
);
rewriteExtensions(join(out, "types"));
writeFileSync(
  join(out, "package.json"),
  `${JSON.stringify({ name: "@kubarium/engine", version, type: "module", license: "Apache-2.0", exports: { ".": { types: "./types/index.d.ts", default: "./index.js" } } }, null, 2)}\n`,
);
cpSync(join(root, "LICENSE"), join(out, "LICENSE"));

if (process.argv.includes("--try")) {
  const { createCluster } = await import(pathToFileURL(join(out, "index.js")).href);
  const cluster = createCluster({ seed: 1, nodes: 1 });
  const ready = cluster.runUntil(() => cluster.ready(), { limitMs: 600_000 });
  const { status } = cluster.request({ method: "GET", path: "/api/v1/nodes" });
  if (!ready || status !== 200) throw new Error(`The built engine does not boot: ready ${ready}, GET nodes ${status}`);
  execFileSync(process.execPath, [join(root, "node_modules/typescript-native/bin/tsc"), "--ignoreConfig", "--noEmit", "--strict", "--skipLibCheck", "false", "--module", "nodenext", "--target", "es2023", "--types", "", join(out, "types/index.d.ts")], { cwd: out, stdio: "inherit" });
  console.log(`dist-engine works: a two-node cluster was ready after ${Math.round(cluster.now() / 1000)} simulated seconds`);
}

/** Declarations name their neighbours by the source's extension; readers look for .js. @param {string} folder */
function rewriteExtensions(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) rewriteExtensions(path);
    else writeFileSync(path, readFileSync(path, "utf8").replaceAll(/(from |import\()"(\.[^"]*)\.ts"/g, '$1"$2.js"'));
  }
}
