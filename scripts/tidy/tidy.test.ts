import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findProblems, type SourceFile } from "./rules.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What git knows or would add: no build output, nothing ignored. */
function projectFiles(): SourceFile[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  return listed
    .split("\n")
    .filter((path) => /\.(tsx?|mjs|md|json|html|css|yml|yaml)$|^\.ci\//.test(path) && path !== "package-lock.json" && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

const files = projectFiles();

test("the house is tidy", () => {
  expect(findProblems(files)).toEqual([]);
});

describe("generated files are fresh", () => {
  test.each(["generate-types", "generate-schema", "differences"])("scripts/%s.mjs --check", (name) => {
    execFileSync(process.execPath, [join(root, `scripts/${name}.mjs`), "--check"], { cwd: root, stdio: "pipe" });
  });
});

describe("every room has a README of at most 40 lines", () => {
  const rooms = [
    ...readdirSync(join(root, "src/engine"), { withFileTypes: true }).filter((e) => e.isDirectory() && e.name !== "testing").map((e) => `src/engine/${e.name}`),
    ...["protocol", "worker", "session", "kubectl", "http"].map((name) => `src/bridge/${name}`),
    ...readdirSync(join(root, "src/ui"), { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => `src/ui/${e.name}`),
    "src/projection",
  ];
  test.each(rooms)("%s", (room) => {
    const lines = readFileSync(join(root, room, "README.md"), "utf8").trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines[1]).toMatch(/^Owns: /);
  });
});

describe("each rule catches its breach", () => {
  const long = Array.from({ length: 501 }, (_, i) => `export const a${i} = ${i};`).join("\n");
  test.each([
    ["a file over 500 lines", "src/engine/store/x.ts", long, /501 lines/],
    ["a skipped test", "src/engine/store/x.test.ts", `test.${"skip"}("x", () => {});`, /skipped or focused/],
    ["a focused test", "src/engine/store/x.test.ts", `it.${"only"}("x", () => {});`, /skipped or focused/],
    ["a test that asserts nothing", "src/engine/store/x.test.ts", `expect(${"true"}).toBe(true);`, /asserts nothing/],
    ["a controller without its source", "src/engine/controllers/zz/reconcile.ts", "export const x = 1;", /Source:/],
    ["a scheduler plugin without its source", "src/engine/scheduler/plugins/zz.ts", "export const x = 1;", /Source:/],
    ["a kind without its source", "src/engine/kinds/zz.ts", 'export const Zz = defineKind({ kind: "Zz" });', /Source:/],
    ["a kind that is not registered", "src/engine/kinds/zz.ts", "/** Source: a/b.go. */\nexport const Zz = defineKind<ZzObject>({});", /registry/],
    ["a barrel", "src/engine/store/x.ts", `export ${"*"} from "./y.ts";`, /export \*/],
  ])("%s", (_, path, text, problem) => {
    expect(findProblems([...files, { path, text }]).join("\n")).toMatch(problem);
  });
});
