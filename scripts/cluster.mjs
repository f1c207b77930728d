// A headless cluster for real clients: installs what is missing, bundles src/bridge/http/main.ts into dist-node/ when the sources are newer, runs it.
// Usage: npm run cluster -- [--port 8001] [--nodes 3] … (--help tells all)
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ensurePackages } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = ["src/engine", "src/bridge/http", "scripts/data/k8s-1.33-fields.json", "scripts/cluster.mjs", "package-lock.json"];
const bundle = join(root, "dist-node/main.js");

/** Newest change under a path, in ms; tests do not count. @param {string} path @returns {number} */
function newest(path) {
  if (path.endsWith(".test.ts")) return 0;
  const stat = statSync(path);
  return stat.isDirectory() ? Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name)))) : stat.mtimeMs;
}

export function isFresh() {
  return existsSync(bundle) && Math.max(...SOURCES.map((source) => newest(join(root, source)))) <= statSync(bundle).mtimeMs;
}

export async function bundleCluster() {
  const { build } = await import("vite");
  // Beside the bundle first, then in its place at once: another cluster may be starting from it.
  const outDir = join(dirname(bundle), `build-${process.pid}`);
  try {
    await build({
      root,
      configFile: false,
      logLevel: "warn",
      ssr: { noExternal: true },
      build: { ssr: join(root, "src/bridge/http/main.ts"), outDir, copyPublicDir: false, emptyOutDir: true, target: "node20", rolldownOptions: { output: { entryFileNames: "main.js", codeSplitting: false } } },
    });
    renameSync(join(outDir, "main.js"), bundle);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const quit = () => process.exit(0);
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, quit);
  ensurePackages();
  if (!isFresh()) {
    console.error("Building the cluster …"); // not on stdout: that carries the one line that says where the cluster is
    await bundleCluster();
  }
  // In this process, not in a child: signals arrive where they are meant.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.off(signal, quit); // it has its own
  await import(pathToFileURL(bundle).href);
}
