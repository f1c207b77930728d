/** The Kubernetes version that Kubarium is. What `/version` answers, and the kubelets report. */
export const KUBERNETES_VERSION = "v1.33.0";

/** Source: apimachinery/pkg/version/types.go, Info. */
export const VERSION_INFO = {
  major: "1", minor: "33", emulationMajor: "1", emulationMinor: "33", minCompatibilityMajor: "1", minCompatibilityMinor: "32",
  gitVersion: KUBERNETES_VERSION, gitCommit: "0000000000000000000000000000000000000000", gitTreeState: "clean", buildDate: "2025-04-23T00:00:00Z",
  goVersion: "go1.24.2", compiler: "gc", platform: "linux/amd64",
} as const;
