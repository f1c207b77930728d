import { memo, useEffect, useState } from "react";
import type { RowStore } from "../../bridge/session/row-store.ts";
import { useSession } from "./session-hooks.ts";

/** Rows read out at most; beyond that the count says how many more there are. */
const ROWS_MAX = 200;

/** The map in words, for screen readers: pods that are drawn on a canvas can be found here. Renewed once a second. */
export const PodTable = memo(function PodTable() {
  const { rows } = useSession();
  const [text, setText] = useState("");
  useEffect(() => {
    const read = (): void => setText(tableText(rows));
    read();
    const timer = setInterval(read, 1_000);
    return () => clearInterval(timer);
  }, [rows]);
  return (
    <section id="pods-list" className="visually-hidden" tabIndex={-1} aria-label="Pods as a table">
      <table>
        <caption>All pods</caption>
        <thead><tr><th scope="col">Namespace</th><th scope="col">Name</th><th scope="col">Status</th><th scope="col">Node</th><th scope="col">IP</th></tr></thead>
        <tbody>
          {text.split("\n").map((line) => <tr key={line}>{line.split("\t").map((cell, index) => <td key={`${index} ${cell}`}>{cell}</td>)}</tr>)}
        </tbody>
      </table>
    </section>
  );
});

function tableText(rows: RowStore): string {
  const pods = rows.list("Pod");
  const more = pods.length > ROWS_MAX ? [`\t… and ${pods.length - ROWS_MAX} more\t\t\t`] : [];
  return [...pods.slice(0, ROWS_MAX).map((p) => `${p.namespace}\t${p.name}\t${p.status}\t${p.node === "" ? "no node yet" : p.node}\t${p.ip}`), ...more].join("\n");
}
