import type { SimTimeUs } from "./time.ts";

/**
 * One step that a component took, for the stage and for "why?": finer than Kubernetes Events, and never read back by the engine.
 * A step that takes time is written twice, with `phase` "begin" and "end"; a step that is over at once has `phase` "instant".
 */
export interface JournalEntry {
  readonly atUs: SimTimeUs;
  readonly causeId: number;
  /** Who: "kube-apiserver", "kube-scheduler", "deployment-controller", "kubelet/node-1", "cni/node-1", "kube-proxy/node-1", "containerd/node-1". */
  readonly component: string;
  /** What: kebab-case, for example "api-request", "watch-delivery", "filter", "bind", "run-sandbox", "cni-add", "pull-image", "start-container", "proxy-sync". */
  readonly step: string;
  readonly phase: "begin" | "end" | "instant" | "progress";
  /** The object it is about: "pod/default/web", "node/node-1". */
  readonly subject: string;
  readonly uid?: string;
  readonly node?: string;
  /** Small facts to show: image, bytes, ip, revision, verdict. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** Where components write their steps. With nobody listening, `enabled` is false and writing costs one comparison. */
export interface Journal {
  readonly enabled: boolean;
  write(entry: Omit<JournalEntry, "atUs" | "causeId">): void;
}
