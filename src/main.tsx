import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "./ui/theme/tokens.css";
import "./ui/theme/base.css";
import { createRoot } from "react-dom/client";
import { openWorkerPort } from "./bridge/session/worker-port.ts";
import { Session } from "./bridge/session/session.ts";
import { App } from "./ui/app/app.tsx";
import { clusterOptionsFromUrl } from "./ui/app/cluster-options.ts";
import { installTestHook } from "./ui/app/test-hook.ts";

const session = new Session({ openPort: openWorkerPort, onFrame: (run) => requestAnimationFrame(run), cluster: clusterOptionsFromUrl(location.search) });
installTestHook(session);

const root = document.getElementById("root");
if (root === null) throw new Error("Kubarium bug: expected that index.html has a #root");
createRoot(root).render(<App session={session} />);
