import { KubectlError, StatusError } from "../client.ts";
import type { Command } from "../command.ts";
import { FILE_FLAGS, readManifests } from "../manifest-files.ts";
import { statusText } from "../print-error.ts";
import { pathOf, qualifiedName } from "../resources.ts";
import { fieldValidation } from "./apply.ts";
import type { AnyObject } from "../list-objects.ts";
import { sortKeys } from "../print/objects.ts";

/** Source: staging/src/k8s.io/kubectl/pkg/cmd/create/create.go. */
export const create: Command = {
  name: "create",
  summary: "Create a resource from a file or from stdin",
  usage: "create -f FILENAME [options]",
  flags: [...FILE_FLAGS, { name: "validate", type: "optional", bare: "strict" }],
  async run(context) {
    const { flags, io, client } = context;
    if (flags.args.length > 0) throw new KubectlError(`Unexpected args: [${flags.args.join(" ")}]\nSee 'kubectl create -h' for help and examples`);
    if (flags.list("filename").length === 0) throw new KubectlError("must specify one of -f and -k");
    const { objects, failures } = await readManifests(context);
    if (objects.length === 0 && failures.length === 0) throw new KubectlError("no objects passed to create");
    let exitCode = failures.length > 0 ? 1 : 0;
    for (const { resource, namespace, object, file } of objects) {
      try {
        const created = (await client.send("POST", pathOf(resource, namespace), { query: { fieldManager: "kubectl-create", fieldValidation: fieldValidation(context) }, body: sortKeys(object) })) as AnyObject;
        io.stdout(`${qualifiedName(resource)}/${created.metadata.name} created\n`);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        io.stderr(`${statusText(error.status, `error when creating ${JSON.stringify(file)}: `)}\n`);
        exitCode = 1;
      }
    }
    failures.forEach((failure) => io.stderr(objects.length === 0 && failures.length === 1 ? `error: ${failure.message}\n` : `${failure.message}\n`));
    return exitCode;
  },
};
