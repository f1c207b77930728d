import { describe, expect, test } from "vitest";
import { fieldErrorText } from "../../apimachinery/status.ts";
import type { KindDefinition } from "../kind-definition.ts";
import { ago, cellsOf, columnsOf, context, make, problemsOf, updateProblems } from "../testdata/make.ts";
import { ControllerRevision } from "./controller-revision.ts";
import { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import { PersistentVolume } from "./persistent-volume.ts";
import { ReplicationController } from "./replication-controller.ts";
import { StatefulSet } from "./stateful-set.ts";
import { StorageClass } from "./storage-class.ts";

const any = (definition: unknown): KindDefinition => definition as KindDefinition;
const template = (labels: object = { a: "b" }, spec: object = {}): object => ({ metadata: { labels }, spec: { containers: [{ name: "c", image: "x" }], ...spec } });
const set = (extra: object = {}): object => ({ spec: { serviceName: "s", selector: { matchLabels: { a: "b" } }, template: template(), ...extra } });
const claim = (extra: object = {}): object => ({ spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...extra } });
const volume = (extra: object = {}): object => ({ spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/data" }, ...extra } });
const born = { creationTimestamp: ago(60) };

function expectProblems(actual: readonly string[], expected: readonly string[]): void {
  expect(actual.map((text, index) => (expected[index] !== undefined && text.includes(expected[index]) ? expected[index] : text))).toEqual(expected);
}

// Cases of upstream's TestValidateStatefulSet, TestValidatePersistentVolumes, TestValidatePersistentVolumeClaim, TestValidateStorageClass, TestValidateReplicationController.
describe("create", () => {
  test.each<[string, KindDefinition, object, string[]]>([
    ["set", any(StatefulSet), set({ volumeClaimTemplates: [{ metadata: { name: "data" }, ...claim() }] }), []],
    ["set: name of its pods", any(StatefulSet), { ...set(), metadata: {} }, []],
    ["set: selector", any(StatefulSet), set({ selector: {} }), ["empty selector is invalid for statefulset"]],
    ["set: labels", any(StatefulSet), set({ template: template({ a: "c" }, { restartPolicy: "Never" }) }), ["spec.template.metadata.labels: Invalid value: map[string]string{\"a\":\"c\"}: `selector` does not match template `labels`", 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']],
    ["set: strategy", any(StatefulSet), set({ updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } }, persistentVolumeClaimRetentionPolicy: { whenScaled: "Keep" } }), ["only allowed for updateStrategy 'RollingUpdate'", 'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Delete", "Retain"']],
    ["set: numbers", any(StatefulSet), set({ replicas: -1, minReadySeconds: -1, ordinals: { start: -1 }, updateStrategy: { rollingUpdate: { partition: -1 } } }), ["spec.updateStrategy.rollingUpdate.partition", "spec.replicas", "spec.minReadySeconds", "spec.ordinals.start"]],
    ["claim", any(PersistentVolumeClaim), claim(), []],
    ["claim: modes", any(PersistentVolumeClaim), claim({ accessModes: ["ReadWriteOncePod", "Often"], volumeMode: "Tape" }), ['spec.accessModes: Unsupported value: "Often": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"', "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes", 'spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"']],
    ["claim: nothing", any(PersistentVolumeClaim), { spec: {} }, ["spec.accessModes: Required value: at least 1 access mode is required", "spec.resources[storage]: Required value"]],
    ["claim: source", any(PersistentVolumeClaim), claim({ dataSource: { kind: "Pod", name: "" } }), ["spec.dataSource.name: Required value", "spec.dataSource: Invalid value: \"Pod\": must be 'PersistentVolumeClaim' when referencing the default apiGroup"]],
    ["volume", any(PersistentVolume), volume(), []],
    ["volume: capacity", any(PersistentVolume), volume({ capacity: { storage: "0", cpu: "1" } }), ["spec.capacity: Unsupported value", 'spec.capacity[storage]: Invalid value: "0": must be greater than zero']],
    ["volume: root", any(PersistentVolume), volume({ hostPath: { path: "/" }, persistentVolumeReclaimPolicy: "Recycle" }), ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"]],
    ["volume: local", any(PersistentVolume), volume({ hostPath: undefined, local: { path: "/a/../b" } }), ["spec.local.path: Invalid value: \"/a/../b\": must not contain '..'", "spec.nodeAffinity: Required value: Local volume requires node affinity"]],
    ["class", any(StorageClass), { provisioner: "a/b" }, []],
    ["class: names and policies", any(StorageClass), { provisioner: "", reclaimPolicy: "Keep", volumeBindingMode: "Late" }, ["provisioner: Required value", 'reclaimPolicy: Unsupported value: "Keep"', 'volumeBindingMode: Unsupported value: "Late"']],
    ["replication controller", any(ReplicationController), { spec: { template: template() } }, []],
    ["replication controller: nothing", any(ReplicationController), { spec: {} }, ["spec.selector: Required value", "spec.template: Required value"]],
  ])("%s", (_name, definition, object, expected) => {
    expectProblems(problemsOf(definition, object), expected);
  });
});

// Cases of upstream's TestValidateStatefulSetUpdate, TestValidatePersistentVolumeClaimUpdate, TestValidatePersistentVolumeSourceUpdate, TestValidateUpdateStorageClass.
describe("update", () => {
  test.each<[string, KindDefinition, object, object, string[]]>([
    ["set: what may change", any(StatefulSet), set(), set({ replicas: 3, minReadySeconds: 1, template: template({ a: "b", c: "d" }), revisionHistoryLimit: 1 }), []],
    ["set: service", any(StatefulSet), set(), set({ serviceName: "t" }), ["spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"]],
    ["set: claims", any(StatefulSet), set(), set({ volumeClaimTemplates: [{ metadata: { name: "data" }, ...claim() }] }), ["spec: Forbidden: updates to statefulset spec"]],
    ["claim: bound by name", any(PersistentVolumeClaim), claim(), claim({ volumeName: "v" }), []],
    ["claim: another volume", any(PersistentVolumeClaim), claim({ volumeName: "v" }), claim({ volumeName: "w" }), ["spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"]],
    ["claim: size while pending", any(PersistentVolumeClaim), claim(), claim({ resources: { requests: { storage: "2Gi" } } }), ["spec: Forbidden: spec is immutable after creation"]],
    ["volume: source", any(PersistentVolume), volume(), volume({ hostPath: { path: "/other" } }), ["spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation"]],
    ["volume: policy", any(PersistentVolume), volume(), volume({ persistentVolumeReclaimPolicy: "Delete" }), []],
    ["class", any(StorageClass), { provisioner: "a/b" }, { provisioner: "a/c", parameters: { a: "b" }, reclaimPolicy: "Retain" }, ["parameters: Forbidden: updates to parameters are forbidden.", "provisioner: Forbidden: updates to provisioner are forbidden.", "reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden."]],
    ["revision: data", any(ControllerRevision), { revision: 1, data: { a: 1 } }, { revision: 2, data: { a: 2 } }, ["data: Invalid value"]],
  ])("%s", (_name, definition, before, after, expected) => {
    expectProblems(updateProblems(definition, before, after), expected);
  });

  test("a bound claim may grow", () => {
    const stored = { ...make(PersistentVolumeClaim, claim({ volumeName: "v" })), status: { phase: "Bound", capacity: { storage: "1Gi" } } };
    const sized = (storage: string): string[] => PersistentVolumeClaim.validateUpdate(PersistentVolumeClaim.prepareForUpdate(make(PersistentVolumeClaim, claim({ volumeName: "v", resources: { requests: { storage } } })), stored, context), stored).map(fieldErrorText);
    expect(sized("2Gi")).toEqual([]);
    expect(sized("500Mi")).toEqual(["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"]);
  });

  test("a volume notes when its phase changes", () => {
    const stored = { ...make(PersistentVolume, volume()), status: { phase: "Available", lastPhaseTransitionTime: "2026-01-01T00:00:00Z" } };
    const status = (phase: string): object | undefined => PersistentVolume.prepareForStatusUpdate({ ...stored, status: { ...stored.status, phase } }, stored, context).status;
    expect([status("Available"), status("Bound")]).toEqual([{ phase: "Available", lastPhaseTransitionTime: "2026-01-01T00:00:00Z" }, { phase: "Bound", lastPhaseTransitionTime: "2026-01-01T01:00:00Z" }]);
  });
});

test("a StatefulSet's strategy", () => {
  const strategy = (updateStrategy: object): object | undefined => make(StatefulSet, set({ updateStrategy })).spec.updateStrategy;
  expect([strategy({}), strategy({ type: "RollingUpdate" }), strategy({ rollingUpdate: { partition: 2 } }), strategy({ type: "OnDelete" })]).toEqual([
    { type: "RollingUpdate", rollingUpdate: { partition: 0 } }, { type: "RollingUpdate" }, { type: "RollingUpdate", rollingUpdate: { partition: 2 } }, { type: "OnDelete" },
  ]);
});

// Cases of upstream's TestPrintStatefulSet, TestPrintPersistentVolumeClaim, TestPrintPersistentVolume, TestPrintStorageClass, TestPrintReplicationController, TestPrintControllerRevision.
test("columns", () => {
  expect([StatefulSet, PersistentVolumeClaim, PersistentVolume, StorageClass, ReplicationController, ControllerRevision].map((definition) => columnsOf(any(definition)))).toEqual([
    "Name Ready Age (Containers) (Images)",
    "Name Status Volume Capacity Access Modes StorageClass VolumeAttributesClass Age (VolumeMode)",
    "Name Capacity Access Modes Reclaim Policy Status Claim StorageClass VolumeAttributesClass Reason Age (VolumeMode)",
    "Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age",
    "Name Desired Current Ready Age (Containers) (Images) (Selector)",
    "Name Controller Revision Age",
  ]);
  expect(cellsOf(StatefulSet, make(StatefulSet, set({ replicas: 3 }), born))).toEqual(["x", "0/3", "60s", "c", "x"]);
  const pending = make(PersistentVolumeClaim, claim({ storageClassName: "fast" }), born);
  expect(cellsOf(PersistentVolumeClaim, pending)).toEqual(["x", "Pending", "", "", "", "fast", "<unset>", "60s", "Filesystem"]);
  const bound = { ...pending, spec: { ...pending.spec, volumeName: "pv" }, status: { phase: "Bound", accessModes: ["ReadWriteMany", "ReadWriteOnce"], capacity: { storage: "5Gi" } } };
  expect(cellsOf(PersistentVolumeClaim, bound).slice(1, 5)).toEqual(["Bound", "pv", "5Gi", "RWO,RWX"]);
  const claimed = make(PersistentVolume, volume({ claimRef: { namespace: "ns", name: "c" }, storageClassName: "fast" }), born);
  expect(cellsOf(PersistentVolume, claimed)).toEqual(["x", "1Gi", "RWO", "Retain", "Pending", "ns/c", "fast", "<unset>", "", "60s", "Filesystem"]);
  expect(cellsOf(StorageClass, make(StorageClass, { provisioner: "a/b" }, { ...born, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } }))).toEqual(["x (default)", "a/b", "Delete", "Immediate", false, "60s"]);
  expect(cellsOf(ReplicationController, make(ReplicationController, { spec: { template: template() } }, born))).toEqual(["x", 1, 0, 0, "60s", "c", "x", "a=b"]);
  const owned = make(ControllerRevision, { revision: 2 }, { ...born, ownerReferences: [{ apiVersion: "apps/v1", kind: "DaemonSet", name: "agent", uid: "u", controller: true }] });
  expect(cellsOf(ControllerRevision, owned)).toEqual(["x", "daemonset.apps/agent", 2, "60s"]);
});
