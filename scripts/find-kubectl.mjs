// A real kubectl for the conformance tests: the environment's KUBECTL, the PATH, or, as root on a Debian, apt's kubernetes-client.
// Usage: node scripts/find-kubectl.mjs     (prints its path; installs it where there is none)
import { execFileSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The kubectl that is there, or undefined. Throws when KUBECTL names a file that is not. @param {NodeJS.ProcessEnv} [env] */
export function findKubectl(env = process.env) {
  const named = env["KUBECTL"];
  if (named) {
    if (!isExecutable(named)) throw new Error(`KUBECTL=${named} is no executable file`);
    return named;
  }
  const name = process.platform === "win32" ? "kubectl.exe" : "kubectl";
  return (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "").map((folder) => join(folder, name)).find(isExecutable);
}

/** The same, installing one if need be. @param {NodeJS.ProcessEnv} [env] */
export function ensureKubectl(env = process.env) {
  const found = findKubectl(env);
  if (found !== undefined) return found;
  const problems = [];
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "kubernetes-client"]]) {
    try {
      execFileSync("apt-get", args, { stdio: ["ignore", 2, 2], timeout: 300_000, env: { ...env, DEBIAN_FRONTEND: "noninteractive" } });
    } catch (error) {
      problems.push(`apt-get ${args[0]}: ${/** @type {Error} */ (error).message}`);
    }
  }
  const installed = findKubectl(env);
  if (installed === undefined) throw new Error(`There is no kubectl, and none could be installed (${problems.join("; ")}). Install one (https://kubernetes.io/docs/tasks/tools/), or set KUBECTL=/path/to/kubectl.`);
  return installed;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(ensureKubectl());
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exit(1);
  }
}
