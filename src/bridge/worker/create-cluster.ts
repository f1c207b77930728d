export { createFakeCluster as createCluster } from "../../projection/testing/fake-cluster.ts";
