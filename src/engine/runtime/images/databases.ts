import { secondsToUs } from "../../kernel/time.ts";
import type { TcpConnection } from "../../network/contracts.ts";
import { wallClock } from "../commands/now.ts";
import type { Process } from "../process/process.ts";
import type { Program } from "../process/program.ts";
import type { Sys } from "../process/wait.ts";
import { strftime } from "../text/calendar.ts";
import { debianFiles, debianLayer, RELEASES } from "./bases/debian.ts";
import { ALPINE_LATEST, alpineFiles, alpineLayer } from "./bases/alpine.ts";
import type { ImageDefinition } from "./image-definition.ts";
import { splitTag, versionOf } from "./versions.ts";
import { forever, handleTerm } from "./web-app.ts";

/**
 * Database servers as their images start them: what they demand of the environment, how long the first start takes, what they log, and that
 * their port answers. Differs: no SQL and no wire protocols; a connection is accepted and its data ignored, the clients answer to health checks only.
 */
interface Database {
  readonly name: string;
  readonly port: number;
  readonly memoryBytes: number;
  readonly dataDir: string;
  /** A text: printed before it gives up with 1. */
  readonly refuses: (process: Process) => string | undefined;
  readonly initSeconds: number;
  readonly startSeconds: number;
  readonly lines: (process: Process, phase: "init" | "start" | "ready") => readonly string[];
  readonly onTermUs: number;
}

const isoStamp = (process: Process): string => strftime("%Y-%m-%dT%H:%M:%S.%6NZ", wallClock(process)).replace(".%6NZ", `.${String(Math.floor(wallClock(process).nanos / 1_000)).padStart(6, "0")}Z`);

const databaseProgram = (database: Database): Program => ({
  name: database.name,
  memoryBytes: 20 << 20,
  startUs: 100_000,
  *run(process) {
    const problem = database.refuses(process);
    if (problem !== undefined) {
      yield* process.errOut(problem);
      return 1;
    }
    handleTerm(process, { exitCode: 0, afterUs: database.onTermUs });
    const marker = `${database.dataDir}/.kubarium-initialised`;
    const { fs } = process.world;
    if (!fs.stat(marker, process.credentials).ok) {
      yield* print(process, database.lines(process, "init"));
      yield { type: "cpu", us: secondsToUs(database.initSeconds) };
      fs.writeText(marker, "1\n", process.credentials, 0o600);
    }
    yield* print(process, database.lines(process, "start"));
    process.setMemory(database.memoryBytes);
    yield* process.stopIfDead();
    yield { type: "cpu", us: secondsToUs(database.startSeconds) };
    const listener = process.world.netns.listenTcp(database.port, "0.0.0.0", process.owner, (connection) => hold(process, connection));
    if (!listener.ok) {
      yield* process.errOut(`${isoStamp(process)} 0 [ERROR] Can't start server: Bind on TCP/IP port: Address already in use\n`);
      return 1;
    }
    process.hold(() => listener.value.close());
    yield* print(process, database.lines(process, "ready"));
    return yield* forever(process);
  },
});

function hold(process: Process, connection: TcpConnection): void {
  const letGo = process.hold(() => connection.close());
  connection.onClose(() => {
    connection.close();
    letGo();
  });
}

function* print(process: Process, lines: readonly string[]): Sys<void> {
  if (lines.length > 0) yield* process.errOut(lines.map((line) => `${line}\n`).join(""));
}

/** A client that knows only whether its server answers: mysqladmin ping, pg_isready, mongosh --eval ping. */
const healthClient = (name: string, port: number, alive: string, dead: string, deadCode: number): Program => ({
  name,
  memoryBytes: 8 << 20,
  *run(process) {
    const reached = yield* process.call<boolean>("connect", (resume) => {
      process.world.netns.connectTcp({ ip: "127.0.0.1", port }, { timeoutUs: 2_000_000, owner: process.owner }, (result) => {
        if (result.ok) result.value.close();
        resume(result.ok);
      });
      return undefined;
    });
    const asks = /ping|isready|--version|-V|adminCommand|SELECT 1|select 1|status/.test(process.argv.join(" "));
    if (reached && asks) yield* process.out(`${alive}\n`);
    else if (!reached) yield* process.errOut(`${dead}\n`);
    else yield* process.errOut(`${name}: NotImplemented: Kubarium's databases do not run queries\n`);
    return reached ? (asks ? 0 : 1) : deadCode;
  },
});

const mysqlRefuses = (names: readonly string[], product: string) => (process: Process): string | undefined => {
  if (names.some((name) => process.env.has(name) || process.env.has(`${name}_FILE`)) || process.world.fs.stat("/var/lib/mysql/.kubarium-initialised", process.credentials).ok) return undefined;
  const stamp = strftime("%Y-%m-%d %H:%M:%S+00:00", wallClock(process));
  return `${stamp} [Note] [Entrypoint]: Entrypoint script for ${product} Server ${process.world.image.version} started.\n${stamp} [Note] [Entrypoint]: Switching to dedicated user 'mysql'\n${stamp} [Note] [Entrypoint]: Entrypoint script for ${product} Server ${process.world.image.version} started.\n${stamp} [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n${names.slice(0, 3).map((name) => `    - ${name}`).join("\n")}\n`;
};

const mysqlLines = (product: string) => (process: Process, phase: "init" | "start" | "ready"): readonly string[] => {
  const entry = `${strftime("%Y-%m-%d %H:%M:%S+00:00", wallClock(process))} [Note] [Entrypoint]:`;
  const server = isoStamp(process);
  const { version } = process.world.image;
  if (phase === "init") return [`${entry} Entrypoint script for ${product} Server ${version} started.`, `${entry} Switching to dedicated user 'mysql'`, `${entry} Initializing database files`, `${entry} Starting temporary server`];
  if (phase === "start") return [`${entry} ${product} init process done. Ready for start up.`, `${server} 0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld ${version}) starting as process 1`];
  return [`${server} 0 [System] [MY-011323] [Server] X Plugin ready for connections. Bind-address: '::' port: 33060, socket: /var/run/mysqld/mysqlx.sock`, `${server} 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '${version}'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.`];
};

const image = (repositories: readonly string[], patches: Readonly<Record<string, number>>, latest: string, database: Database, clients: readonly (readonly [string, Program])[], bytes: number, server: string, workingDir = ""): ImageDefinition => {
  const program = databaseProgram(database);
  return {
    repositories,
    programs: [program, ...clients.map(([, client]) => client)],
    variant(tag) {
      const [head, rest] = /^(alpine|bookworm|noble|jammy|oracle|debian|management)/.test(tag) ? ["latest", tag] : splitTag(tag);
      if (!/^(|(management|rc|oracle|debian|ubi\d?|focal|jammy|noble|bionic|xenial|bookworm|bullseye|trixie|buster|alpine)[\w.-]*)$/.test(rest)) return undefined;
      const version = versionOf(head, patches, { latest, lts: latest, innovation: latest });
      if (version === undefined) return undefined;
      const alpine = rest.includes("alpine");
      return {
        version, layers: [alpine ? alpineLayer(ALPINE_LATEST) : debianLayer(RELEASES.bookworm), { name: `${repositories[0] ?? ""}:${version}`, bytes: alpine ? bytes / 2 : bytes }],
        entrypoint: ["docker-entrypoint.sh"], cmd: [server], exposedPorts: [database.port], workingDir, ...(alpine ? { resolver: "musl" as const } : {}),
        env: [["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]],
        files: () => {
          const files = (alpine ? alpineFiles(ALPINE_LATEST) : debianFiles(RELEASES.bookworm)).dir(database.dataDir.slice(1), 0o1777, 999, 999).binary(`usr/local/bin/${server}`, program.name, "plain", version)
            .text("usr/local/bin/docker-entrypoint.sh", `#!/bin/sh\nset -e\ncase "$1" in -*) set -- ${server} "$@" ;; esac\nexec "$@"\n`, 0o755);
          for (const [name, client] of clients) files.binary(`usr/bin/${name}`, client.name, "plain", version);
          return files.build();
        },
      };
    },
  };
};

const MYSQL_NAMES = ["MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"];
const mysqlClient = healthClient("mysqladmin", 3306, "mysqld is alive", "mysqladmin: connect to server at 'localhost' failed\nerror: 'Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)'\nCheck that mysqld is running and that the socket: '/var/run/mysqld/mysqld.sock' exists!", 1);
const mysqlShell = healthClient("mysql-client", 3306, "1\n1", "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)", 1);

export const mysql = image(["docker.io/library/mysql", "docker.io/mysql/mysql-server", "public.ecr.aws/docker/library/mysql"], { "5.6": 51, "5.7": 44, "8.0": 43, "8.1": 0, "8.2": 0, "8.3": 0, "8.4": 6, "9.0": 1, "9.1": 0, "9.2": 0, "9.3": 0, "9.4": 0 }, "9.4", {
  name: "mysqld", port: 3306, memoryBytes: 380 << 20, dataDir: "/var/lib/mysql", refuses: mysqlRefuses(MYSQL_NAMES, "MySQL"), initSeconds: 9, startSeconds: 1.5, lines: mysqlLines("MySQL"), onTermUs: 1_200_000,
}, [["mysqladmin", mysqlClient], ["mysql", mysqlShell]], 230_000_000, "mysqld");

export const mariadb = image(["docker.io/library/mariadb", "docker.io/bitnami/mariadb"], { "10.3": 39, "10.4": 34, "10.5": 29, "10.6": 23, "10.11": 14, "11.4": 8, "11.8": 3, "12.0": 2 }, "12.0", {
  name: "mariadbd", port: 3306, memoryBytes: 110 << 20, dataDir: "/var/lib/mysql", refuses: mysqlRefuses(["MARIADB_ROOT_PASSWORD", "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "MARIADB_RANDOM_ROOT_PASSWORD", ...MYSQL_NAMES], "MariaDB"), initSeconds: 5, startSeconds: 0.8, lines: mysqlLines("MariaDB"), onTermUs: 800_000,
}, [["mariadb-admin", { ...mysqlClient, name: "mariadb-admin" }], ["mysqladmin", mysqlClient], ["mysql", mysqlShell]], 100_000_000, "mariadbd");

const pgLines = (process: Process, phase: "init" | "start" | "ready"): readonly string[] => {
  const log = (text: string): string => `${strftime("%Y-%m-%d %H:%M:%S", wallClock(process))}.${String(Math.floor(wallClock(process).nanos / 1e6)).padStart(3, "0")} UTC [1] LOG:  ${text}`;
  if (phase === "init") return ['The files belonging to this database system will be owned by user "postgres".', "This user must also own the server process.", "", 'The database cluster will be initialized with locale "en_US.utf8".', 'The default database encoding has accordingly been set to "UTF8".', "", "fixing permissions on existing directory /var/lib/postgresql/data ... ok", "creating subdirectories ... ok", "performing post-bootstrap initialization ... ok", "syncing data to disk ... ok", "", "PostgreSQL init process complete; ready for start up.", ""];
  if (phase === "start") return [log(`starting PostgreSQL ${process.world.image.version} on x86_64-pc-linux-gnu, compiled by gcc, 64-bit`)];
  return [log('listening on IPv4 address "0.0.0.0", port 5432'), log('listening on Unix socket "/var/run/postgresql/.s.PGSQL.5432"'), log("database system is ready to accept connections")];
};

export const postgres = image(["docker.io/library/postgres", "docker.io/bitnami/postgresql", "public.ecr.aws/docker/library/postgres"], { "9.6": 24, "10": 23, "11": 22, "12": 22, "13": 22, "14": 19, "15": 14, "16": 10, "17": 6 }, "17", {
  name: "postgres", port: 5432, memoryBytes: 40 << 20, dataDir: "/var/lib/postgresql/data",
  refuses: (process) => {
    if (process.env.has("POSTGRES_PASSWORD") || process.env.has("POSTGRES_PASSWORD_FILE") || process.env.get("POSTGRES_HOST_AUTH_METHOD") === "trust" || process.world.fs.stat("/var/lib/postgresql/data/.kubarium-initialised", process.credentials).ok) return undefined;
    return `Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".\n\n       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all\n       connections without a password. This is *not* recommended.\n\n       See PostgreSQL documentation about "trust":\n       https://www.postgresql.org/docs/current/auth-trust.html\n`;
  },
  initSeconds: 1.8, startSeconds: 0.3, lines: pgLines, onTermUs: 300_000,
}, [["pg_isready", healthClient("pg_isready", 5432, "/var/run/postgresql:5432 - accepting connections", "/var/run/postgresql:5432 - no response", 2)], ["psql", healthClient("psql", 5432, " ?column? \n----------\n        1\n(1 row)\n", 'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?', 2)]], 110_000_000, "postgres");

const mongoLine = (process: Process, component: string, id: number, message: string, attr: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ t: { $date: strftime("%Y-%m-%dT%H:%M:%S", wallClock(process)) + `.${String(Math.floor(wallClock(process).nanos / 1e6)).padStart(3, "0")}+00:00` }, s: "I", c: component, id, ctx: "initandlisten", msg: message, ...(Object.keys(attr).length === 0 ? {} : { attr }) });

const mongoShell = healthClient("mongosh", 27_017, "{ ok: 1 }", "MongoNetworkError: connect ECONNREFUSED 127.0.0.1:27017", 1);

export const mongo = image(["docker.io/library/mongo", "docker.io/bitnami/mongodb", "public.ecr.aws/docker/library/mongo"], { "3.4": 24, "3.6": 23, "4.0": 28, "4.2": 24, "4.4": 29, "5.0": 31, "6.0": 25, "7.0": 23, "8.0": 13 }, "8.0", {
  name: "mongod", port: 27_017, memoryBytes: 120 << 20, dataDir: "/data/db", refuses: () => undefined, initSeconds: 0.5, startSeconds: 0.9, onTermUs: 400_000,
  lines: (process, phase) => phase === "init" ? [] : phase === "start" ? [mongoLine(process, "CONTROL", 4_615_611, "MongoDB starting", { pid: process.pid, port: 27_017, dbPath: "/data/db", architecture: "64-bit", host: process.world.pod.hostname }), mongoLine(process, "CONTROL", 23_403, "Build Info", { buildInfo: { version: process.world.image.version } })] : [mongoLine(process, "NETWORK", 23_015, "Listening on", { address: "0.0.0.0" }), mongoLine(process, "NETWORK", 23_016, "Waiting for connections", { port: 27_017, ssl: "off" })],
}, [["mongosh", mongoShell], ["mongo", { ...mongoShell, name: "mongo-shell" }]], 260_000_000, "mongod");

export const rabbitmq = image(["docker.io/library/rabbitmq", "docker.io/bitnami/rabbitmq"], { "3.6": 16, "3.7": 28, "3.8": 34, "3.9": 29, "3.10": 25, "3.11": 28, "3.12": 14, "3.13": 7, "4.0": 9, "4.1": 4, "4.2": 1, "4.3": 2 }, "4.1", {
  name: "rabbitmq-server", port: 5672, memoryBytes: 130 << 20, dataDir: "/var/lib/rabbitmq", refuses: () => undefined, initSeconds: 6, startSeconds: 5, onTermUs: 2_000_000,
  lines: (process, phase) => { const stamp = strftime("%Y-%m-%d %H:%M:%S", wallClock(process)) + ".000000+00:00"; return phase === "init" ? [] : phase === "start" ? [`${stamp} [info] <0.254.0>  Starting RabbitMQ ${process.world.image.version} on Erlang 27.3.4`, "", `  ##  ##      RabbitMQ ${process.world.image.version}`, "  ##  ##", "  ##########  Copyright (c) 2007-2025 Broadcom Inc and/or its subsidiaries", "  ######  ##", "  ##########  Licensed under the MPL 2.0. Website: https://rabbitmq.com", ""] : [`${stamp} [info] <0.650.0> started TCP listener on [::]:5672`, `${stamp} [info] <0.10.0> Server startup complete; 4 plugins started.`]; },
}, [["rabbitmq-diagnostics", healthClient("rabbitmq-diagnostics", 5672, "Ping succeeded", "Error: unable to perform an operation on node. Please see diagnostics information and suggestions below.", 69)]], 90_000_000, "rabbitmq-server");

export const memcached = image(["docker.io/library/memcached", "docker.io/bitnami/memcached"], { "1.4": 39, "1.5": 22, "1.6": 39 }, "1.6", {
  name: "memcached", port: 11_211, memoryBytes: 4 << 20, dataDir: "/tmp/memcached", refuses: () => undefined, initSeconds: 0, startSeconds: 0.02, lines: () => [], onTermUs: 10_000,
}, [], 2_500_000, "memcached");
