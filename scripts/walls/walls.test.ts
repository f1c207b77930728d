import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, cpSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A little project beside the real one: the real rules, the real packages, and only the files of the breach. */
const house = mkdtempSync(join(tmpdir(), "kubarium-walls-"));
afterAll(() => rmSync(house, { recursive: true, force: true }));
symlinkSync(join(root, "node_modules"), join(house, "node_modules"));
for (const file of [".dependency-cruiser.mjs", ".oxlintrc.json", "tsconfig.json", "src/engine/tsconfig.json", "scripts/walls/engine-purity.mjs", "package.json"]) {
  mkdirSync(dirname(join(house, file)), { recursive: true });
  cpSync(join(root, file), join(house, file));
}

function withFiles(files: Readonly<Record<string, string>>, command: readonly string[]): { ok: boolean; output: string } {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), text);
  }
  try {
    return { ok: true, output: execFileSync(process.execPath, command, { cwd: house, encoding: "utf8", stdio: "pipe" }) };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { ok: false, output: `${stdout}${stderr}` };
  } finally {
    for (const path of Object.keys(files)) rmSync(join(house, path));
  }
}

const CRUISE = ["node_modules/dependency-cruiser/bin/dependency-cruise.mjs", "--config", ".dependency-cruiser.mjs", "src"];
const LINT = ["node_modules/oxlint/bin/oxlint", "src"];
const ENGINE_TYPES = ["node_modules/typescript-native/bin/tsc", "-p", "src/engine", "--pretty", "false"];
const VALUE = "export const value = 1;\n";

describe("imports go downwards only", () => {
  test.each([
    ["a controller imports the kubelet", "src/engine/controllers/a.ts", "src/engine/kubelet/b.ts", "../kubelet/b.ts", "walls of src/engine/controllers"],
    ["the store imports the API server", "src/engine/store/a.ts", "src/engine/apiserver/b.ts", "../apiserver/b.ts", "walls of src/engine/store"],
    ["the scheduler reads the store behind the API's back", "src/engine/scheduler/a.ts", "src/engine/store/b.ts", "../store/b.ts", "walls of src/engine/scheduler"],
    ["the network imports the cluster", "src/engine/network/a.ts", "src/engine/cluster/b.ts", "../cluster/b.ts", "walls of src/engine/network"],
    ["the page imports the engine", "src/ui/app/a.ts", "src/engine/index.ts", "../../engine/index.ts", "walls of src/ui"],
    ["the projection imports a controller", "src/projection/a.ts", "src/engine/controllers/b.ts", "../engine/controllers/b.ts", "walls of src/projection"],
    ["the worker goes past the engine's door", "src/bridge/worker/a.ts", "src/engine/store/b.ts", "../../engine/store/b.ts", "walls of src/bridge/worker"],
  ])("%s", (_, from, to, specifier, rule) => {
    const { ok, output } = withFiles({ [from]: `import { value } from "${specifier}";\nexport const other = value;\n`, [to]: VALUE }, CRUISE);
    expect(output).toContain(rule);
    expect(ok).toBe(false);
  });

  test.each([
    ["React outside of ui", "src/projection/a.ts", 'import { useState } from "react";\nexport const a = useState;\n', "React only in ui"],
    ["a Node module in the engine", "src/engine/store/a.ts", 'import { readFileSync } from "node:fs";\nexport const a = readFileSync;\n', "only pure packages in the engine"],
    ["an unlisted package in the engine", "src/engine/store/a.ts", 'import { create } from "zustand";\nexport const a = create;\n', "only pure packages in the engine"],
  ])("%s", (_, path, text, rule) => {
    const { ok, output } = withFiles({ [path]: text }, CRUISE);
    expect(output).toContain(rule);
    expect(ok).toBe(false);
  });

  test("a type may cross to the page, a circle may not be built", () => {
    const types = withFiles({ "src/ui/app/a.ts": 'import type { A } from "../../engine/store/b.ts";\nexport type B = A;\n', "src/engine/store/b.ts": "export type A = number;\n" }, CRUISE);
    expect(types.ok, types.output).toBe(true);
    const circle = withFiles({ "src/engine/store/a.ts": 'import { b } from "./b.ts";\nexport const a = () => b;\n', "src/engine/store/b.ts": 'import { a } from "./a.ts";\nexport const b = () => a;\n' }, CRUISE);
    expect(circle.output).toContain("no circles");
  });
});

describe("the engine is synchronous and seeded", () => {
  test.each([
    ["Date", "export const a = (): number => Date.now();"],
    ["Math.random", "export const a = (): number => Math.random();"],
    ["setTimeout", "export const a = (): unknown => setTimeout(a, 1);"],
    ["async", "export const a = async () => 1;"],
    ["Promise", "export const a = (): unknown => Promise.resolve(1);"],
    ["console", 'export const a = (): void => console.log("x");'],
    ["localeCompare", 'export const a = (b: string): number => b.localeCompare("x");'],
  ])("%s", (_, text) => {
    for (const room of ["src/engine/store", "src/projection"]) {
      const { ok, output } = withFiles({ [`${room}/a.ts`]: `${text}\n` }, LINT);
      expect(output).toContain("engine-purity");
      expect(ok).toBe(false);
    }
  });

  test.each([
    ["the DOM", "export const a = (): unknown => document.body;"],
    ["a Node type", "export const a = (b: Buffer): number => b.length;"],
  ])("its compiler does not know %s", (_, text) => {
    const { ok, output } = withFiles({ "src/engine/store/a.ts": `${text}\n` }, ENGINE_TYPES);
    expect(output).toMatch(/error TS\d+: Cannot find name/);
    expect(ok).toBe(false);
  });

  test("clean code passes all three", () => {
    const files = { "src/engine/store/a.ts": "/** One. */\nexport const one = 1;\n" };
    for (const command of [CRUISE, LINT, ENGINE_TYPES]) expect(withFiles(files, command)).toMatchObject({ ok: true });
  });
});

describe("lint keeps the habits", () => {
  test.each([
    ["any", "export const a = (b: any): unknown => b;", "no-explicit-any"],
    ["a default export", "const a = 1;\nexport default a;", "no-default-export"],
    ["a non-null assertion", "export const a = (b: string | undefined): string => b!;", "no-non-null-assertion"],
  ])("%s", (_, text, rule) => {
    const { ok, output } = withFiles({ "src/ui/app/a.ts": `${text}\n` }, LINT);
    expect(output).toContain(rule);
    expect(ok).toBe(false);
  });
});
