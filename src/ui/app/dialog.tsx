import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";

interface Props {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Stays until a button is pressed. */
  readonly firm?: boolean;
}

/** A modal dialog: focus trap, Escape, labelled. */
export function Dialog({ title, lead, onClose, children, firm = false }: Props) {
  const stay = (event: Event): void => {
    if (firm) event.preventDefault();
  };
  return (
    <Radix.Root open onOpenChange={(open) => { if (!open) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content className="dialog" onEscapeKeyDown={stay} onInteractOutside={stay} {...(lead === undefined ? { "aria-describedby": undefined } : {})}>
          <Radix.Title asChild><h2>{title}</h2></Radix.Title>
          {lead !== undefined && <Radix.Description asChild><div className="lead">{lead}</div></Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
