import { beforeAll, describe, expect, test } from "vitest";
import type { DeploymentObject } from "../../kinds/generated/types.ts";
import { Deployment } from "../../kinds/deployment.ts";
import { Pod } from "../../kinds/pod.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { startControlPlane } from "../../testing/control-plane.ts";
import { followDeployment } from "../../testing/watch-lines.ts";
import { REVISION, REVISION_HISTORY } from "./annotations.ts";

/** The course of a run recorded from Kubernetes v1.33.13: create, set image, undo, scale, pause, resume, a rollout that gets stuck, delete. */
const AVAILABLE = "Available=True(MinimumReplicasAvailable)";
const UNAVAILABLE = "Available=False(MinimumReplicasUnavailable)";
const CREATED = "Progressing=True(NewReplicaSetCreated)";
const UPDATED = "Progressing=True(ReplicaSetUpdated)";
const DONE = "Progressing=True(NewReplicaSetAvailable)";
const PAUSED = "Progressing=Unknown(DeploymentPaused)";
const RESUMED = "Progressing=Unknown(DeploymentResumed)";
const STUCK = "Progressing=False(ProgressDeadlineExceeded)";

const deployment = (image: string): DeploymentObject => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "default" },
  spec: { replicas: 3, selector: { matchLabels: { app: "web" } }, template: { metadata: { name: "", labels: { app: "web" } }, spec: { containers: [{ name: "c", image }] } } },
});

interface Phase {
  readonly lines: readonly string[];
  readonly scalings: readonly string[];
}

/** Other draws of latencies must not change what a user sees. */
describe.each([1, 2, 3])("seed %i", (seed) => {
  const plane = startControlPlane({ seed, kubelet: { staggerMs: 80, fateOf: (pod) => (pod.spec.containers[0]?.image?.endsWith("notready") ? "running" : "ready") } });
  const phases = new Map<string, Phase>();

  beforeAll(() => {
    const { api } = plane;
    api.runMs(1700);
    const { lines, scalings } = followDeployment(api);
    const phase = (name: string, act: () => void, runMs: number): void => {
      const [line, scaling] = [lines.length, scalings.length];
      act();
      api.runMs(runMs);
      const names = plane.list(ReplicaSet).toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name));
      const label = (text: string): string => names.reduce((all, rs) => all.replaceAll(rs.metadata.name, `(${rs.spec.template?.spec.containers[0]?.image})`), text);
      phases.set(name, { lines: lines.slice(line), scalings: scalings.slice(scaling).map(label) });
    };
    const change = (spec: object) => () => plane.patch(Deployment, "default/web", { spec });
    const image = (text: string) => change({ template: { spec: { containers: [{ name: "c", image: text }] } } });
    phase("create", () => void api.create(deployment("nginx:1.27")), 9500);
    phase("image", image("nginx:1.28"), 14_000);
    phase("undo", image("nginx:1.27"), 12_000);
    phase("scale", change({ replicas: 5 }), 5_000);
    phase("pause", change({ paused: true }), 1_000);
    phase("image while paused", image("nginx:1.29"), 2_000);
    phase("resume", change({ paused: null }), 16_000);
    phase("deadline", change({ progressDeadlineSeconds: 4 }), 100);
    phase("stuck", image("nginx:notready"), 10_000);
  });

  const linesOf = (name: string): readonly string[] => phases.get(name)?.lines ?? [];
  const scalingsOf = (name: string): readonly string[] => phases.get(name)?.scalings ?? [];

  describe("scaling events are those of the recording", () => {
    const up = (image: string, from: number, to: number): string => `Scaled up replica set (nginx:${image}) from ${from} to ${to}`;
    const down = (image: string, from: number, to: number): string => `Scaled down replica set (nginx:${image}) from ${from} to ${to}`;
    test.each<{ phase: string; events: string[] }>([
      { phase: "create", events: [up("1.27", 0, 3)] },
      { phase: "image", events: [up("1.28", 0, 1), down("1.27", 3, 2), up("1.28", 1, 2), down("1.27", 2, 1), up("1.28", 2, 3), down("1.27", 1, 0)] },
      { phase: "undo", events: [up("1.27", 0, 1), down("1.28", 3, 2), up("1.27", 1, 2), down("1.28", 2, 1), up("1.27", 2, 3), down("1.28", 1, 0)] },
      { phase: "scale", events: [up("1.27", 3, 5)] },
      { phase: "pause", events: [] },
      { phase: "image while paused", events: [] },
      {
        phase: "resume",
        events: [up("1.29", 0, 2), down("1.27", 5, 4), up("1.29", 2, 3), down("1.27", 4, 3), up("1.29", 3, 4), down("1.27", 3, 2), up("1.29", 4, 5), down("1.27", 2, 1), down("1.27", 1, 0)],
      },
      // The third event of this step falls to the spam filter: 25 about one object, then one in five minutes.
      { phase: "stuck", events: [up("notready", 0, 2), down("1.29", 5, 4)] },
    ])("$phase", ({ phase, events }) => {
      expect(scalingsOf(phase)).toEqual(events);
    });
  });

  describe("status and conditions are those of the recording", () => {
    test("create", () => {
      const lines = linesOf("create");
      expect(lines.slice(0, 4)).toEqual([
        "gen=1 observed=0 0/0/0/0 -0 ", `gen=1 observed=0 0/0/0/0 -0 ${CREATED}`, `gen=1 observed=1 0/0/0/0 -3 ${UNAVAILABLE} ${CREATED}`, `gen=1 observed=1 3/3/0/0 -3 ${UNAVAILABLE} ${UPDATED}`,
      ]);
      expect(lines.at(-1)).toBe(`gen=1 observed=1 3/3/3/3 -0 ${AVAILABLE} ${DONE}`);
    });

    test("image", () => {
      // Whether a status is written between an old pod's end and a new one's begin is a matter of milliseconds, in the recording too.
      expect(linesOf("image").filter((line) => !/ 3\/[12]\/3\/3 -1 /.test(line))).toEqual([
        `gen=2 observed=1 3/3/3/3 -0 ${AVAILABLE} ${DONE}`, `gen=2 observed=1 3/3/3/3 -0 ${AVAILABLE} ${CREATED}`, `gen=2 observed=2 3/0/3/3 -1 ${AVAILABLE} ${CREATED}`,
        `gen=2 observed=2 4/1/3/3 -1 ${AVAILABLE} ${UPDATED}`, `gen=2 observed=2 4/1/4/4 -0 ${AVAILABLE} ${UPDATED}`,
        `gen=2 observed=2 4/2/3/3 -1 ${AVAILABLE} ${UPDATED}`, `gen=2 observed=2 4/2/4/4 -0 ${AVAILABLE} ${UPDATED}`,
        `gen=2 observed=2 4/3/3/3 -1 ${AVAILABLE} ${UPDATED}`, `gen=2 observed=2 4/3/4/4 -0 ${AVAILABLE} ${UPDATED}`, `gen=2 observed=2 3/3/3/3 -0 ${AVAILABLE} ${DONE}`,
      ]);
    });

    test("undo", () => {
      expect(linesOf("undo").slice(0, 3)).toEqual([
        `gen=3 observed=2 3/3/3/3 -0 ${AVAILABLE} ${DONE}`, `gen=3 observed=3 3/0/3/3 -1 ${AVAILABLE} ${DONE}`, `gen=3 observed=3 4/1/3/3 -1 ${AVAILABLE} ${UPDATED}`,
      ]);
      expect(linesOf("undo").at(-1)).toBe(`gen=3 observed=3 3/3/3/3 -0 ${AVAILABLE} ${DONE}`);
    });

    test("scale", () => {
      expect(linesOf("scale")).toEqual([
        `gen=4 observed=3 3/3/3/3 -0 ${AVAILABLE} ${DONE}`, `gen=4 observed=4 3/3/3/3 -0 ${UNAVAILABLE} ${DONE}`, `gen=4 observed=4 3/3/3/3 -2 ${UNAVAILABLE} ${DONE}`,
        `gen=4 observed=4 5/5/3/3 -2 ${UNAVAILABLE} ${DONE}`, `gen=4 observed=4 5/5/4/4 -1 ${AVAILABLE} ${DONE}`, `gen=4 observed=4 5/5/5/5 -0 ${AVAILABLE} ${DONE}`,
      ]);
    });

    test("pause, image while paused, resume", () => {
      expect(linesOf("pause")).toEqual([`gen=5 observed=4 5/5/5/5 -0 ${AVAILABLE} ${DONE}`, `gen=5 observed=4 5/5/5/5 -0 ${AVAILABLE} ${PAUSED}`, `gen=5 observed=5 5/5/5/5 -0 ${AVAILABLE} ${PAUSED}`]);
      expect(linesOf("image while paused")).toEqual([`gen=6 observed=5 5/5/5/5 -0 ${AVAILABLE} ${PAUSED}`, `gen=6 observed=6 5/0/5/5 -0 ${AVAILABLE} ${PAUSED}`]);
      expect(linesOf("resume").slice(0, 2)).toEqual([`gen=7 observed=6 5/0/5/5 -0 ${AVAILABLE} ${PAUSED}`, `gen=7 observed=6 5/0/5/5 -0 ${AVAILABLE} ${RESUMED}`]);
      expect(linesOf("resume").at(-1)).toBe(`gen=7 observed=7 5/5/5/5 -0 ${AVAILABLE} ${DONE}`);
    });

    test("a stuck rollout runs into its deadline", () => {
      expect(linesOf("deadline")).toEqual([`gen=8 observed=7 5/5/5/5 -0 ${AVAILABLE} ${DONE}`, `gen=8 observed=8 5/5/5/5 -0 ${AVAILABLE} ${DONE}`]);
      const lines = linesOf("stuck");
      expect(lines.slice(0, 2)).toEqual([`gen=9 observed=8 5/5/5/5 -0 ${AVAILABLE} ${DONE}`, `gen=9 observed=8 5/5/5/5 -0 ${AVAILABLE} ${CREATED}`]);
      expect(lines.slice(-2)).toEqual([`gen=9 observed=9 7/3/4/4 -3 ${AVAILABLE} ${UPDATED}`, `gen=9 observed=9 7/3/4/4 -3 ${AVAILABLE} ${STUCK}`]);
    });
  });

  describe("what is left at the end", () => {
    test("each replica set knows its revision, and the ones it had", () => {
      const revisions = plane.list(ReplicaSet).map(({ metadata, spec }) => [spec.template?.spec.containers[0]?.image, metadata.annotations?.[REVISION], metadata.annotations?.[REVISION_HISTORY]]);
      expect(new Set(revisions.map((row) => row.join()))).toEqual(new Set(["nginx:1.27,3,1", "nginx:1.28,2,", "nginx:1.29,4,", "nginx:notready,5,"]));
      expect(plane.get(Deployment, "default/web")?.metadata.annotations?.[REVISION]).toBe("5");
    });

    test("deleting the deployment takes its replica sets and pods along", () => {
      plane.remove(Deployment, "default/web", { propagationPolicy: "Background" });
      plane.api.runMs(10_000);
      expect([plane.list(ReplicaSet, "default"), plane.list(Pod, "default")]).toEqual([[], []]);
    });
  });
});
