type Listener = (trace: number, fromWalk: number) => void;

const listeners = new Set<Listener>();

/** The inspector asks the canvas to show a trace once more. */
export function requestReplay(trace: number, fromWalk = 0): void {
  for (const listener of listeners) listener(trace, fromWalk);
}

export function onReplay(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
