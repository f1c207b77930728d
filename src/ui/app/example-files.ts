import type { ManifestFile } from "./files-store.ts";

/** What the editor opens with: a first Pod, and something to send packets to. */
export const EXAMPLE_FILES: readonly ManifestFile[] = [
  {
    name: "nginx-pod.yml",
    text: `apiVersion: v1
kind: Pod
metadata:
  name: my-nginx-pod
  labels:
    app: my-nginx
spec:
  containers:
  - name: nginx-container
    image: nginx:latest
    ports:
    - containerPort: 80
`,
  },
  {
    name: "web.yml",
    text: `# Three replicas behind one Service: send a packet to http://web
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: nginx
        image: nginx:latest
        ports:
        - containerPort: 80
        readinessProbe:
          httpGet:
            path: /
            port: 80
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
    targetPort: 80
`,
  },
];
