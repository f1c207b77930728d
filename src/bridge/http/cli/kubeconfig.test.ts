import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kubeconfigText, writeKubeconfig } from "./kubeconfig.ts";

const URL = "http://127.0.0.1:8001";
let folder: string;
let temporaryBefore: string | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kubarium-kubeconfig-"));
  temporaryBefore = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
});
afterEach(() => {
  if (temporaryBefore === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = temporaryBefore;
  rmSync(folder, { recursive: true, force: true });
});

function written(wanted: string | undefined): { path: string; remove(): void } {
  const result = writeKubeconfig(URL, 8001, wanted, folder);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}
const refused = (wanted: string): string => {
  const result = writeKubeconfig(URL, 8001, wanted, folder);
  return result.ok ? "written" : result.error;
};

test("a client reads one context, kubarium, without credentials", () => {
  const config = new KubeConfig();
  config.loadFromString(kubeconfigText(URL));
  expect([config.getCurrentContext(), config.getCurrentCluster()?.server, config.getCurrentUser()?.token]).toEqual(["kubarium", URL, undefined]);
});

test("by default a file in a directory of our own that nobody else reads, gone at the end", () => {
  const { path, remove } = written(undefined);
  expect(path.startsWith(join(folder, "kubarium-")) && path.endsWith("/8001.kubeconfig")).toBe(true);
  expect([statSync(path).mode & 0o777, statSync(join(path, "..")).mode & 0o777]).toEqual([0o600, 0o700]);
  remove();
  expect(existsSync(path)).toBe(false);
});

test("a file that the user names, relative to where they stand; it stays", () => {
  const { path, remove } = written("mine.yaml");
  remove();
  expect([path, existsSync(path), readdirSync(folder)]).toEqual([join(folder, "mine.yaml"), true, ["mine.yaml"]]);
});

test("our own file is written over, and so is an empty one", () => {
  written("mine.yaml");
  written("mine.yaml");
  writeFileSync(join(folder, "empty"), "");
  written("empty");
  expect(readFileSync(join(folder, "empty"), "utf8")).toBe(kubeconfigText(URL));
});

test("nobody else's file is touched", () => {
  const path = join(folder, "config");
  writeFileSync(path, "apiVersion: v1\n");
  expect(refused("config")).toBe(`${path} was not written by Kubarium and is left alone; choose another file with --kubeconfig`);
  expect(readFileSync(path, "utf8")).toBe("apiVersion: v1\n");
});

const REWRITTEN = `apiVersion: v1
clusters:
- cluster:
    server: http://127.0.0.1:8001
  name: kubarium
contexts:
- context:
    cluster: kubarium
    namespace: demo
    user: kubarium
  name: kubarium
current-context: kubarium
kind: Config
users:
- name: kubarium
  user: {}
`;

test.each([
  ["as kubectl config set-context leaves it", REWRITTEN, "written"],
  ["with a second cluster", REWRITTEN.replace("contexts:", "- cluster: {}\n  name: work\ncontexts:"), "refused"],
  ["with another context", REWRITTEN.replace("  name: kubarium\ncurrent", "  name: work\ncurrent"), "refused"],
  ["with a credential", REWRITTEN.replace("user: {}", "user: {token: a}"), "refused"],
  ["no YAML", "a: [", "refused"],
  ["a list", "- a", "refused"],
])("our file %s", (_, text, expected) => {
  writeFileSync(join(folder, "mine.yaml"), text);
  expect(refused("mine.yaml") === "written" ? "written" : "refused").toBe(expected);
  expect(readFileSync(join(folder, "mine.yaml"), "utf8")).toBe(expected === "written" ? kubeconfigText(URL) : text);
});

test.each([
  ["a directory", "sub", (path: string) => `${path} is a directory; choose another file with --kubeconfig`],
  ["a directory that is not there", "no/config", (path: string) => `cannot write the kubeconfig ${path}: its directory does not exist; choose another file with --kubeconfig`],
  ["a path through a file", "file/config", (path: string) => `cannot write the kubeconfig ${path}: a part of its path is no directory; choose another file with --kubeconfig`],
])("%s", (_, wanted, sentence) => {
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "file"), "");
  expect(refused(wanted)).toBe(sentence(join(folder, wanted)));
  expect(readdirSync(folder).toSorted()).toEqual(["file", "sub"]);
});

test("a directory of our name that belongs to somebody else is not used", () => {
  const { path } = written(undefined);
  rmSync(join(path, ".."), { recursive: true });
  writeFileSync(join(path, ".."), "in the way");
  const result = writeKubeconfig(URL, 8001, undefined, folder);
  expect(result.ok).toBe(false);
});
