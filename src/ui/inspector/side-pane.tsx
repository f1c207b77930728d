export function SidePane() {
  return <div className="pane-empty">…</div>;
}
