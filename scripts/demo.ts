/**
 * Shows what the server does: starts it as built on its embedded sandbox, calls its tools over stdio as an agent's
 * client would, and prints the results. `npm run demo`
 */
import { connectionTypes } from "../src/connections/union.ts";
import { isObject, type JsonObject } from "../src/json.ts";
import { sandboxCredentials } from "../src/sandbox/credentials.ts";
import { documentsIn, listIn, startDemo, stepLine } from "./demo-client.ts";

const say = (line = "") => process.stdout.write(`${line}\n`);
const title = (text: string) => say(`\n${text}\n${"-".repeat(text.length)}`);

/** Prints what matters of a result. */
function show(result: JsonObject): JsonObject {
  say(`  ${result["outcome"]}: ${result["summary"]}`);
  const { warnings, error } = result;
  if (Array.isArray(warnings)) for (const warning of warnings) say(`    warning: ${warning}`);
  for (const { path, before, after } of listIn(result["changes"])) say(`    ${path}: ${before} -> ${after}`);
  if (isObject(error)) {
    say(`    kind: ${error["kind"]}${error["status"] === undefined ? "" : `, status ${error["status"]}`}`);
    for (const { path, message } of listIn(error["fields"])) say(`    ${path} ${message}`);
    say(`    hint: ${error["hint"]}`);
  }
  return result;
}

/** Prints a result that has a plan. */
function showPlan(result: JsonObject): void {
  show(result);
  for (const step of listIn(result["plan"])) say(`    ${stepLine(step)}`);
}

/** Prints what a diagnosis found. */
function showFindings(result: JsonObject): void {
  show(result);
  for (const { severity, what, evidence, next } of listIn(result["findings"])) {
    say(`    ${severity}: ${what}`);
    say(`      evidence: ${evidence}`);
    say(`      next: ${next}`);
  }
}

const { client, call } = await startDemo(["--sandbox"], {
  ATLAS_STREAMS_SECRET_KAFKA_PASSWORD: "a password that no agent sees",
  ATLAS_STREAMS_SECRET_HOOK_AUTH: "Bearer of a webhook",
  ATLAS_STREAMS_SECRET_REGISTRY_PASSWORD: "another password",
});

title("The server and its tools");
const { tools } = await client.listTools();
say(`  ${client.getServerVersion()?.name} ${client.getServerVersion()?.version}`);
for (const { name, description } of tools) say(`  ${name}: ${description}`);

title("Find the project and the workspace");
const [project] = listIn(show(await call("list_projects", { nameContains: "shop" }))["projects"]);
const { groupId } = project ?? {};
say(`    ${project?.["name"]}: ${groupId}`);
const [workspace] = listIn(show(await call("list_stream_workspaces", { groupId }))["workspaces"]);
const { tenantName } = workspace ?? {};
say(`    ${tenantName} in ${workspace?.["region"]}`);
const place = { groupId, tenantName };
for (const { name, type, state } of listIn(show(await call("list_stream_connections", place))["connections"]))
  say(`    ${name}: ${type}, ${state}`);

const create = (connection: unknown, options: JsonObject = {}) =>
  call("create_stream_connection", { ...place, connection, ...options });

title("The options for a connection, and a template for it");
const options = show(await call("get_connection_options", { groupId, type: "Cluster" }));
say(`    ${JSON.stringify(options["template"])}`);
const template = isObject(options["template"]) ? options["template"] : {};

title("A dry run: what would be sent, and what would go wrong");
const planned = show(await create({ ...template, name: "orders-archive", clusterName: "Cluster1" }, { dryRun: true }));
const request = isObject(planned["request"]) ? planned["request"] : {};
say(`    ${request["method"]} ${request["url"]}`);
say(`    ${JSON.stringify(request["body"])}`);
const equivalents = isObject(planned["equivalents"]) ? planned["equivalents"] : {};
say("    the same for Terraform:");
for (const line of String(equivalents["terraform"]).split("\n")) say(`      ${line}`);

title("Create it, and wait until it is ready");
show(await create({ ...template, name: "orders-archive" }, { waitUntilReady: true }));

title("Change it, then delete it");
const named = { ...place, connectionName: "orders-archive" };
const role = { role: "readWriteAnyDatabase", type: "BUILT_IN" };
show(await call("update_stream_connection", { ...named, connection: { dbRoleToExecute: role } }));
show(await call("update_stream_connection", { ...named, connection: { dbRoleToExecute: role } }));
show(await call("delete_stream_connection", { ...named, confirm: "orders-archive" }));

title("One connection of each type");
for (const { type, example } of connectionTypes) {
  const name = type === "Sample" ? "sample_stream_solar" : `demo-${type.toLowerCase()}`;
  show(await create({ name, type, ...example }));
}

title("The same name again: first for the same connection, then for a different one");
show(await create({ name: "sample_stream_solar", type: "Sample" }));
show(await create({ name: "sample_stream_solar", type: "Https", url: "https://api.example.com" }));

title("Small mistakes are corrected, and the result says so");
show(await create({ connection_name: "two-brokers", type: "kafka", bootstrap_servers: ["b1:9092", "b2:9092"] }));

title("Invalid arguments are refused before anything is sent");
show(await create({ name: "typo", type: "Http", url: "https://api.example.com" }));
show(await create({ name: "typo", type: "Kafka", bootstrapServer: "b1:9092" }));
show(
  await create({ name: "secret", type: "Kafka", bootstrapServers: "b1:9092", authentication: { mechanism: "PLAIN" } }),
);

title("A workspace that does not exist");
show(
  await call("create_stream_connection", { groupId, tenantName: "order", connection: { name: "x", type: "Sample" } }),
);

title("Credentials that Atlas refuses");
const wrong = await startDemo([], {
  MONGODB_ATLAS_BASE_URL: new URL(String(request["url"])).origin,
  MONGODB_ATLAS_CLIENT_ID: sandboxCredentials.clientId,
  MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_wrong",
});
show(await wrong.call("create_stream_connection", { ...place, connection: { name: "never", type: "Sample" } }));

title("No credentials");
const none = await startDemo([], {});
show(await none.call("create_stream_connection", { ...place, connection: { name: "never", type: "Sample" } }));

title("From nothing to a running pipeline: the plan, then the same plan carried out");
const solar = { groupId, tenantName: "solar" };
const source = { $source: { connectionName: "sample_stream_solar" } };
const sink = { $merge: { into: { connectionName: "archive", db: "solar", coll: "samples" } } };
const pipeline = {
  ...solar,
  workspace: { cloudProvider: "AWS", region: "us-east-1", sampleConnection: true },
  connections: [{ name: "archive", type: "Cluster", clusterName: "Cluster0", dbRoleToExecute: role }],
  processors: [
    {
      processorName: "archiveSamples",
      pipeline: [source, { $match: { "obs.watts": { $gt: 100 } } }, sink],
      dlq: { connectionName: "archive", db: "solar", coll: "rejected" },
      start: true,
    },
  ],
};
showPlan(await call("apply_stream_pipeline", pipeline));
showPlan(await call("apply_stream_pipeline", { ...pipeline, dryRun: false }));
showPlan(await call("apply_stream_pipeline", { ...pipeline, dryRun: false }));

title("Does it work?");
showFindings(await call("diagnose_stream_processor", { ...solar, processorName: "archiveSamples" }));

title("What it wrote, read back from the collection");
const { origin } = new URL(String(request["url"]));
const written = await documentsIn(origin, {
  groupId: String(groupId),
  cluster: "Cluster0",
  db: "solar",
  coll: "samples",
});
say(`  ${written.count} documents, all of more than 100 watts; the first of them:`);
for (const document of written.documents) say(`    ${JSON.stringify(document)}`);

title("One that does not work, and why");
await call("create_stream_connection", {
  ...solar,
  connection: { name: "lost", type: "Kafka", bootstrapServers: "broker.invalid:9092" },
  waitUntilReady: true,
});
show(
  await call("create_stream_processor", {
    ...solar,
    processorName: "readEvents",
    pipeline: [{ $source: { connectionName: "lost", topic: "events" } }, sink],
    start: true,
  }),
);
showFindings(await call("diagnose_stream_processor", { ...solar, processorName: "readEvents" }));

title("Brokers that are private: a link to them, a connection over it, and what reads from it");
const brokers = {
  provider: "AWS",
  vendor: "MSK",
  arn: "arn:aws:kafka:us-east-1:123456789012:cluster/events/8f1d4c2a-3b5e-4f6a-9d7c-2e1f0a9b8c7d-2",
};
show(await call("get_stream_networking", { groupId, cloudProvider: "AWS", region: "us-east-1" }));
show(await call("create_private_link", { groupId, privateLink: brokers, dryRun: true }));
const { privateLink } = show(
  await call("create_private_link", { groupId, privateLink: brokers, waitUntilReady: true }),
);
const { connectionId } = isObject(privateLink) ? privateLink : {};
const overTheLink = {
  ...solar,
  privateLinks: [{ as: "brokers", ...brokers }],
  connections: [
    {
      name: "private-events",
      type: "Kafka",
      bootstrapServers: "b-1.events.kafka.us-east-1.amazonaws.com:9096",
      authentication: {
        mechanism: "SCRAM-512",
        username: "atlas",
        password: "${env:ATLAS_STREAMS_SECRET_KAFKA_PASSWORD}",
      },
      security: { protocol: "SASL_SSL" },
      networking: { access: { type: "PRIVATE_LINK", connectionId: "link:brokers" } },
    },
  ],
  processors: [
    {
      processorName: "archiveEvents",
      pipeline: [{ $source: { connectionName: "private-events", topic: "events" } }, sink],
      start: true,
    },
  ],
};
showPlan(await call("apply_stream_pipeline", overTheLink));
showPlan(await call("apply_stream_pipeline", { ...overTheLink, dryRun: false }));
show(await call("delete_private_link", { groupId, connectionId, dryRun: true }));

await Promise.all([client, wrong.client, none.client].map((each) => each.close()));
say("\nNothing left this machine.");
