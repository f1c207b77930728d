import { err, ok, type Result } from "../../kernel/result.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { Container, LifecycleHandler, PodObject } from "../../kinds/generated/types.ts";
import type { NodeContext } from "../node-context.ts";
import { formatPod } from "../pod-helpers.ts";
import { execInContainer, httpErrorText, httpGet, httpRequestOf } from "../prober/probe.ts";
import { sleep, type Task } from "../task.ts";

const HTTP_TIMEOUT_US = secondsToUs(3_600);

/**
 * Runs a postStart or preStop hook to its end; the error is the waiting message of PostStartHookError.
 * Source: pkg/kubelet/lifecycle/handlers.go, Run.
 */
export function* runHook(context: NodeContext, pod: PodObject, container: Container, containerId: string, podIp: string, handler: LifecycleHandler): Task<Result<undefined, string>> {
  const where = `for Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(formatPod(pod))} failed - error: `;
  if (handler.exec !== undefined) {
    const argv = handler.exec.command ?? [];
    const answer = yield* execInContainer(context.runtime, containerId, argv);
    const head = `Exec lifecycle hook ([${argv.join(" ")}]) ${where}`;
    if (!answer.ok) return err(`${head}${answer.error}, message: ""`);
    const { code, output } = answer.value;
    return code === 0 ? ok(undefined) : err(`${head}command '${argv.join(" ")}' exited with ${code}: ${output}, message: ${JSON.stringify(output)}`);
  }
  if (handler.httpGet !== undefined) {
    const head = `HTTP lifecycle hook (${handler.httpGet.path ?? ""}) ${where}`;
    const request = httpRequestOf(handler.httpGet, container, podIp, "kube-lifecycle/1.33");
    if (!request.ok) return err(head + request.error);
    // Any answer will do, whatever its status.
    const answer = yield* httpGet(context.network.host, request.value, HTTP_TIMEOUT_US);
    return answer.ok ? ok(undefined) : err(`${head}Get ${JSON.stringify(request.value.url)}: ${httpErrorText(request.value.url, answer.error)}`);
  }
  if (handler.sleep !== undefined) {
    yield* sleep(context.clock, secondsToUs(handler.sleep.seconds), `kubelet ${context.node.name}: sleep hook of ${container.name}`);
    return ok(undefined);
  }
  return err("invalid handler: tcpSocket is not supported");
}
