import { FitAddon } from "@xterm/addon-fit";
import { Terminal as Xterm } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useEffect, useRef } from "react";
import { KubeClient } from "../../bridge/kubectl/client.ts";
import { type ApiResource, discover, pathOf } from "../../bridge/kubectl/resources.ts";
import type { Session } from "../../bridge/session/session.ts";
import type { TerminalPaneProps } from "../app/pane-slots.tsx";
import { complete, type CompletionSource } from "./completion.ts";
import { Laptop } from "./laptop.ts";
import { LineEditor } from "./line-editor.ts";
import "./terminal.css";

const WELCOME = "Your laptop, with \u001b[1mkubectl\u001b[0m.\r\nTry \u001b[36mkubectl get pods -A\u001b[0m\r\n";

/** A terminal on the simulated laptop. */
export function TerminalPane({ session }: TerminalPaneProps) {
  const host = useRef<HTMLDivElement | null>(null);
  useEffect(() => {
    if (host.current === null) return;
    return openTerminal(host.current, session);
  }, [session]);
  return <div className="terminal-pane" ref={host} />;
}

function openTerminal(host: HTMLElement, session: Session): () => void {
  const term = new Xterm({ fontFamily: "'JetBrains Mono Variable', ui-monospace, monospace", fontSize: 12.5, lineHeight: 1.25, cursorBlink: false, screenReaderMode: true, scrollback: 5_000, theme: themeNow() });
  const fit = new FitAddon();
  term.loadAddon(fit);
  term.open(host);
  term.textarea?.setAttribute("aria-label", "Terminal input");
  fit.fit();
  const observer = new ResizeObserver(() => fit.fit());
  observer.observe(host);
  const themeObserver = new MutationObserver(() => (term.options.theme = themeNow()));
  themeObserver.observe(document.documentElement, { attributeFilter: ["data-theme"] });

  let captured: ((text: string) => void) | undefined;
  const toScreen = (text: string): void => term.write(text.replaceAll(/\r?\n/g, "\r\n"));
  const laptop = new Laptop(session, {
    stdout: toScreen,
    stderr: toScreen,
    capture: (receive) => (captured = receive),
    clear: () => term.write("\u001b[2J\u001b[3J\u001b[H"),
  });
  const editor = new LineEditor(
    { write: (text) => term.write(text), get columns() { return term.cols; } },
    {
      submit: (line) => void runLine(line),
      endOfInput: () => {
        term.write("\r\n\u001b[2mThis shell stays open.\u001b[0m\r\n");
        editor.forgetPosition();
        editor.begin(laptop.prompt);
      },
      complete: (line, cursor) => complete(line, cursor, completionSource(session, laptop)),
    },
    laptop.prompt,
  );
  const runLine = async (line: string): Promise<void> => {
    editor.forgetPosition();
    const pending = editor.takePending();
    if (line.trim() !== "") {
      try {
        await laptop.run(line);
      } catch (error) {
        toScreen(`${error instanceof Error ? error.message : String(error)}\n`);
      }
    }
    await new Promise<void>((resolve) => term.write("", resolve));
    if (term.buffer.active.cursorX > 0) term.write("\r\n");
    editor.begin(laptop.prompt);
    if (pending !== "") editor.key(pending);
  };
  term.onData((data) => {
    if (!laptop.busy) return editor.key(data);
    if (captured !== undefined) return captured(data);
    if (data === "\u0003") {
      term.write("^C");
      laptop.interrupt();
    }
  });
  term.write(WELCOME);
  editor.begin(laptop.prompt);
  return () => {
    observer.disconnect();
    themeObserver.disconnect();
    laptop.interrupt();
    term.dispose();
  };
}

function completionSource(session: Session, laptop: Laptop): CompletionSource {
  const client = new KubeClient(session, () => {});
  const names = async (path: string): Promise<readonly string[]> => {
    const list = (await client.send("GET", path)) as { items: readonly { metadata: { name: string } }[] };
    return list.items.map((item) => item.metadata.name);
  };
  return {
    namespace: "default",
    resources: () => discover(client),
    objects: (resource: ApiResource, namespace) => names(pathOf(resource, namespace)),
    namespaces: () => names("/api/v1/namespaces"),
    files: (folder) => laptop.names(folder),
  };
}

/** The page's colours, as they are now. */
function themeNow(): Record<string, string> {
  const style = getComputedStyle(document.documentElement);
  const color = (variable: string): string => style.getPropertyValue(variable).trim();
  return {
    background: color("--panel"), foreground: color("--ink"), cursor: color("--accent"), cursorAccent: color("--panel"), selectionBackground: `${color("--accent")}55`,
    black: color("--ink-3"), red: color("--failing"), green: color("--ready"), yellow: color("--pending"), blue: color("--starting"), magenta: color("--terminating"), cyan: color("--accent"), white: color("--ink"),
    brightBlack: color("--ink-3"), brightRed: color("--failing"), brightGreen: color("--ready"), brightYellow: color("--pending"), brightBlue: color("--starting"), brightMagenta: color("--terminating"), brightCyan: color("--accent"), brightWhite: color("--ink"),
  };
}
