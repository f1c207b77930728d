/** Signal numbers of Linux on x86-64. Source: include/uapi/asm-generic/signal.h. */
export const SIGNALS = {
  HUP: 1, INT: 2, QUIT: 3, ILL: 4, TRAP: 5, ABRT: 6, BUS: 7, FPE: 8, KILL: 9, USR1: 10, SEGV: 11, USR2: 12, PIPE: 13, ALRM: 14, TERM: 15,
  CHLD: 17, CONT: 18, STOP: 19, TSTP: 20, TTIN: 21, TTOU: 22, WINCH: 28,
} as const;

export type SignalName = keyof typeof SIGNALS;

/** Signals that do nothing unless a program asks for them. Differs: stopped processes are not modelled, so STOP and CONT do nothing. */
const HARMLESS: ReadonlySet<SignalName> = new Set<SignalName>(["CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "WINCH"]);

export const killsByDefault = (signal: SignalName): boolean => !HARMLESS.has(signal);

/** What a process that died of the signal leaves as its exit code. */
export const exitCodeOf = (signal: SignalName): number => 128 + SIGNALS[signal];

/** "TERM", "SIGTERM", "term" or "15". */
export function parseSignal(text: string): SignalName | undefined {
  const name = text.toUpperCase().replace(/^SIG/, "");
  if (Object.hasOwn(SIGNALS, name)) return name as SignalName;
  if (!/^\d+$/.test(text)) return undefined;
  const number = Number(text);
  return (Object.keys(SIGNALS) as SignalName[]).find((key) => SIGNALS[key] === number);
}
