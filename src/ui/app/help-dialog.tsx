import { Dialog } from "./dialog.tsx";
import { SHORTCUTS } from "./shortcuts.ts";
import { useUi } from "./ui-store.ts";

export function HelpDialog() {
  const close = (): void => useUi.getState().setHelp(false);
  return (
    <Dialog title="Kubarium" lead="A whole Kubernetes v1.33 cluster, simulated step by step in this tab. Apply a manifest, watch it come alive, send a packet and click it. Everything on the map can be clicked." onClose={close}>
      <table className="table">
        <thead><tr><th>Key</th><th>Does</th></tr></thead>
        <tbody>{SHORTCUTS.map((s) => <tr key={s.keys}><td><kbd>{s.keys}</kbd></td><td>{s.does}</td></tr>)}</tbody>
      </table>
      <div className="dialog-actions"><button type="button" className="button" data-primary onClick={close}>Close</button></div>
    </Dialog>
  );
}
