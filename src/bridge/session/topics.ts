/** Listeners by topic, called once per flush however often the topic was touched. */
export class Topics {
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly touched = new Set<string>();

  subscribe(topic: string, listener: () => void): () => void {
    let listeners = this.listeners.get(topic);
    if (listeners === undefined) {
      listeners = new Set();
      this.listeners.set(topic, listeners);
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.listeners.get(topic) === listeners) this.listeners.delete(topic);
    };
  }

  touch(topic: string): void {
    if (this.listeners.has(topic)) this.touched.add(topic);
  }

  flush(): void {
    const topics = [...this.touched];
    this.touched.clear();
    for (const topic of topics) for (const listener of this.listeners.get(topic) ?? []) listener();
  }
}
