// The walls: who may import whom. One line per room; a room imports only what its line names (and itself).
// `npm run walls` fails on any other import; scripts/walls/walls.test.ts plants breaches and sees them caught.

const engine = (/** @type {string} */ room) => `^src/engine/${room}/`;
const KERNEL = [engine("kernel")];
const API_MACHINERY = [...KERNEL, engine("apimachinery"), "^src/engine/kinds/generated/types\\.ts$"];
const KINDS = [...API_MACHINERY, engine("kinds")];
const STORE = [...KINDS, engine("store")];
const API_SERVER = [...STORE, engine("apiserver")];
const CLIENT = [...KINDS, engine("apiserver"), engine("client")];
const COMPONENT = [...KINDS, engine("client")];

/** Room → what its files may import at run time. @type {Record<string, string[]>} */
const MAY_IMPORT = {
  "src/engine/kernel": KERNEL,
  "src/engine/apimachinery": API_MACHINERY,
  "src/engine/kinds": KINDS,
  "src/engine/store": STORE,
  "src/engine/apiserver": API_SERVER,
  "src/engine/client": CLIENT,
  "src/engine/controllers": [...COMPONENT, engine("controllers")],
  "src/engine/scheduler": [...COMPONENT, engine("scheduler")],
  "src/engine/network": [...COMPONENT, engine("network")],
  "src/engine/runtime": [...API_MACHINERY, engine("network"), engine("runtime")],
  "src/engine/kubelet": [...COMPONENT, engine("network"), engine("runtime"), engine("kubelet")],
  "src/engine/cluster": ["^src/engine/(?!testing/)"],
  "src/projection": ["^src/projection/", ...KINDS],
  "src/bridge/protocol": ["^src/bridge/protocol/", "^src/projection/"],
  "src/bridge/worker": ["^src/bridge/(worker|protocol)/", "^src/projection/", "^src/engine/index\\.ts$"],
  "src/bridge/session": ["^src/bridge/(session|protocol)/", "^src/projection/"],
  "src/bridge/kubectl": ["^src/bridge/(kubectl|protocol)/", ...API_MACHINERY],
  "src/bridge/http": ["^src/bridge/(http|protocol)/", "^src/engine/index\\.ts$"],
  "src/ui": ["^src/ui/", "^src/projection/", "^src/bridge/(protocol|session|kubectl)/", "^src/lessons/"],
  "src/lessons": ["^src/lessons/", "^src/bridge/protocol/"],
};

/** Pure packages that the engine may use; anything else needs a line here and a reason in docs/ARCHITECTURE.md. */
const ENGINE_PACKAGES = "node_modules/(@noble/hashes|unbash|yaml)/";
const TEST = "\\.test\\.tsx?$|/testing/|/testdata/";

/** @type {import("dependency-cruiser").IConfiguration} */
const config = {
  forbidden: [
    ...Object.entries(MAY_IMPORT).map(([room, allowed]) => ({
      name: `walls of ${room}`,
      severity: /** @type {const} */ ("error"),
      from: { path: `^${room}/`, pathNot: TEST },
      to: { path: "^src/", pathNot: allowed.join("|"), dependencyTypesNot: /** @type {["type-only"]} */ (["type-only"]) },
    })),
    {
      name: "engine rooms do not know the cluster, not even its types",
      severity: "error",
      from: { path: "^src/engine/(kernel|apimachinery|kinds|store|client|controllers|scheduler|network|runtime|kubelet)/", pathNot: TEST },
      to: { path: "^src/(engine/(cluster|testing)/|engine/index\\.ts|projection|bridge|ui)" },
    },
    {
      name: "controllers, scheduler, network and kubelet do not know each other, not even by type",
      severity: "error",
      from: { path: "^src/engine/(controllers|scheduler|network)/", pathNot: TEST },
      to: { path: "^src/engine/(controllers|scheduler|network|kubelet|runtime)/", pathNot: "^src/engine/$1/" },
    },
    {
      name: "only pure packages in the engine",
      severity: "error",
      from: { path: "^src/(engine|projection)/", pathNot: TEST },
      to: { dependencyTypes: ["npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg", "core"], pathNot: ENGINE_PACKAGES },
    },
    {
      name: "React only in ui",
      severity: "error",
      from: { path: "^src/(?!ui/|main\\.tsx$)", pathNot: TEST },
      to: { path: "node_modules/(react|react-dom|zustand|@xyflow|framer-motion|radix-ui|cmdk|lucide-react)/" },
    },
    {
      name: "no run-time code for tests in the product",
      severity: "error",
      from: { path: "^src/", pathNot: TEST },
      to: { path: TEST, dependencyTypesNot: ["type-only"] },
    },
    // A grammar is recursive, and so is its interpreter: commands hold lists, lists hold commands.
    { name: "no circles", severity: "error", from: { path: "^src/", pathNot: `${TEST}|^src/engine/runtime/shell/` }, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    { name: "every import resolves", severity: "error", from: { path: "^src/" }, to: { couldNotResolve: true, pathNot: "\\?(worker|url|raw)|^virtual:" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\?(worker|url|raw|inline)" },
    tsPreCompilationDeps: "specify",
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "browser", "default"], extensions: [".ts", ".tsx", ".mjs", ".js", ".json", ".css"] },
  },
};
export { MAY_IMPORT };
export default config;
