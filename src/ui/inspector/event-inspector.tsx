import { Info, TriangleAlert } from "lucide-react";
import { useRow } from "../app/session-hooks.ts";
import { clockText } from "../timeline/clock-text.ts";
import { Facts, Head, RefLink, Section } from "./parts.tsx";
import { EventsOf } from "./events-of.tsx";
import { CauseChain } from "./cause-chain.tsx";

export function EventInspector({ uid }: { readonly uid: string }) {
  const event = useRow(uid);
  if (event?.kind !== "Event") return <p className="none">This Event is gone: the cluster keeps Events for an hour.</p>;
  const warning = event.type === "Warning";
  return (
    <>
      <Head icon={warning ? <TriangleAlert size={20} aria-hidden /> : <Info size={20} aria-hidden />} kind="Event" name={event.reason} meaning={warning ? "failing" : "done"}>
        <span className="badge" data-meaning={warning ? "failing" : "done"}>{event.type}</span>
      </Head>
      <div className="inspector-body">
        <p className="quote">{event.message}</p>
        <Section title="Facts">
          <Facts facts={[
            ["About", <RefLink key="a" to={event.about}>{event.about.kind.toLowerCase()}/{event.about.name}</RefLink>],
            ["From", event.component],
            ["First seen", <span key="f" className="mono">{clockText(event.firstUs, 3)}</span>],
            ["Last seen", event.count > 1 && <span key="l" className="mono">{clockText(event.lastUs, 3)}</span>],
            ["Count", event.count],
          ]} />
        </Section>
        <Section title="What led to it"><CauseChain subject={`event/${event.namespace}/${event.name}`} /></Section>
        <Section title="Other Events about the same object"><EventsOf refTo={event.about} /></Section>
      </div>
    </>
  );
}
