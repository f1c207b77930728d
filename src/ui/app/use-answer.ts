import { useEffect, useEffectEvent, useState } from "react";

interface Answer<T> {
  readonly value: T | undefined;
  /** Why there is no value; "" when there is one, or none yet. */
  readonly error: string;
}

const NOTHING: Answer<never> = { value: undefined, error: "" };

/** Asks once per key. The answer to an older key is kept until the newer one is there, unless `fresh` says to hide it. */
export function useAnswer<T>(key: string, ask: () => Promise<T>, { fresh = false } = {}): Answer<T> {
  const [held, setHeld] = useState<{ readonly key: string; readonly answer: Answer<T> }>({ key: "", answer: NOTHING });
  const askNow = useEffectEvent(ask);
  useEffect(() => {
    let wanted = true;
    const load = async (): Promise<void> => {
      let answer: Answer<T>;
      try {
        answer = { value: await askNow(), error: "" };
      } catch (error) {
        answer = { value: undefined, error: error instanceof Error ? error.message : String(error) };
      }
      if (wanted) setHeld({ key, answer });
    };
    void load();
    return () => { wanted = false; };
  }, [key]);
  return fresh && held.key !== key ? NOTHING : held.answer;
}
