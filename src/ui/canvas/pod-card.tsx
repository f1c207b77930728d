import { m, type Transition, type Variants } from "framer-motion";
import { RotateCw } from "lucide-react";
import { memo, useMemo, useState } from "react";
import type { RowStore } from "../../bridge/session/row-store.ts";
import { centre, laneSlots, machineBox, organBox, type Point } from "../../projection/layout/geometry.ts";
import { stepInfo } from "../../projection/lifecycle/step-ids.ts";
import type { ContainerRow, PodRow } from "../../projection/rows/rows.ts";
import { selectsObject } from "../app/selection.ts";
import { useNodeNamed, usePod, useSession, useTopic } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { podMeanings } from "../theme/meanings.ts";
import { type PodPlace, StageMap } from "./stage-map.ts";

/** A pod younger than this is seen being born; older ones were there before we looked. */
const NEWBORN_US = 2_500_000;
const FLY: Transition = { type: "spring", stiffness: 120, damping: 19, mass: 0.9 };

/** One pod as an element, at its place in the world. It wakes for its own row, and when its machine's cards change size. */
export const PodCard = memo(function PodCard({ uid }: { readonly uid: string }) {
  const { rows } = useSession();
  // A card that is leaving shows its pod as it last was.
  const pod = usePod(uid) ?? rows.departed(uid);
  useNodeNamed(pod?.node ?? "");
  // In the lane the look depends on how many wait.
  useTopic(pod?.node === "" ? "on:" : "none", (store) => store.podIdsOn(""));
  const map = new StageMap(rows);
  const place = pod && map.pod(pod);
  if (pod === undefined || place === undefined) return null;
  return <PodShape pod={pod} place={place} birth={birthOf(map, pod, rows.nowUs)} />;
});

/** Where a newborn comes from (the API server accepted it) and where it waited for a node. */
interface Birth {
  readonly from: Point;
  readonly lane: Point;
}

function birthOf(map: StageMap, pod: PodRow, nowUs: number): Birth | undefined {
  if (nowUs - pod.createdUs > NEWBORN_US) return undefined;
  const home = map.controlPlane();
  if (home === undefined) return undefined;
  const machine = machineBox(home.cell, map.columns);
  return { from: centre(organBox(machine, "apiserver")), lane: centre(laneSlots(machine)) };
}

/** At full speed a node is found within milliseconds: the flight still stops in the lane, for the eye. */
const VIA_LANE: Transition = { duration: 1.15, times: [0, 0.32, 0.5, 1], ease: "easeInOut" };

/** A pod that is gone fades; one that has only become a cell is swapped at once. Decided when the card leaves. */
const leaving = (rows: RowStore, uid: string): Variants => ({
  leave: () => (rows.pod(uid) === undefined ? { opacity: 0, scale: 0.7, transition: { duration: 0.3 } } : { opacity: 0, transition: { duration: 0 } }),
});

function PodShape({ pod, place, birth }: { readonly pod: PodRow; readonly place: PodPlace; readonly birth: Birth | undefined }) {
  const { box, tier } = place;
  const ref = { kind: "Pod", namespace: pod.namespace, name: pod.name };
  const selected = useUi((s) => selectsObject(s.selection, ref));
  const { rows } = useSession();
  const variants = useMemo(() => leaving(rows, pod.uid), [rows, pod.uid]);
  // How it came is decided once, when the card is mounted.
  const [came] = useState(birth);
  const [arrived, setArrived] = useState(came === undefined || pod.node === "");
  const at = (point: Point): Point => ({ x: point.x - box.w / 2, y: point.y - box.h / 2 });
  const from = came && at(came.from);
  const start = from === undefined ? { x: box.x, y: box.y, opacity: 0, scale: 0.86 } : { ...from, opacity: 0, scale: 0.3 };
  const lane = came && at(came.lane);
  const flight = arrived || from === undefined || lane === undefined ? { x: box.x, y: box.y, opacity: 1, scale: 1 } : {
    x: [from.x, lane.x, lane.x, box.x], y: [from.y, lane.y, lane.y, box.y], opacity: [0, 1, 1, 1], scale: [0.3, 0.8, 0.8, 1],
  };
  return (
    <m.button
      type="button" className="pod" data-tier={tier} data-meaning={pod.meaning} data-selected={selected || undefined}
      style={{ width: box.w, height: box.h }}
      initial={start} animate={flight} variants={variants} exit="leave" transition={arrived ? FLY : VIA_LANE} onAnimationComplete={() => setArrived(true)}
      onClick={() => useUi.getState().select({ type: "object", ref })}
      aria-label={podLabel(pod)} aria-pressed={selected} data-pod={`${pod.namespace}/${pod.name}`}
    >
      <PodFace pod={pod} tier={tier} />
    </m.button>
  );
}

const podLabel = (pod: PodRow): string => {
  const running = pod.containers.filter((c) => c.state === "running").length;
  return `Pod ${pod.namespace}/${pod.name}: ${pod.status}, phase ${pod.phase}, ${running} of ${pod.containers.length} containers running, ${podMeanings[pod.meaning].label}${pod.node === "" ? ", waits for a node" : ` on ${pod.node}`}`;
};

const PodFace = memo(function PodFace({ pod, tier }: { readonly pod: PodRow; readonly tier: PodPlace["tier"] }) {
  const Icon = podMeanings[pod.meaning].icon;
  const step = pod.step === undefined || pod.meaning === "ready" ? undefined : stepInfo(pod.step).short;
  const said = pod.meaning === "starting" || pod.meaning === "pending" ? (step ?? pod.status) : pod.status;
  return (
    <>
      <span className="pod-top">
        <Icon size={tier === "card" ? 15 : 13} className="pod-icon" aria-hidden />
        <PodName pod={pod} />
        {pod.restarts > 0 && tier !== "tag" && <span className="pod-restarts" title="restarts"><RotateCw size={10} aria-hidden />{pod.restarts}</span>}
      </span>
      {tier !== "tag" && (
        <span className="pod-middle">
          <span className="pod-said">{said}</span>
          <span className="pod-ip mono">{pod.ip}</span>
        </span>
      )}
      {tier === "card" && (
        <span className="pod-bottom">
          <span className="pod-containers">{pod.containers.map((c) => <ContainerDot key={c.name} container={c} beat={pod.probe?.container === c.name ? pod.probe : undefined} />)}</span>
          <span className="pod-conditions">{pod.conditions.slice(0, 5).map((c) => <i key={c.type} data-true={c.status === "True" || undefined} title={`${c.type}: ${c.status}`} />)}</span>
        </span>
      )}
      {pod.progress !== undefined && pod.step === "pull" && <span className="pod-progress" style={{ transform: `scaleX(${pod.progress})` }} />}
    </>
  );
});

/** Whose it is and which one: of a generated name the owner's name and the last part tell it apart. */
function PodName({ pod: { name, top } }: { readonly pod: PodRow }) {
  const generated = top !== undefined && top.kind !== "Node" && name.startsWith(`${top.name}-`);
  const tail = generated ? name.slice(name.lastIndexOf("-") + 1) : name.length > 16 ? name.slice(-5) : "";
  const head = generated ? top.name : name.slice(0, name.length - tail.length);
  return <span className="pod-name" title={name}><span>{head}</span>{tail !== "" && <span className="pod-tail">{generated ? ` ${tail}` : tail}</span>}</span>;
}

/** A container; a ring goes out from it whenever it is probed. */
function ContainerDot({ container, beat }: { readonly container: ContainerRow; readonly beat: PodRow["probe"] }) {
  const look = container.state === "running" ? (container.ready ? "ready" : "starting") : container.state === "terminated" ? (container.exitCode === 0 ? "done" : "failing") : /Back|Err|Invalid/.test(container.reason) ? "failing" : "pending";
  return <i className="container-dot" data-type={container.type} data-state={container.state} data-meaning={look} title={`${container.name}: ${container.state}${container.reason === "" ? "" : ` (${container.reason})`}`}>{beat !== undefined && <b key={beat.atUs} className="beat" data-meaning={beat.ok ? "ready" : "failing"} />}</i>;
}
