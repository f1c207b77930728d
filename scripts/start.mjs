// Serves the app: installs what is missing, builds when the sources are newer than the build, prints the URL.
// Usage: npm start [-- --port 4173]
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePackages } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = ["src", "public", "index.html", "vite.config.ts", "package-lock.json"];

/** Newest change under a path, in ms. @param {string} path @returns {number} */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  return stat.isDirectory() ? Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name)))) : stat.mtimeMs;
}

const args = process.argv.slice(2);
const portFlag = args.indexOf("--port");
const port = portFlag === -1 ? 4173 : Number(args[portFlag + 1]);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error("npm start -- --port N: N is a port number from 0 (any free one) to 65535.");
  process.exit(2);
}

ensurePackages();
const { build, preview } = await import("vite");
const built = join(root, "dist/index.html");
if (!existsSync(built) || Math.max(...SOURCES.map((source) => newest(join(root, source)))) > statSync(built).mtimeMs) {
  console.log("Building the app …");
  await build({ root, logLevel: "warn" });
}
const server = await preview({ root, preview: { port, host: "127.0.0.1", strictPort: portFlag !== -1 } }).catch((error) => {
  console.error(`Cannot serve the app: ${error.message}. Choose another port with: npm start -- --port 4174`);
  process.exit(1);
});
console.log(`Kubarium is at ${server.resolvedUrls?.local[0] ?? `http://127.0.0.1:${port}/`}  (Ctrl-C ends it)`);
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => process.exit(0));
