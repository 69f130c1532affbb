/** The tools that write private links and VPC peerings, as the matrix calls them. Neither has secrets. */
import type { JsonObject } from "../../src/json.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addPrivateLink, removePrivateLink } from "../../src/sandbox/data/networking.ts";
import { type Entry, newId, type Project } from "../../src/sandbox/data/state.ts";
import type { NameState } from "./oracle.ts";
import { hiddenMs, type Job, type Setting, workspaceIn } from "./scene.ts";
import type { Chance } from "./seeded.ts";

export const networkJobs: readonly Job[] = [
  {
    tool: "create_private_link",
    verb: "create",
    resource: "private link",
    // It has no name that another could have.
    names: ["free", "taken by the same", "hidden at first", "being deleted"],
    readsFirst: true,
    set: setCreate,
  },
  {
    tool: "update_private_link",
    verb: "update",
    resource: "private link",
    names: ["with a change to see", "being deleted", "not there"],
    readsFirst: true,
    set: setUpdate,
  },
  {
    tool: "delete_private_link",
    verb: "delete",
    resource: "private link",
    readsFirst: true,
    set: setDeletion,
  },
  ...(["accept", "reject"] as const).map(
    (verb): Job => ({
      tool: "answer_vpc_peering",
      verb,
      resource: "VPC peering",
      readsFirst: true,
      set: (project, chance, name) => setAnswer(project, chance, name, verb),
    }),
  ),
  {
    tool: "delete_vpc_peering",
    verb: "delete",
    resource: "VPC peering",
    readsFirst: true,
    set: setPeeringDeletion,
  },
];

const LINKS = "/streams/privateLinkConnections";
const PEERINGS = "/streams/(activeVpc|vpc)PeeringConnections";
const none = { secrets: [], othersSecrets: [] } as const;

function setCreate(project: Project, chance: Chance, name: NameState): Setting {
  project.clusters.push({ replicationSpecs: [{ regionConfigs: [{ providerName: "AWS" }] }] });
  const privateLink = someLink(chance);
  // Another link of the same cloud and vendor is in nobody's way.
  addPrivateLink(project, confluent(chance), { readyAfterMs: 0 });
  if (name !== "free") addPrivateLink(project, { ...privateLink }, { readyAfterMs: 0, hiddenMs: hiddenMs(name) });
  const before = new Set(project.privateLinks);
  const [, taken] = before;
  if (taken && name === "being deleted") removePrivateLink(project, taken, Number.POSITIVE_INFINITY);
  return {
    name: "link",
    args: { privateLink },
    ...none,
    method: "POST",
    writes: LINKS,
    reads: `${LINKS}(/[0-9a-f]{24})?`,
    truth() {
      const made = project.privateLinks.filter((each) => !before.has(each));
      if (project.privateLinks.length !== before.size + made.length || made.length > 1) return "something else";
      const [link] = made;
      if (link) return taken === undefined && hasAll(link, privateLink) ? "the same, new" : "something else";
      if (!taken) return "nothing";
      return name === "being deleted" ? "leaving, as before" : "the same, as before";
    },
  };
}

function setUpdate(project: Project, chance: Chance, name: NameState): Setting {
  const { dnsDomain, ...withoutDomain } = confluent(chance);
  const before = chance.pick([
    // One that waits for its domain, and one that is not made yet.
    () => addPrivateLink(project, withoutDomain, { readyAfterMs: 0 }),
    () =>
      addPrivateLink(
        project,
        { ...withoutDomain, dnsDomain: "before.example.com" },
        { readyAfterMs: Number.POSITIVE_INFINITY },
      ),
  ])();
  const asBefore = before["dnsDomain"];
  if (name === "being deleted") removePrivateLink(project, before, Number.POSITIVE_INFINITY);
  if (name === "not there") project.privateLinks = [];
  const path = `${LINKS}/${before["_id"]}`;
  return {
    name: String(before["_id"]),
    args: { connectionId: before["_id"], dnsDomain },
    ...none,
    method: "PATCH",
    writes: path,
    reads: path,
    truth() {
      if (name === "not there") return project.privateLinks.length === 0 ? "absent, as before" : "something else";
      if (before["dnsDomain"] === asBefore) return "as before";
      return before["dnsDomain"] === dnsDomain ? "done" : "something else";
    },
  };
}

function setDeletion(project: Project, chance: Chance, name: NameState): Setting {
  const link = addPrivateLink(project, confluent(chance), { readyAfterMs: 0 });
  const connectionId = String(link["_id"]);
  const workspace = workspaceIn(project, chance);
  if (name === "in use")
    addConnection(
      workspace,
      {
        name: "private",
        type: "Kafka",
        bootstrapServers: "broker.example.com:9092",
        authentication: { mechanism: "PLAIN", username: "atlas", password: "private" },
        security: { protocol: "SASL_SSL" },
        networking: { access: { type: "PRIVATE_LINK", connectionId } },
      },
      0,
    );
  if (name === "not there") project.privateLinks = [];
  const path = `${LINKS}/${connectionId}`;
  return {
    name: connectionId,
    args: { connectionId, confirm: connectionId },
    ...none,
    method: "DELETE",
    writes: path,
    reads: path,
    truth() {
      const isThere = project.privateLinks.includes(link) && link["state"] === "DONE";
      if (name === "not there") return isThere ? "something else" : "absent, as before";
      return isThere ? "as before" : "done";
    },
  };
}

function setAnswer(project: Project, chance: Chance, name: NameState, answer: "accept" | "reject"): Setting {
  const isDone = ({ localStatus, cloudStatus }: JsonObject) =>
    answer === "accept" ? localStatus === "ACTIVE" : cloudStatus === "rejected";
  const [localStatus, cloudStatus] =
    name === "waiting"
      ? ["NONE", "pending-acceptance"]
      : answer === "accept"
        ? ["ACTIVE", "active"]
        : chance.pick([
            ["NONE", "rejected"],
            ["REQUEST_REJECT", "pending-acceptance"],
          ]);
  const peering = addPeering(project, chance, { localStatus, cloudStatus });
  const { _id: id, requesterAccountId, requesterVpcId } = peering;
  const before = JSON.stringify(peering);
  return {
    name: String(id),
    args: { id, answer, requesterAccountId, ...(answer === "accept" && { requesterVpcId }) },
    ...none,
    method: "POST",
    writes: `/streams/vpcPeeringConnections/${id}:${answer}`,
    reads: PEERINGS,
    truth() {
      if (JSON.stringify(peering) === before) return name === "waiting" ? "as before" : "as it was to be, as before";
      return isDone(peering) ? "done" : "something else";
    },
  };
}

function setPeeringDeletion(project: Project, chance: Chance, name: NameState): Setting {
  const peering = addPeering(project, chance, { localStatus: "ACTIVE", cloudStatus: "active" });
  if (name === "not there") project.vpcPeerings = [];
  const id = String(peering["_id"]);
  return {
    name: id,
    args: { id, confirm: id },
    ...none,
    method: "DELETE",
    writes: `/streams/vpcPeeringConnections/${id}`,
    reads: PEERINGS,
    truth() {
      const isThere = project.vpcPeerings.includes(peering) && peering["localStatus"] === "ACTIVE";
      if (name === "not there") return isThere ? "something else" : "absent, as before";
      return isThere ? "as before" : "done";
    },
  };
}

function addPeering({ groupId, vpcPeerings }: Project, chance: Chance, states: JsonObject): Entry {
  const peering: Entry = {
    _id: newId(),
    groupId,
    name: `pcx-${chance.text(12)}`,
    requesterAccountId: "123456789012",
    requesterVpcId: `vpc-${chance.text(12)}`,
    ...states,
  };
  vpcPeerings.push(peering);
  return peering;
}

const confluent = (chance: Chance): Entry & { dnsDomain: string } => ({
  provider: "AWS",
  vendor: "CONFLUENT",
  region: "us-east-1",
  serviceEndpointId: `com.amazonaws.vpce.us-east-1.vpce-svc-${chance.text(12)}`,
  dnsDomain: `${chance.text(8).toLowerCase()}.us-east-1.aws.confluent.cloud`,
});

/** A private link of a random vendor. */
const someLink = (chance: Chance): JsonObject =>
  chance.pick<() => JsonObject>([
    () => confluent(chance),
    () => ({
      provider: "AWS",
      vendor: "MSK",
      arn: `arn:aws:kafka:us-east-1:123456789012:cluster/${chance.text(8)}/${chance.text(8)}-1`,
    }),
    () => ({
      provider: "AWS",
      vendor: "S3",
      region: "us-east-1",
      serviceEndpointId: "com.amazonaws.us-east-1.s3",
    }),
  ])();

const hasAll = (link: JsonObject, asked: JsonObject) =>
  Object.entries(asked).every(([field, value]) => link[field] === value);
