import { KubectlError } from "../client.ts";
import type { Command } from "../command.ts";
import { getObject } from "../list-objects.ts";
import { findResource, resolveTargets } from "../resources.ts";

interface PodLike {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly { readonly name: string }[]; readonly initContainers?: readonly { readonly name: string }[] };
  readonly status?: { readonly phase?: string };
}

/** Source: staging/src/k8s.io/kubectl/pkg/cmd/exec/exec.go. */
export const exec: Command = {
  name: "exec",
  summary: "Execute a command in a container",
  usage: "exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
  flags: [
    { name: "container", short: "c", type: "string" },
    { name: "stdin", short: "i", type: "bool" },
    { name: "tty", short: "t", type: "bool" },
    { name: "quiet", short: "q", type: "bool" },
  ],
  async run(context) {
    const { flags, io, namespace } = context;
    const [name, ...legacy] = flags.args;
    const argv = flags.rest ?? legacy;
    if (name === undefined) throw new KubectlError("pod, type/name or --filename must be specified");
    if (argv.length === 0) throw new KubectlError("you must specify at least one command for the container");
    if (flags.rest === undefined) throw new KubectlError("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kubectl exec -h' for help and examples");
    const resources = await context.resources();
    const [target] = name.includes("/") ? resolveTargets(resources, [name]) : [{ resource: findResource(resources, "pods"), name }];
    if (target === undefined || target.resource.plural !== "pods") throw new KubectlError("this terminal runs commands in pods only; name one as POD or pod/NAME");
    const pod = (await getObject(context, target.resource, namespace, target.name ?? "")) as unknown as PodLike;
    if (pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") throw new KubectlError(`cannot exec into a container in a completed pod; current phase is ${pod.status.phase}`);
    const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map((container) => container.name);
    const wanted = flags.text("container") ?? pod.metadata.annotations?.["kubectl.kubernetes.io/default-container"] ?? pod.spec.containers[0]?.name ?? "";
    if (!all.includes(wanted)) throw new KubectlError(`container ${wanted} not found in pod ${pod.metadata.name}`);
    if (!flags.has("container") && all.length > 1 && !flags.bool("quiet")) io.stderr(`Defaulted container "${wanted}" out of: ${all.join(", ")}\n`);
    const run = io.exec;
    if (run === undefined) throw new KubectlError("this connection has no way into containers");
    return new Promise<number>((resolve) => {
      const isInteractive = flags.bool("stdin");
      const session = run(
        { pod: `${pod.metadata.namespace ?? namespace}/${pod.metadata.name}`, container: wanted, argv, tty: flags.bool("tty"), stdin: isInteractive },
        {
          stdout: (text) => io.stdout(text),
          stderr: (text) => io.stderr(text),
          exit: (code) => {
            if (code !== 0) io.stderr(`command terminated with exit code ${code}\n`);
            resolve(code);
          },
        },
      );
      if (isInteractive) io.input?.onData((text) => session.write(text));
      io.signal.addEventListener("abort", () => {
        session.kill();
        resolve(130);
      }, { once: true });
    });
  },
};
