import { memo, type ReactNode, useMemo } from "react";

type Language = "yaml" | "iptables" | "plain";

/** Lines shown at most: a node with thousands of Services prints tens of thousands. */
const LINES_MAX = 4_000;

/** Text in mono type with a little colour. Light enough to be redrawn while the object changes. */
export const CodeText = memo(function CodeText({ text, language, label }: { readonly text: string; readonly language: Language; readonly label: string }) {
  const lines = useMemo(() => text.split("\n"), [text]);
  return (
    <pre className="code" tabIndex={0} aria-label={label}>
      {lines.slice(0, LINES_MAX).map((line, index) => <span key={`${index} ${line}`} className="line">{paint(line, language)}{"\n"}</span>)}
      {lines.length > LINES_MAX && `… ${lines.length - LINES_MAX} more lines`}
    </pre>
  );
});

function paint(line: string, language: Language): ReactNode {
  if (language === "yaml") {
    const match = /^(\s*(?:- )*)([^\s:][^:]*):(?= |$)(.*)$/.exec(line);
    return match === null ? <span className="tok-value">{line}</span> : <>{match[1]}<span className="tok-key">{match[2]}</span>:<span className="tok-value">{match[3]}</span></>;
  }
  if (language === "iptables") return paintRule(line);
  return line;
}

/** Chain, flags and target of one iptables-save line. */
export function paintRule(line: string): ReactNode {
  return line.split(/("[^"]*"|\s+)/).map((part, index, all) => {
    const before = all.slice(0, index).findLast((p) => p.trim() !== "") ?? "";
    const key = `${index} ${part}`;
    if (part.startsWith('"')) return <span key={key} className="tok-comment">{part}</span>;
    if (/^[-:*]/.test(part) && part !== "-") return <span key={key} className="tok-flag">{part}</span>;
    if (before === "-j") return <span key={key} className="tok-target">{part}</span>;
    return before === "-A" ? <span key={key} className="tok-key">{part}</span> : part;
  });
}
