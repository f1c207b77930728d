import type { Cancel } from "../../kernel/clock.ts";
import { secondsToUs } from "../../kernel/time.ts";
import { Lease } from "../../kinds/lease.ts";
import type { LeaseObject, NodeObject } from "../../kinds/generated/types.ts";
import type { NodeContext } from "../node-context.ts";

const NAMESPACE = "kube-node-lease";
const DURATION_SECONDS = 40;
const RENEW_US = secondsToUs(DURATION_SECONDS * 0.25);
const JITTER = 0.04;

/** The node's sign of life. Source: staging/src/k8s.io/component-helpers/apimachinery/lease/controller.go; pkg/kubelet/util/nodelease.go. */
export class NodeLease {
  private lease: LeaseObject | undefined;
  private cancel: Cancel | undefined;
  private isBusy = false;
  private isStopped = false;

  constructor(private readonly context: NodeContext, private readonly node: NodeObject) {}

  start(): void {
    const { clock, rng } = this.context;
    this.renew();
    this.cancel = clock.every(RENEW_US, `kubelet ${this.context.node.name}: renew lease`, () => this.renew(), RENEW_US * (1 + JITTER * rng.unit()));
  }

  stop(): void {
    this.isStopped = true;
    this.cancel?.();
  }

  private renew(): void {
    if (this.isBusy || this.isStopped) return;
    this.isBusy = true;
    if (this.lease === undefined) this.ensure();
    else this.update(this.lease);
  }

  private update(lease: LeaseObject): void {
    this.context.api.update(Lease, { ...lease, spec: { ...lease.spec, ...this.spec() } }, (result) => {
      this.isBusy = false;
      // After any failure the next renewal reads the lease anew.
      this.lease = result.ok ? result.value : undefined;
    });
  }

  private ensure(): void {
    const name = this.context.node.name;
    this.context.api.get(Lease, { namespace: NAMESPACE, name }, (found) => {
      if (this.isStopped) return;
      if (found.ok) return this.update(found.value);
      if (found.error.reason !== "NotFound") {
        this.isBusy = false;
        return;
      }
      const owner = { apiVersion: "v1", kind: "Node", name, uid: this.node.metadata.uid ?? "" };
      const lease: LeaseObject = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace: NAMESPACE, ownerReferences: [owner] }, spec: this.spec() };
      this.context.api.create(Lease, lease, (made) => {
        this.isBusy = false;
        this.lease = made.ok ? made.value : undefined;
      });
    });
  }

  private spec(): LeaseObject["spec"] {
    return { holderIdentity: this.context.node.name, leaseDurationSeconds: DURATION_SECONDS, renewTime: this.context.time.micros(this.context.clock.now()) };
  }
}
