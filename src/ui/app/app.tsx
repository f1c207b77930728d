import "./app.css";
import { lazy, Suspense, useEffect } from "react";
import type { Session } from "../../bridge/session/session.ts";
import { BootScreen } from "./boot-screen.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { SessionContext, useSessionState } from "./session-hooks.ts";
import { useShortcuts } from "./shortcuts.ts";
import { followSystemTheme } from "./theme-choice.ts";
import { Toasts } from "./toasts.tsx";
import { TopBar } from "./top-bar.tsx";
import { useUi } from "./ui-store.ts";
import { Workspace } from "./workspace.tsx";

const CommandPalette = lazy(() => import("./command-palette.tsx").then((m) => ({ default: m.CommandPalette })));
const SendDialog = lazy(() => import("./send-dialog.tsx").then((m) => ({ default: m.SendDialog })));
const HelpDialog = lazy(() => import("./help-dialog.tsx").then((m) => ({ default: m.HelpDialog })));
const CrashDialog = lazy(() => import("./crash-dialog.tsx").then((m) => ({ default: m.CrashDialog })));

/** The whole page around one session. */
export function App({ session }: { readonly session: Session }) {
  useEffect(() => followSystemTheme(() => useUi.getState().theme), []);
  return (
    <SessionContext value={session}>
      <ErrorBoundary what="The page">
        <Shell />
      </ErrorBoundary>
    </SessionContext>
  );
}

function Shell() {
  useShortcuts();
  const palette = useUi((s) => s.palette);
  const help = useUi((s) => s.help);
  const send = useUi((s) => s.send);
  const state = useSessionState();
  return (
    <>
      <a className="skip-link" href="#pods-list">Skip to the list of pods</a>
      <TopBar />
      <Workspace />
      {state.phase === "starting" && <BootScreen progress={state.progress} />}
      <Suspense>
        {palette && <CommandPalette />}
        {help && <HelpDialog />}
        {send !== undefined && <SendDialog initial={send} />}
        {state.phase === "crashed" && <CrashDialog report={state.report} />}
      </Suspense>
      <Toasts />
    </>
  );
}
