import type { NetNamespace, SocketOwner } from "../../network/contracts.ts";
import type { Program } from "../process/program.ts";
import type { Process } from "../process/process.ts";
import { alpineFiles, alpineLayer, ALPINE_LATEST } from "./bases/alpine.ts";
import { distrolessFiles, distrolessLayers } from "./bases/distroless.ts";
import type { ImageDefinition } from "./image-definition.ts";

/** A part of the cluster that runs as a container: the engine's own code stands behind it. */
export interface ComponentBehaviour {
  readonly kind: "component";
  /** Runs when the container starts. What it returns is called once, when the process is told to end or is killed. */
  readonly start: (process: ComponentProcess) => ComponentStop;
  /** Compressed; 30 MB when left out. */
  readonly imageBytes?: number;
  /** Resident memory; 40 MiB when left out. */
  readonly memoryBytes?: number;
  /** Exit code after SIGTERM; 0. */
  readonly terminationExitCode?: number;
  /** From SIGTERM to the end; 50 ms. */
  readonly terminationUs?: number;
  /** More names of the executable, absolute: "/opt/bin/flanneld". "/usr/local/bin/<name>" and "/<name>" are always there. */
  readonly binaries?: readonly string[];
  /** "alpine" gives the image a shell and tools (flannel has one); else there is nothing but the binary. */
  readonly base?: "distroless" | "alpine";
  readonly stopSignal?: string;
  readonly exposedPorts?: readonly number[];
}

export type ComponentStop = (signal: "SIGTERM" | "SIGKILL") => void;

/** What a component sees of the process that it plays. */
export interface ComponentProcess {
  readonly nodeName: string;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly containerName: string;
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly netns: NetNamespace;
  /** For the sockets that it opens. */
  readonly owner: SocketOwner;
  /** One line of output. */
  log(line: string, stream?: "stdout" | "stderr"): void;
  /** A file of the container, with what is mounted; undefined when it cannot be read. */
  readFile(path: string): string | undefined;
  /** Ends by itself: a crash, or work done. `stop` is not called then. */
  exit(code: number): void;
  /** Something to give back at the end, whatever the reason: a listener, a timer. */
  hold(release: () => void): void;
}


/** The image around a component. Any tag will do: the cluster asks for its own version. */
export function componentImage(repository: string, behaviour: ComponentBehaviour): ImageDefinition {
  const name = repository.slice(repository.lastIndexOf("/") + 1);
  const programName = `component ${repository}`;
  const bytes = behaviour.imageBytes ?? 30_000_000;
  return {
    repositories: [repository],
    programs: [componentProgram(programName, behaviour)],
    variant: (tag) => ({
      version: tag,
      layers: [...(behaviour.base === "alpine" ? [alpineLayer(ALPINE_LATEST)] : distrolessLayers), { name: `${repository}:${tag}`, bytes }],
      entrypoint: [`/usr/local/bin/${name}`],
      ...(behaviour.stopSignal === undefined ? {} : { stopSignal: behaviour.stopSignal }),
      exposedPorts: behaviour.exposedPorts ?? [],
      files: () => {
        const files = behaviour.base === "alpine" ? alpineFiles(ALPINE_LATEST) : distrolessFiles();
        for (const path of [`/usr/local/bin/${name}`, `/${name}`, ...(behaviour.binaries ?? [])]) files.binary(path.slice(1), programName, "plain", tag);
        return files.build();
      },
    }),
  };
}

function componentProgram(name: string, behaviour: ComponentBehaviour): Program {
  return {
    name,
    memoryBytes: behaviour.memoryBytes ?? 40 << 20,
    *run(process) {
      let stop: ComponentStop | undefined;
      process.hold(() => stop?.("SIGKILL"));
      const started = behaviour.start(viewOf(process, () => (stop = undefined)));
      if (process.state === "exited") {
        yield* process.stopIfDead();
      }
      stop = started;
      const end = (): void => {
        const ending = stop;
        stop = undefined;
        if (ending === undefined) return;
        ending("SIGTERM");
        process.after(behaviour.terminationUs ?? 50_000, `${name} ends`, () => process.exit(behaviour.terminationExitCode ?? 0));
      };
      process.onSignal("TERM", end);
      process.onSignal("INT", end);
      for (;;) yield* process.pause();
    },
  };
}

function viewOf(process: Process, forget: () => void): ComponentProcess {
  const { world } = process;
  return {
    nodeName: world.nodeName,
    pod: world.pod,
    containerName: world.containerName,
    argv: process.argv,
    env: process.env,
    netns: world.netns,
    owner: { ...process.owner, process: process.name.slice(process.name.lastIndexOf("/") + 1) },
    log: (line, stream = "stderr") => void process.files[stream === "stdout" ? 1 : 2]?.write(`${line}\n`),
    readFile: (path) => {
      const text = world.fs.readText(path, process.credentials);
      return text.ok ? text.value : undefined;
    },
    exit: (code) => {
      forget();
      process.exit(code);
    },
    hold: (release) => void process.hold(release),
  };
}
