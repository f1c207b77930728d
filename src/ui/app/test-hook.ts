import type { ApiRequest, ApiResponse } from "../../engine/apimachinery/api.ts";
import type { ClusterOptions, Command } from "../../engine/cluster/contracts.ts";
import type { ClockAction } from "../../bridge/protocol/messages.ts";
import type { ApplyOutcome } from "../../bridge/kubectl/apply-text.ts";
import type { Session } from "../../bridge/session/session.ts";
import { useFiles } from "./files-store.ts";
import type { NodeRow, PodRow } from "../../projection/rows/rows.ts";

/** `window.kubarium`: what tests (and the curious in the console) can ask of the page. Pods that are drawn as cells have no element. */
export interface TestHook {
  phase(): string;
  pods(): readonly PodRow[];
  nodes(): readonly NodeRow[];
  nowMs(): number;
  request(request: ApiRequest): Promise<ApiResponse>;
  apply(manifest: string): Promise<readonly ApplyOutcome[]>;
  /** Replaces the text of the open file, as a paste over everything would. */
  edit(text: string): void;
  clock(action: ClockAction): void;
  stateHash(): Promise<string>;
  commandLog(): Promise<readonly Command[]>;
  /** Hash of a fresh cluster after these commands at that simulated time, computed in the worker. */
  replayHash(options: ClusterOptions, commands: readonly Command[], untilMs: number): Promise<string>;
  crash(message: string): void;
}

declare global {
  interface Window {
    kubarium?: TestHook;
  }
}

export function installTestHook(session: Session): void {
  window.kubarium = {
    phase: () => session.getState().phase,
    pods: () => session.rows.list("Pod"),
    nodes: () => session.rows.list("Node"),
    nowMs: () => session.rows.nowUs / 1_000,
    request: (request) => session.request(request),
    apply: async (manifest) => (await import("../../bridge/kubectl/apply-text.ts")).applyText(session, manifest, "manifest.yml"),
    edit: (text) => useFiles.getState().write(useFiles.getState().active, text),
    clock: (action) => session.clock(action),
    stateHash: () => session.call("state-hash", undefined),
    commandLog: () => session.call("command-log", undefined),
    replayHash: (options, commands, untilMs) => session.call("replay-hash", { options, commands, untilMs }),
    crash: (message) => session.crashOnPurpose(message),
  };
}
