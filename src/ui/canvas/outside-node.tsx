import { Cloud } from "lucide-react";
import { memo } from "react";
import { useUi } from "../app/ui-store.ts";

/** Everything that is not the cluster: clients, the internet, you. */
export const OutsideNode = memo(function OutsideNode() {
  return (
    <button type="button" className="service outside" onClick={() => useUi.getState().openSend({ from: { external: true } })} aria-label="Outside world: send a request from outside">
      <Cloud size={16} aria-hidden />
      <span className="service-text">
        <span className="service-name">Outside world</span>
        <span className="service-ip">you, kubectl, clients</span>
      </span>
    </button>
  );
});
