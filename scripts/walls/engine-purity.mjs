// An oxlint plugin: the engine and the projection are synchronous, seeded and free of hosts.
// Waiting is an event in the clock's queue, chance comes from a forked rng; see src/engine/kernel/README.md.

const BANNED_GLOBALS = new Map(
  Object.entries({
    Date: "use the simulated clock (Clock.now) and TimeText",
    setTimeout: "use clock.after", setInterval: "use clock.every", setImmediate: "use clock.after", queueMicrotask: "use clock.after",
    requestAnimationFrame: "frames belong to the page", performance: "real time belongs to hosts and benchmarks",
    Promise: "the engine is synchronous", fetch: "the engine reaches nothing outside",
    crypto: "use rng.fork(label)", document: "no DOM here", window: "no DOM here", self: "no worker API here", postMessage: "no worker API here",
    process: "no Node API here", Buffer: "no Node API here", require: "no Node API here", console: "write to the journal",
  }),
);

/** @param {any} node */
function isReference(node) {
  const parent = node.parent;
  if (!parent) return true;
  if (parent.type === "MemberExpression" && parent.property === node && !parent.computed) return false;
  if ((parent.type === "Property" || parent.type === "PropertyDefinition" || parent.type === "MethodDefinition") && parent.key === node && !parent.computed && !parent.shorthand) return false;
  if (parent.type.startsWith("TS") || parent.type === "LabeledStatement") return false;
  return true;
}

/** Names that the file declares itself (parameters, variables, imports) are its own. @param {any} context @param {any} node */
function isDeclared(context, node) {
  for (let scope = context.sourceCode.getScope(node); scope; scope = scope.upper) {
    const variable = scope.set.get(node.name);
    if (variable !== undefined && variable.defs.length > 0) return true;
  }
  return false;
}

const noHost = {
  /** @param {any} context */
  create(context) {
    /** @param {any} node @param {string} message */
    const report = (node, message) => context.report({ node, message });
    /** @param {any} node */
    const checkFunction = (node) => {
      if (node.async) report(node, "No async in the engine and the projection: waiting is an event in the clock's queue.");
    };
    return {
      FunctionDeclaration: checkFunction,
      FunctionExpression: checkFunction,
      ArrowFunctionExpression: checkFunction,
      /** @param {any} node */
      AwaitExpression: (node) => report(node, "No await in the engine and the projection."),
      /** @param {any} node */
      MemberExpression(node) {
        if (node.object.type === "Identifier" && node.object.name === "Math" && node.property.name === "random") report(node, "No Math.random: use rng.fork(label).");
        if (node.object.type === "Identifier" && node.object.name === "globalThis") report(node, "No globalThis: hosts hand in what the engine needs.");
        if (/^(localeCompare|toLocale\w*)$/.test(node.property.name ?? "")) report(node, "Locale decides the answer here: compare with < and >.");
      },
      /** @param {any} node */
      Identifier(node) {
        const advice = BANNED_GLOBALS.get(node.name);
        if (advice !== undefined && isReference(node) && !isDeclared(context, node)) report(node, `No ${node.name} in the engine and the projection: ${advice}.`);
      },
    };
  },
};

const plugin = { meta: { name: "kubarium" }, rules: { "engine-purity": noHost } };
export default plugin;
