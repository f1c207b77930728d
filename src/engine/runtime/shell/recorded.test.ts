import { describe, expect, test } from "vitest";
import { ContainerLab } from "../../testing/container-lab.ts";
import commands from "../commands/testdata/recorded-tools.json";
import scripts from "./testdata/recorded-scripts.json";

/**
 * What real shells and tools printed for the same scripts: exit code, standard output, standard error.
 * Recorded from BusyBox v1.35.0 (ash and its applets), dash 0.5.12 and bash 5.2.15 with GNU coreutils 9.1 (Debian 12).
 */
type Row = { readonly script: string; readonly ash?: unknown; readonly dash?: unknown; readonly bash?: unknown };

const SHELLS = [
  { dialect: "ash", image: "busybox:1.35", name: "sh" },
  { dialect: "dash", image: "debian:bookworm", name: "dash" },
  { dialect: "bash", image: "debian:bookworm", name: "bash" },
] as const;

const env = [{ name: "HOME", value: "/root" }, { name: "HOSTNAME", value: "web-0" }];

describe.each([{ title: "scripts", rows: scripts as readonly Row[] }, { title: "tools", rows: commands as readonly Row[] }])("recorded $title", ({ rows }) => {
  describe.each(SHELLS)("$dialect", ({ dialect, image, name }) => {
    const lab = new ContainerLab();
    test.each(rows.filter((row) => row[dialect] !== undefined).map((row) => [row.script, row[dialect]] as const))("%s", (script, recorded) => {
      const id = lab.start(image, { command: ["sleep", "infinity"], workingDir: "/work-dir/empty", env });
      const { code, stdout, stderr } = lab.exec(id, [name, "-c", script]);
      expect([code, stdout, stderr]).toEqual(recorded);
    });
  });
});
