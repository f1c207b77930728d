/** What images listen on that have no behaviour of their own; all others: 80 and 8080. Source: their EXPOSE lines and manuals. */
const PORTS: Readonly<Record<string, readonly number[]>> = {
  adminer: [8080], "azure-vote-front": [80], caddy: [80], carts: [80], cassandra: [9042, 7000], consul: [8500], couchbase: [8091], couchdb: [5984], dashboard: [8443, 9090], dex: [5556], "docker-elasticsearch-kubernetes": [9200, 9300], "documentdb-local": [10260],
  drupal: [80], "eclipse-mosquitto": [1883], elasticsearch: [9200, 9300], "emojivoto-emoji-svc": [8080, 8801], "emojivoto-voting-svc": [8080, 8801], envoy: [9901], "examplevotingapp_result": [80], "examplevotingapp_vote": [80], "front-end": [8079], ghost: [2368], "gb-frontend": [80], "gb-redis-follower": [6379],
  gitlab: [80], "go-httpbin": [8080], goproxy: [8080], grafana: [3000], guestbook: [3000], haproxy: [80], hasher: [80], "hello-go-gke": [80], hub: [4444], influxdb: [8086], jenkins: [8080, 50000], jetty: [8080], joomla: [80], kafka: [9092], kibana: [5601], "k8sbook": [8080], "knote-js": [3000], "kube-state-metrics": [8080, 8081],
  "kubernetes-zookeeper": [2181, 2888, 3888], "makeline-service": [3001], mailhog: [1025, 8025], memcached: [11211], "metrics-scraper": [8000], "metrics-server": [10250], minio: [9000, 9001], "mongo-express": [8081], nats: [4222, 8222], neo4j: [7474, 7687], nextcloud: [80], node: [], "node-exporter": [9100],
  "oauth2-proxy": [4180], "online_shop": [5173], "order-service": [3000], "prometheus": [9090], "product-service": [3002], phpmyadmin: [80], "quiz-api": [8080], registry: [5000], rethinkdb: [8080, 28015], rng: [80], "simple-webapp-mysql": [8080], "simple-webapp": [8080], solr: [8983], sonarqube: [9000], "store-admin": [8081], "store-front": [8080],
  "tcp-echo-server": [9000, 9001, 9002], tomcat: [8080], traefik: [80, 8080], "test-webserver": [80], vault: [8200], varnish: [80], webui: [80], "web-app": [8080], wordpress: [80], zookeeper: [2181, 2888, 3888], serving: [8500, 8501], "vllm-openai": [8000], "adservice": [9555], "cartservice": [7070], "checkoutservice": [5050], "currencyservice": [7000],
  "emailservice": [8080], "paymentservice": [50051], "productcatalogservice": [3550], "recommendationservice": [8080], "shippingservice": [50051], frontend: [8080], "examples-bookinfo-mongodb": [27017], "examples-bookinfo-mysqldb": [3306], "volume-nfs": [2049, 20048, 111], "redis-slave": [6379],
};

/** Images that work without listening: loops, jobs, agents. */
const SILENT = /worker|cron|init|job|virtual-|loadgenerator|fluent|exporter-agent|git-sync|socat|detector|autoscaler|recommender|provisioner|cuda|curator|backup|migrate|seed/;

export function knownPorts(repository: string): readonly number[] {
  const name = repository.slice(repository.lastIndexOf("/") + 1);
  return (Object.hasOwn(PORTS, name) ? PORTS[name] : undefined) ?? (SILENT.test(name) ? [] : [80, 8080]);
}
