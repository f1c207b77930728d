import type { Status } from "../apimachinery/api.ts";
import type { KubeObject } from "../apimachinery/object.ts";
import type { SimTimeUs } from "../kernel/time.ts";
import type { Result } from "../kernel/result.ts";

/** Query of `pods/log`. Source: pkg/apis/core/types.go, PodLogOptions. */
export interface PodLogOptions {
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** Simulated µs. */
  readonly sinceUs?: SimTimeUs;
  readonly limitBytes?: number;
}

/** Lines that keep coming. */
export interface LogFollow {
  /** Text with its newline, one line at a time. */
  listen(listener: { line(text: string): void; end(): void }): void;
  close(): void;
}

/** What `pods/log` answers: text so far and, when followed, what comes after it. */
export interface LogAnswer {
  readonly text: string;
  readonly follow?: LogFollow;
}

/** The API server's way to the kubelets; cluster/ supplies it. Texts of errors are the kubelet's. */
export interface NodeProxy {
  logs(node: string, pod: KubeObject, options: PodLogOptions): Result<LogAnswer, Status>;
}
