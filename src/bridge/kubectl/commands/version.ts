import type { Command } from "../command.ts";

/** Source: staging/src/k8s.io/kubectl/pkg/cmd/version/version.go. Differs: the client names itself after the cluster's version. */
export const version: Command = {
  name: "version",
  summary: "Print the client and server version information",
  usage: "version [--client] [options]",
  flags: [{ name: "client", type: "bool" }],
  async run({ client, flags, io }) {
    const server = (await client.send("GET", "/version")) as { gitVersion: string };
    io.stdout(`Client Version: ${server.gitVersion}\nKustomize Version: v5.6.0\n`);
    if (!flags.bool("client")) io.stdout(`Server Version: ${server.gitVersion}\n`);
    return 0;
  },
};
