import { useReactFlow } from "@xyflow/react";
import { Activity, Link2, Maximize, Minus, Plus, Split } from "lucide-react";
import { memo } from "react";
import { useUi, type Layers } from "../app/ui-store.ts";
import { POD_MEANINGS, podMeanings } from "../theme/meanings.ts";

const LAYERS: readonly { layer: keyof Layers; label: string; icon: typeof Link2 }[] = [
  { layer: "services", label: "Service threads", icon: Split },
  { layer: "links", label: "Pod links", icon: Link2 },
  { layer: "api", label: "API traffic", icon: Activity },
];

/** Camera and layers, over the lower edge of the map. */
export const CanvasToolbar = memo(function CanvasToolbar({ fit }: { readonly fit: () => void }) {
  const flow = useReactFlow();
  const layers = useUi((s) => s.layers);
  const toggle = useUi((s) => s.toggleLayer);
  return (
    <div className="canvas-tools">
      <div className="tool-group" role="group" aria-label="Camera">
        <button type="button" className="button" data-icon data-quiet onClick={() => void flow.zoomOut({ duration: 160 })} aria-label="Zoom out"><Minus size={15} aria-hidden /></button>
        <button type="button" className="button" data-icon data-quiet onClick={fit} aria-label="Fit the whole cluster" title="Fit (F)"><Maximize size={14} aria-hidden /></button>
        <button type="button" className="button" data-icon data-quiet onClick={() => void flow.zoomIn({ duration: 160 })} aria-label="Zoom in"><Plus size={15} aria-hidden /></button>
      </div>
      <div className="tool-group" role="group" aria-label="Layers">
        {LAYERS.map(({ layer, label, icon: Icon }) => (
          <button key={layer} type="button" className="button" data-quiet aria-pressed={layers[layer]} onClick={() => toggle(layer)} title={label}>
            <Icon size={14} aria-hidden /><span className="tool-label">{label}</span>
          </button>
        ))}
      </div>
      <ul className="legend" aria-label="What the looks of pods mean">
        {POD_MEANINGS.map((meaning) => {
          const { icon: Icon, label } = podMeanings[meaning];
          return <li key={meaning} data-meaning={meaning}><Icon size={12} aria-hidden />{label}</li>;
        })}
      </ul>
    </div>
  );
});
