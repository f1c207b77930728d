import { CircleCheck, CircleHelp, CircleX } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";
import type { ObjectRef } from "../../projection/rows/refs.ts";
import type { ConditionRow } from "../../projection/rows/rows.ts";
import { useNow } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";

/** The head of an inspector: an icon, what kind of thing, its name, and something below. */
export function Head({ icon, kind, name, meaning, children }: { readonly icon: ReactNode; readonly kind: string; readonly name: string; readonly meaning?: string; readonly children?: ReactNode }) {
  return (
    <div className="inspector-head" data-meaning={meaning}>
      <span className="head-icon">{icon}</span>
      <div className="head-text">
        <p className="head-kind">{kind}</p>
        <h2>{name}</h2>
      </div>
      {children !== undefined && <div className="head-more">{children}</div>}
    </div>
  );
}

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly count?: number | undefined;
}

/** A row of tabs with arrow keys, and the panel of the chosen one. */
export function Tabs({ tabs, active, onChange, label, children }: { readonly tabs: readonly Tab[]; readonly active: string; readonly onChange: (id: string) => void; readonly label: string; readonly children: ReactNode }) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const index = (tabs.findIndex((t) => t.id === active) + step + tabs.length) % tabs.length;
    const next = tabs[index];
    if (next === undefined) return;
    onChange(next.id);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[index]?.focus();
  };
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKey}>
        {tabs.map((tab) => (
          <button key={tab.id} type="button" role="tab" id={`${id}-${tab.id}`} aria-selected={tab.id === active} aria-controls={`${id}-panel`} tabIndex={tab.id === active ? 0 : -1} onClick={() => onChange(tab.id)}>
            {tab.label}{tab.count !== undefined && tab.count > 0 && <span className="count">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div className="inspector-body" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${active}`} tabIndex={0}>{children}</div>
    </>
  );
}

export function Section({ title, aside, children }: { readonly title: string; readonly aside?: ReactNode; readonly children: ReactNode }) {
  return (
    <section className="section">
      <div className="section-head"><h3>{title}</h3>{aside}</div>
      {children}
    </section>
  );
}

/** A link to another object's inspector. */
export function RefLink({ to, children }: { readonly to: ObjectRef; readonly children?: ReactNode }) {
  return <button type="button" className="ref-link" onClick={() => useUi.getState().select({ type: "object", ref: to })}>{children ?? to.name}</button>;
}

/** Facts as terms and values; undefined ones are left out. */
export function Facts({ facts }: { readonly facts: readonly (readonly [term: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts.filter(([, value]) => value !== undefined && value !== "").map(([term, value]) => <div key={term}><dt>{term}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

/** Conditions; for some types (pressure) False is the good news. */
export function Conditions({ conditions, goodIsFalse = () => false }: { readonly conditions: readonly ConditionRow[]; readonly goodIsFalse?: (type: string) => boolean }) {
  if (conditions.length === 0) return <p className="none">None yet.</p>;
  return (
    <ul className="conditions">
      {conditions.map((c) => {
        const good = c.status === (goodIsFalse(c.type) ? "False" : "True");
        const Icon = good ? CircleCheck : c.status === "Unknown" ? CircleHelp : CircleX;
        return (
          <li key={c.type} data-meaning={good ? "ready" : c.status === "Unknown" ? "failing" : "pending"}>
            <Icon size={15} aria-hidden />
            <span className="condition-type">{c.type}</span>
            <span className="condition-status">{c.status}</span>
            {c.sinceUs !== undefined && <Since us={c.sinceUs} />}
            {c.reason !== "" && <p><b>{c.reason}</b>{c.message !== "" && ` ${c.message}`}</p>}
          </li>
        );
      })}
    </ul>
  );
}

/** "5m12s": as kubectl prints ages. Source: apimachinery/pkg/util/duration, HumanDuration. */
export function ageText(us: number): string {
  const s = Math.max(0, Math.floor(us / 1e6));
  if (s < 120) return `${s}s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 10) return s % 60 === 0 ? `${minutes}m` : `${minutes}m${s % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(s / 3600);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  return hours < 192 && hours % 24 !== 0 ? `${Math.floor(hours / 24)}d${hours % 24}h` : `${Math.floor(hours / 24)}d`;
}

/** How long ago, counting on. */
export function Since({ us }: { readonly us: number }) {
  const now = useNow(1_000_000);
  return <time className="since">{ageText(now - us)}</time>;
}

/** Milliseconds for people: "340 µs", "12 ms", "1.84 s", "2m5s". */
export function spanText(us: number): string {
  if (us < 1_000) return `${Math.round(us)} µs`;
  if (us < 1e6) return `${(us / 1e3).toFixed(us < 1e4 ? 1 : 0)} ms`;
  return us < 120e6 ? `${(us / 1e6).toFixed(2)} s` : ageText(us);
}

/** "64Mi", "1.5Gi". */
export function bytesText(bytes: number): string {
  if (bytes === 0) return "0";
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * power);
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)}${["", "Ki", "Mi", "Gi"][power] ?? ""}`;
}

/** "250m", "2". */
export const cpuText = (milli: number): string => (milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`);
