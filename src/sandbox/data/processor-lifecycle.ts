/** How a processor comes into being and runs: CREATING, CREATED, STARTED, STOPPED, or FAILED; each step is logged. */
import { type ConnectionUse, usesOf } from "../../stages/connections.ts";
import { LOG_SINK } from "../../stages/table.ts";
import { after } from "./after.ts";
import { beginToWatch, hasInput, isSpentFromNow, loadEngine, type Proceeded, proceed } from "./message-flow.ts";
import { type LogLine, newId, type Project, type StoredProcessor, type StoredWorkspace } from "./state.ts";

/** What is told of a processor when it is created. */
export type StoredDefinition = Pick<
  StoredProcessor,
  "name" | "pipeline" | "dlq" | "tier" | "autoscaling" | "failoverEnabled"
>;

/** The connections that a processor is certain to use. */
export const connectionsUsedBy = ({ pipeline, dlq }: Pick<StoredProcessor, "pipeline" | "dlq">): ConnectionUse[] =>
  usesOf({ pipeline, options: { dlq } }).filter(({ name, role }) => role !== "doubtful" && name !== LOG_SINK);

/** Adds a processor that is CREATING for `switchedAfterMs`, then CREATED. */
export function addProcessor(
  workspace: StoredWorkspace,
  definition: StoredDefinition,
  switchedAfterMs: number,
): StoredProcessor {
  const processor: StoredProcessor = {
    id: newId(),
    ...definition,
    state: "CREATING",
    counted: undefined,
    startedAt: 0,
    taken: 0,
    work: undefined,
    changes: undefined,
  };
  workspace.processors.set(processor.name, processor);
  after(switchedAfterMs, () => {
    if (processor.state !== "CREATING") return;
    processor.state = "CREATED";
    log(workspace, processor, "I", "Created stream processor");
  });
  return processor;
}

/** Begins to start a processor, which is STARTED after `switchedAfterMs`, or FAILED where it cannot use a connection. */
export function startProcessor(workspace: StoredWorkspace, processor: StoredProcessor, switchedAfterMs: number): void {
  log(workspace, processor, "I", `Starting stream processor on tier ${processor.tier}`);
  after(switchedAfterMs, () => {
    if (!isIn(workspace, processor) || processor.state === "STARTED") return;
    processor.state = "STARTED";
    processor.startedAt = Date.now();
    processor.taken = 0;
    processor.counted ??= { input: 0, output: 0, dlq: 0 };
    const obstacle = obstacleTo(workspace, processor);
    if (obstacle) fail(workspace, processor, obstacle);
    else log(workspace, processor, "I", "Started stream processor");
  });
}

/** Begins to stop a processor that is STARTED; it is STOPPED after `switchedAfterMs`. */
export function stopProcessor(workspace: StoredWorkspace, processor: StoredProcessor, switchedAfterMs: number): void {
  log(workspace, processor, "I", "Stopping stream processor");
  after(switchedAfterMs, () => {
    if (!isIn(workspace, processor) || processor.state !== "STARTED") return;
    endRun(workspace, processor, "STOPPED");
    log(workspace, processor, "I", "Stopped stream processor");
  });
}

/** Lets a processor begin anew with its next start. */
export function forgetCheckpoint(processor: StoredProcessor): void {
  processor.work = undefined;
  processor.changes = undefined;
}

/** How a processor is to fail over. */
export interface Failover {
  region: string;
  mode?: "GRACEFUL" | "FORCED" | null | undefined;
  clearCheckpoint?: boolean | undefined;
}

/** Begins to move a processor to another region, where it starts whatever it did before. */
export function failOver(
  workspace: StoredWorkspace,
  processor: StoredProcessor,
  { region, mode, clearCheckpoint }: Failover,
  readyAfterMs: number,
): void {
  const how = mode ?? "GRACEFUL";
  log(workspace, processor, "I", `Failing over stream processor to ${region} (${how})`);
  if (processor.state === "STARTED") endRun(workspace, processor, "STOPPED");
  processor.region = region === workspace.region ? undefined : region;
  if (how === "FORCED" && clearCheckpoint) {
    processor.counted = undefined;
    forgetCheckpoint(processor);
  }
  startProcessor(workspace, processor, readyAfterMs);
}

/** Makes a processor that does not run what the definition says; its logs so far stay under its old name. */
export function changeProcessor(
  workspace: StoredWorkspace,
  processor: StoredProcessor,
  { name, pipeline, dlq, tier, autoscaling, failoverEnabled }: StoredDefinition,
): void {
  if (name !== processor.name) {
    workspace.processors.delete(processor.name);
    processor.name = name;
    workspace.processors.set(name, processor);
  }
  // What its windows hold fits no other pipeline.
  if (JSON.stringify(pipeline) !== JSON.stringify(processor.pipeline)) forgetCheckpoint(processor);
  processor.pipeline = pipeline;
  processor.dlq = dlq;
  processor.tier = tier;
  processor.autoscaling = autoscaling;
  processor.failoverEnabled = failoverEnabled;
  log(workspace, processor, "I", "Modified stream processor");
}

/** Removes a processor at once, whether it runs or not. */
export function removeProcessor(workspace: StoredWorkspace, processor: StoredProcessor): void {
  log(workspace, processor, "I", "Dropped stream processor");
  workspace.processors.delete(processor.name);
}

/** Lets the processors fail that run on a connection which is not there any more. */
export function failProcessorsThatUse(workspace: StoredWorkspace, connectionName: string): void {
  for (const processor of runningOn(workspace, connectionName))
    fail(workspace, processor, [noConnection(connectionName)]);
}

/** The processors that run on a connection; one that is being stopped still does. */
export function runningOn({ processors }: StoredWorkspace, connectionName: string): StoredProcessor[] {
  const usesIt = (processor: StoredProcessor) =>
    connectionsUsedBy(processor).some(({ name }) => name === connectionName);
  return [...processors.values()].filter((processor) => processor.state === "STARTED" && usesIt(processor));
}

/** What the logs say of the first connection that the processor cannot use, or undefined where it can use all. */
function obstacleTo({ connections }: StoredWorkspace, processor: StoredProcessor): string[] | undefined {
  for (const { name } of connectionsUsedBy(processor)) {
    const connection = connections.get(name);
    if (!connection) return [noConnection(name)];
    const { body, state } = connection;
    if (state !== "FAILED") continue;
    if (body.type !== "Kafka") return [`Connection ${name} is in state FAILED`];
    const attempts = body.bootstrapServers.split(",").map((broker) => `Failed to resolve broker ${broker.trim()}`);
    return [...attempts, ...attempts, `Could not connect to the Kafka brokers of connection ${name}`];
  }
  return undefined;
}

const noConnection = (name: string) => `Connection named ${name} does not exist`;

function fail(workspace: StoredWorkspace, processor: StoredProcessor, errors: readonly string[]): void {
  endRun(workspace, processor, "FAILED");
  logFailure(workspace, processor, errors);
}

function logFailure(workspace: StoredWorkspace, processor: StoredProcessor, errors: readonly string[]): void {
  for (const error of errors) log(workspace, processor, "E", error);
  log(workspace, processor, "E", `Stream processor failed: ${errors.at(-1)}`);
}

function endRun(workspace: StoredWorkspace, processor: StoredProcessor, state: "STOPPED" | "FAILED"): void {
  logProceeded(workspace, processor, proceed(processor, workspace, Date.now(), isSpentFromNow()));
  processor.state = state;
}

/** Has the processors do what they would have done by now. */
export async function catchUp(projects: Iterable<Project>): Promise<void> {
  const running = [...projects].flatMap(({ workspaces }) =>
    [...workspaces.values()].flatMap((workspace) =>
      [...workspace.processors.values()]
        .filter((processor) => hasInput(processor, workspace))
        .map((processor) => ({ workspace, processor })),
    ),
  );
  if (running.length === 0) return;
  await loadEngine();
  const isSpent = isSpentFromNow();
  for (const { workspace, processor } of running) beginToWatch(processor, workspace);
  for (const { workspace, processor } of running) {
    if (processor.state !== "STARTED" || !isIn(workspace, processor)) continue;
    const proceeded = proceed(processor, workspace, Date.now(), isSpent);
    logProceeded(workspace, processor, proceeded);
    if (proceeded.failure === undefined) continue;
    processor.state = "FAILED";
    logFailure(workspace, processor, [proceeded.failure]);
  }
}

/** Longer ones are not told with their document. */
const TOLD_CHARACTERS = 200;

/** @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-validate/#behavior for the body in the log */
function logProceeded(workspace: StoredWorkspace, processor: StoredProcessor, { rejected, untried }: Proceeded): void {
  for (const { stage, why } of untried)
    log(workspace, processor, "W", `${stage} is not carried out in this sandbox, and lets everything pass: ${why}`);
  for (const { reason, document } of rejected) {
    const body = JSON.stringify(document);
    log(workspace, processor, "W", body.length <= TOLD_CHARACTERS ? `${reason}: ${body}` : reason);
  }
}

/** Whether it has not been deleted meanwhile. */
const isIn = ({ processors }: StoredWorkspace, processor: StoredProcessor) =>
  processors.get(processor.name) === processor;

function log(
  { logs }: StoredWorkspace,
  { name }: StoredProcessor,
  severity: LogLine["severity"],
  message: string,
): void {
  logs.push({ at: Date.now(), severity, processorName: name, message });
}
