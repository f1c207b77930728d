import type { Command } from "../command.ts";
import { alignColumns } from "../print/table.ts";
import { groupVersionOf } from "../resources.ts";

/** Source: staging/src/k8s.io/kubectl/pkg/cmd/apiresources/apiresources.go. */
export const apiResources: Command = {
  name: "api-resources",
  summary: "Print the supported API resources on the server",
  usage: "api-resources [options]",
  flags: [
    { name: "output", short: "o", type: "string" },
    { name: "namespaced", type: "bool" },
    { name: "api-group", type: "string" },
    { name: "verbs", type: "string" },
    { name: "no-headers", type: "bool" },
  ],
  async run({ resources, flags, io }) {
    const verbs = flags.text("verbs")?.split(",") ?? [];
    const wanted = (await resources())
      .filter((r) => (!flags.has("namespaced") || r.namespaced === flags.bool("namespaced")) && (!flags.has("api-group") || r.group === flags.text("api-group")) && verbs.every((verb) => r.verbs.includes(verb)))
      .toSorted((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : a.plural < b.plural ? -1 : a.plural > b.plural ? 1 : 0));
    if (flags.text("output") === "name") {
      io.stdout(wanted.map((r) => `${r.group === "" ? r.plural : `${r.plural}.${r.group}`}\n`).join(""));
      return 0;
    }
    const isWide = flags.text("output") === "wide";
    const header = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", ...(isWide ? ["VERBS", "CATEGORIES"] : [])];
    const rows = wanted.map((r) => [r.plural, r.shortNames.join(","), groupVersionOf(r), String(r.namespaced), r.kind, ...(isWide ? [r.verbs.join(","), r.categories.join(",")] : [])]);
    io.stdout(alignColumns(flags.bool("no-headers") ? rows : [header, ...rows]));
    return 0;
  },
};
