import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { FocusDetail, ClockState } from "../../bridge/protocol/batch.ts";
import type { RowStore } from "../../bridge/session/row-store.ts";
import type { Session, SessionState } from "../../bridge/session/session.ts";
import type { TimeMark } from "../../projection/delta.ts";
import type { TraceRow } from "../../projection/film/film.ts";
import type { NodeRow, PodRow, Row } from "../../projection/rows/rows.ts";

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error("Kubarium bug: expected that the app stands in a SessionContext");
  return session;
}

export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.getState);
}

/** Re-renders when the topic is touched and what `read` gives has changed. `read` has to give the same reference while nothing changed. */
export function useTopic<T>(topic: string, read: (rows: RowStore) => T): T {
  const { rows } = useSession();
  const subscribe = useCallback((listener: () => void) => rows.topics.subscribe(topic, listener), [rows, topic]);
  return useSyncExternalStore(subscribe, () => read(rows));
}

export const useRow = (uid: string): Row | undefined => useTopic(`row:${uid}`, (rows) => rows.rows.get(uid));

export function usePod(uid: string): PodRow | undefined {
  const row = useRow(uid);
  return row?.kind === "Pod" ? row : undefined;
}

export const useList = <K extends Parameters<RowStore["list"]>[0]>(kind: K): ReturnType<typeof RowStore.prototype.list<K>> =>
  useTopic(`list:${kind}`, (rows) => rows.list(kind)) as ReturnType<typeof RowStore.prototype.list<K>>;

/** As `useList`, but looks at most once in `everyMs`: for long lists that nobody reads at 30 pictures a second. */
export function useCalmList<K extends Parameters<RowStore["list"]>[0]>(kind: K, everyMs = 300): ReturnType<typeof RowStore.prototype.list<K>> {
  const { rows } = useSession();
  const [list, setList] = useState(() => rows.list(kind));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      timer = undefined;
      setList(rows.list(kind));
    };
    const soon = (): void => {
      timer ??= setTimeout(look, everyMs);
    };
    soon();
    const stop = rows.topics.subscribe(`list:${kind}`, soon);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [rows, kind, everyMs]);
  return list as ReturnType<typeof RowStore.prototype.list<K>>;
}

export const usePodIdsOn = (node: string): readonly string[] => useTopic(`on:${node}`, (rows) => rows.podIdsOn(node));

export const useClock = (): ClockState => useTopic("clock", (rows) => rows.clock);

/** Simulated time in steps of `stepUs`, so that a label which shows seconds renders once a second. */
export const useNow = (stepUs: number): number => useTopic("now", (rows) => Math.floor(rows.nowUs / stepUs) * stepUs);

export const useTraces = (): readonly TraceRow[] => useTopic("traces", (rows) => rows.traceRows());
export const useTraceRow = (id: number): TraceRow | undefined => useTopic(`trace:${id}`, (rows) => rows.traces.get(id));
export const useFocusDetail = (): FocusDetail | undefined => useTopic("focus", (rows) => rows.focus);
export const useMarks = (): readonly TimeMark[] => useTopic("marks", (rows) => rows.marks);

/** A node by name; re-renders only when its own row changes. */
export function useNodeNamed(name: string): NodeRow | undefined {
  const { rows } = useSession();
  const uid = useTopic("list:Node", (r) => r.find({ kind: "Node", namespace: "", name })?.uid ?? "");
  const subscribe = useCallback((listener: () => void) => rows.topics.subscribe(`row:${uid}`, listener), [rows, uid]);
  return useSyncExternalStore(subscribe, () => {
    const row = rows.rows.get(uid);
    return row?.kind === "Node" ? row : undefined;
  });
}
