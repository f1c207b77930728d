import { useList } from "./session-hooks.ts";
import { useUi } from "./ui-store.ts";
import { Boxes, ChevronDown } from "lucide-react";
import { useId, useRef } from "react";

/** Which namespaces are drawn. A native popover: keyboard, focus and dismissal come with it. */
export function NamespaceFilter() {
  const id = useId();
  const namespaces = useList("Namespace");
  const hidden = useUi((s) => s.hiddenNamespaces);
  const toggle = useUi((s) => s.toggleNamespace);
  const button = useRef<HTMLButtonElement>(null);
  const shown = namespaces.filter((n) => !hidden.has(n.name)).length;
  const place = (event: React.ToggleEvent<HTMLDivElement>): void => {
    const at = button.current?.getBoundingClientRect();
    if (at === undefined || event.newState !== "open") return;
    event.currentTarget.style.top = `${at.bottom + 6}px`;
    event.currentTarget.style.left = `${Math.min(at.left, window.innerWidth - 250)}px`;
  };
  return (
    <>
      <button ref={button} type="button" className="button" popoverTarget={id}>
        <Boxes size={14} aria-hidden />{shown === namespaces.length ? "All namespaces" : `${shown} of ${namespaces.length} namespaces`}<ChevronDown size={13} aria-hidden />
      </button>
      <div id={id} popover="auto" className="popover" onToggle={place}>
        <fieldset>
          <legend>Show on the map</legend>
          {namespaces.map((n) => (
            <label key={n.uid}><input type="checkbox" checked={!hidden.has(n.name)} onChange={() => toggle(n.name)} />{n.name}</label>
          ))}
        </fieldset>
      </div>
    </>
  );
}
