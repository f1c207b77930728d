import { CircleCheck, Info, TriangleAlert, X } from "lucide-react";
import { useEffect } from "react";
import { type Toast, useUi } from "./ui-store.ts";

const LIFE_MS = { good: 4_500, plain: 5_000, bad: 12_000 } as const;
const ICON = { good: CircleCheck, plain: Info, bad: TriangleAlert } as const;
const MEANING = { good: "ready", plain: "starting", bad: "failing" } as const;

export function Toasts() {
  const toasts = useUi((s) => s.toasts);
  return <div className="toasts" role="status" aria-live="polite">{toasts.map((toast) => <ToastCard key={toast.id} toast={toast} />)}</div>;
}

function ToastCard({ toast }: { readonly toast: Toast }) {
  const dismiss = useUi((s) => s.dismissToast);
  useEffect(() => {
    const timer = setTimeout(() => dismiss(toast.id), LIFE_MS[toast.tone]);
    return () => clearTimeout(timer);
  }, [toast, dismiss]);
  const Icon = ICON[toast.tone];
  return (
    <div className="toast" data-meaning={MEANING[toast.tone]}>
      <Icon size={16} aria-hidden />
      <span>{toast.text}</span>
      <button type="button" className="button" data-quiet data-icon aria-label="Dismiss" onClick={() => dismiss(toast.id)}><X size={14} aria-hidden /></button>
    </div>
  );
}
