import { keyOf, keyText, type ObjectKey } from "../../apimachinery/object.ts";
import { EndpointSlice } from "../../kinds/endpoint-slice.ts";
import type { EndpointSliceObject, PodObject, ServiceObject } from "../../kinds/generated/types.ts";
import { hasLabels } from "../../kinds/helpers/label-match.ts";
import { labelIndexValue } from "../../kinds/helpers/service-selection.ts";
import { Node } from "../../kinds/node.ts";
import { Pod } from "../../kinds/pod.ts";
import { Service } from "../../kinds/service.ts";
import { create, event, remove, update } from "../actions.ts";
import { isNamespaceTerminating } from "../execute-plan.ts";
import { type ActionOutcome, NOTHING, type Plan, type ReadView } from "../plan.ts";
import { planOf, type Step, type SyncEnd } from "../steps.ts";
import type { EndpointSliceMemory } from "./memory.ts";
import { POD_LABEL_INDEX, SLICE_INDEX } from "./indexes.ts";
import { MANAGED_BY, MANAGER, sliceChanges, type SliceChanges } from "./slices.ts";

const TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

/** Source: pkg/controller/endpointslice/endpointslice_controller.go, syncService. */
export function reconcileEndpointSlices(key: ObjectKey, view: ReadView, memory: EndpointSliceMemory): Plan {
  const service = view.get(Service, key);
  if (service === undefined) {
    memory.forget(keyText(key));
    return NOTHING; // the garbage collector takes the slices
  }
  // Without a selector somebody else fills in the endpoints.
  if (service.spec.type === "ExternalName" || Object.keys(service.spec.selector ?? {}).length === 0) return NOTHING;
  const slices = view.byIndex(EndpointSlice, SLICE_INDEX, keyText(key)).filter(({ metadata }) => metadata.labels?.[MANAGED_BY] === MANAGER);
  const existing = slices.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (memory.isStale(keyText(key), slices)) return { actions: [], failed: "EndpointSlice informer cache is out of date" };
  const pods = selectedPods(view, service);
  const triggerTime = memory.triggerTime(keyText(key), service, pods);
  const changes = sliceChanges(service, pods, existing, (name) => view.get(Node, { namespace: "", name }));
  return planOf(write(service, changes, triggerTime, memory));
}

/** Pods of the namespace that the selector matches, in whatever phase. */
export function selectedPods(view: ReadView, service: ServiceObject): readonly PodObject[] {
  const { namespace = "" } = service.metadata;
  const indexed = labelIndexValue(namespace, service.spec.selector);
  const candidates = indexed === undefined ? view.list(Pod, namespace) : view.byIndex(Pod, POD_LABEL_INDEX, indexed);
  return candidates.filter(({ metadata }) => hasLabels(metadata.labels, service.spec.selector));
}

function* write(service: ServiceObject, changes: SliceChanges, triggerTime: string | undefined, memory: EndpointSliceMemory): Generator<Step, SyncEnd | undefined, readonly ActionOutcome[]> {
  const key = keyText(keyOf(service));
  const stamped = (slice: EndpointSliceObject): EndpointSliceObject => {
    const { [TRIGGER_TIME]: _before, ...others } = slice.metadata.annotations ?? {};
    return { ...slice, metadata: { ...slice.metadata, annotations: triggerTime === undefined ? others : { ...others, [TRIGGER_TIME]: triggerTime } } };
  };
  // A service on its way out gets no new slices: they would race with the garbage collector.
  const creates = service.metadata.deletionTimestamp === undefined ? changes.create.map((slice) => create(EndpointSlice, stamped(slice))) : [];
  const updates = changes.update.map((slice) => update(EndpointSlice, stamped(slice)));
  const actions = [...creates, ...updates, ...changes.delete.map((slice) => remove(EndpointSlice, slice))];
  const outcomes = actions.length === 0 ? [] : yield { attemptAll: actions };
  for (const outcome of outcomes) for (const slice of outcome.objects) memory.noteWrite(key, slice as EndpointSliceObject);
  outcomes.slice(creates.length + updates.length).forEach((outcome, i) => {
    const gone = changes.delete[i];
    if (outcome.error === undefined && gone !== undefined) memory.noteDelete(key, gone);
  });
  const error = outcomes.find((outcome) => outcome.error !== undefined && !isNamespaceTerminating(outcome.error))?.error;
  const problem = error?.message ?? changes.problems[0];
  if (problem === undefined) return undefined;
  yield event(service, "Warning", "FailedToUpdateEndpointSlices", `Error updating Endpoint Slices for Service ${key}: ${problem}`);
  return { failed: error ?? problem };
}
