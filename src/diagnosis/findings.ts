/**
 * Why a processor does not do what it should: what was seen of it goes in, and findings come out, the likeliest first.
 * Each rule knows one cause. Texts from outside (names, states, messages of logs) are repeated whole in the findings, so
 * what is secret in them can be masked in either.
 */
import { tierTable } from "../atlas/regions-and-tiers.ts";
import { processorStates } from "../atlas/states.ts";
import { isObject, valueAt } from "../json.ts";
import { type Note, noteLine } from "../schema/problems.ts";
import type { Way } from "../tool/words.ts";
import type { Counters } from "./counters.ts";
import { documentIn, type HoldingStage, secondsInWords } from "./holding-back.ts";
import type { LoggedError, OperationalLogs } from "./operational-logs.ts";

/** A connection that the processor uses. */
export interface UsedConnection {
  name: string;
  role: "source" | "sink" | "dlq" | "other";
  type?: string;
  /** `PENDING`, `READY`, `FAILED` or `DELETING`. */
  state?: string | undefined;
  /** Whether the workspace has it. */
  exists: boolean;
}

/** The counters at two times, `seconds` apart. */
export interface CounterReadings {
  before: Counters;
  after: Counters;
  seconds: number;
}

/** What was seen of a processor. */
export interface Evidence {
  name: string;
  state: string;
  tier?: string;
  /** Absent where Atlas shows no counters. */
  counters?: CounterReadings;
  connections: readonly UsedConnection[];
  /** Absent where the logs could not be read. */
  logs?: Pick<OperationalLogs, "lines" | "errors"> & Partial<Pick<OperationalLogs, "others">>;
  /** Since when the logs were read. */
  logsSince?: string;
  /** How long ago it was last told to start, in seconds, where the logs say it. */
  startedAgo?: number;
  /** When it was looked at. */
  now?: string;
  /** What stands in its `$source`. */
  source?: unknown;
  /** The first window of its pipeline that closes by the time of events. */
  window?: string;
  /** The stages of its pipeline that can hold everything back. */
  holding?: readonly HoldingStage[];
  /** Whether `try_stream_pipeline` is offered. */
  canTry?: boolean;
  /** Whether it has a dead letter queue. */
  hasDlq: boolean;
  /** What is certainly wrong with its pipeline. */
  problems: readonly Note[];
  /** How it is said what is to be done. */
  way: Way;
}

export interface Finding {
  severity: "error" | "warning" | "info";
  /** What is wrong, in a sentence. */
  what: string;
  /** What it was seen by. */
  evidence: string;
  /** What to do, with the names of the tools for it. */
  next: string;
  /** Since when what it was seen by is looked at. */
  since?: string;
}

/** Knows one cause, and says it in one finding, or in one for each thing that is at fault. */
type Rule = (evidence: Evidence) => Finding | readonly Finding[] | undefined;

/** What is told of a state, whosever it is. */
interface Told extends Pick<Finding, "severity" | "what"> {
  next(way: Way): string;
}

const quoted = (name: string) => `"${name}"`;

const thenStart = (way: Way) => `then ${way("start it", "start_stream_processor")}`;
const byUpdate = (way: Way, doing: string) => way(doing, "update_stream_processor");
const byGet = (way: Way, doing: string) => way(doing, "get_stream_processor");
const byDiagnosis = (way: Way, doing: string) => way(doing, "diagnose_stream_processor");

export const hasFailed = ({ name, state, logs, way }: Evidence): Finding | undefined => {
  if (state !== processorStates.failed) return undefined;
  const newest = logs?.errors[0];
  const without = logs ? ", and its logs for that time hold no error" : ", and its logs could not be read";
  return {
    severity: "error",
    what: `The processor ${quoted(name)} has failed${newest ? `: ${newest.message}` : ""}`,
    evidence: `Its state is FAILED${newest ? `; the newest error in its logs was logged ${timesOf(newest)}` : without}.`,
    next: newest
      ? `Remove the cause (the other findings name it where it is known), ${thenStart(way)}.`
      : "Call again with a larger sinceMinutes, to find the error in the logs.",
  };
};

const timesOf = ({ count, last }: LoggedError) =>
  `${count === 1 ? "once" : `${count} times`}${last ? `, ${count === 1 ? "" : "last "}at ${last}` : ""}`;

/** What was logged before the last start is no longer held against it. */
const loggedSinceStart = (logged: readonly LoggedError[] = [], { startedAgo, now }: Evidence): LoggedError[] => {
  const start = startedAgo === undefined || now === undefined ? 0 : Date.parse(now) - startedAgo * 1000;
  return logged.filter(({ last }) => last === undefined || Date.parse(last) >= start);
};

const toldBy = (error: LoggedError) => `Logged ${timesOf(error)}: ${error.message}`;

const notStarted = (what: string, also = ""): Told => ({
  severity: "warning",
  what: `${what}, so nothing is processed`,
  next: (way) => `${way("Start it", "start_stream_processor")}; from then on it is billed.${also}`,
});

/** @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/manage-stream-processor/ */
const KEPT = " What it has read and counted is kept for 45 days after a stop; after that it starts afresh.";

const passing: Told = {
  severity: "info",
  what: "is between two states",
  next: (way) => `${byGet(way, "Look")} every few seconds, until its state changes.`,
};

/** The states in which a processor does not run, and has not failed. */
const IDLE: ReadonlyMap<string, Told> = new Map([
  ["CREATED", notStarted("has not been started yet")],
  ["STOPPED", notStarted("is stopped", KEPT)],
  ...processorStates.passing.map((state) => [state, passing] as const),
]);

export const isIdle = ({ name, state, way }: Evidence): Finding | undefined => {
  const told = IDLE.get(state);
  if (!told) return undefined;
  return {
    ...told,
    next: told.next(way),
    what: `The processor ${quoted(name)} ${told.what}`,
    evidence: `Its state is ${state}.`,
  };
};

const USE: Readonly<Record<UsedConnection["role"], string>> = {
  source: "reads from",
  sink: "writes to",
  dlq: "has its dead letter queue in",
  other: "uses in a stage",
};

const MISSING: Told = {
  severity: "error",
  what: "does not exist in the workspace",
  next: (way) =>
    `${way("Create one of this name", "create_stream_connection")}, or ${byUpdate(way, "change the processor to use another")} (${way("see which there are", "list_stream_connections")}); ${thenStart(way)}.`,
};

/** The states in which a connection does not work. */
const AILING: ReadonlyMap<string | undefined, Told> = new Map(
  Object.entries<Told>({
    FAILED: {
      severity: "error",
      what: "has failed",
      next: (way) =>
        `${way("Look at it", "get_stream_connection")}, and ${way("correct it", "update_stream_connection")}, or, where its network is wrong, ${way("delete it and create it again", "delete_stream_connection", "create_stream_connection")}; ${thenStart(way)}.`,
    },
    DELETING: {
      severity: "error",
      what: "is being deleted",
      next: (way) =>
        `Once it is gone, ${way("create it again", "create_stream_connection")}, or ${byUpdate(way, "change the processor to use another")}; ${thenStart(way)}.`,
    },
    PENDING: {
      severity: "warning",
      what: "is not ready yet",
      next: (way) =>
        `${way("Look", "get_stream_connection")} until its state is READY (private networking can take half an hour), ${thenStart(way)} if the processor does not run.`,
    },
  }),
);

const toldOf = ({ exists, state }: UsedConnection) => (exists ? AILING.get(state) : MISSING);

export const lacksConnections = ({ connections, way }: Evidence): Finding[] =>
  connections
    .filter(({ name }, at) => connections.findIndex((other) => other.name === name) === at)
    .flatMap((connection) => {
      const { name, role, exists, state } = connection;
      const told = toldOf(connection);
      if (!told) return [];
      return {
        ...told,
        next: told.next(way),
        what: `The connection ${quoted(name)}, which the processor ${USE[role]}, ${told.what}`,
        evidence: exists
          ? `The state of the connection is ${state}.`
          : "The list of the workspace's connections does not have it.",
      };
    });

const REFUSED = [
  /\bSASL\b|authenticat|credential|password/i,
  /access ?denied|unauthori[sz]ed|not authori[sz]ed|permission|\bforbidden\b|\bAssumeRole\b/i,
  /(?:HTTP(?:\/[\d.]+)?|status|code)\b\D{0,10}\b40[13]\b/i,
  // `ssl://` only tells where to.
  /\b(?:TLS|SSL)\b(?!:\/\/)|certificate/i,
];

const tellsRefusal = ({ message }: LoggedError) => REFUSED.some((pattern) => pattern.test(message));

/** What an error speaks of where it is about a connection of one of the types. */
const SUBJECTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/schema registry/i, ["SchemaRegistry"]],
  [/\bSASL\b|kafka|broker|topic/i, ["Kafka"]],
  [/\bAssumeRole\b|\bIAM\b|\barn:|\bAWS\b|\bS3\b|kinesis|lambda/i, ["S3", "AWSLambda", "AWSKinesisDataStreams"]],
  [/azure|\bblob\b/i, ["AzureBlobStorage"]],
  [/pub\/?sub|\bGCP\b/i, ["GCPPubSub"]],
  [/mongo|cluster|not authori[sz]ed on/i, ["Cluster"]],
  [/\bHTTPS?\b/i, ["Https"]],
];

/** Whether a text has the name, and not as a part of a longer word. */
function mentions(text: string, name: string): boolean {
  const parts = text.split(name);
  return parts.some((after, at) => at > 0 && !/[\w-]$/.test(parts[at - 1] ?? "") && !/^[\w-]/.test(after));
}

/** The connections that an error may be about: those that it names, else those of its subject, else all that there are. */
function suspects(message: string, connections: readonly UsedConnection[]): readonly UsedConnection[] {
  const there = connections.filter(({ exists }) => exists);
  const named = there.filter(({ name }) => mentions(message, name));
  if (named.length > 0) return named;
  const types = SUBJECTS.find(([subject]) => subject.test(message))?.[1] ?? [];
  const ofSubject = there.filter(({ type }) => type !== undefined && types.includes(type));
  return ofSubject.length > 0 ? ofSubject : there;
}

export const isRefused = (evidence: Evidence): Finding[] => {
  const newestOf = new Map<string, LoggedError>();
  for (const error of loggedSinceStart(evidence.logs?.errors, evidence).filter(tellsRefusal)) {
    const names = suspects(error.message, evidence.connections).map(({ name, role }) => `${quoted(name)} (${role})`);
    const which = [...new Set(names)].join(" or ") || "that it uses";
    if (!newestOf.has(which)) newestOf.set(which, error);
  }
  return [...newestOf].map(([which, error]) => ({
    // What goes on working shows that the error is over, or that it is about a part.
    severity: outputOf(evidence) > 0 ? "warning" : "error",
    what: `The credentials, the rights or the certificate of the connection ${which} are refused`,
    evidence: toldBy(error),
    next: `${evidence.way("Correct them", "update_stream_connection")} (a person can type secrets: secrets "ask"), and the rights of the user or role on the other side; ${thenStart(evidence.way)} if the processor does not run.`,
  }));
};

export const hasWrongPipeline = ({ problems, connections, way }: Evidence): Finding[] => {
  // What is wrong with a connection itself is another rule's.
  const ailing = connections.filter(toldOf);
  const isTold = ({ path, message }: Note) =>
    path.at(-1) === "connectionName" && ailing.some(({ name }) => mentions(message, name));
  return problems
    .filter((problem) => !isTold(problem))
    .map((problem) => ({
      severity: "error",
      what: `The pipeline is wrong: ${noteLine(problem)}`,
      evidence: "The pipeline as Atlas shows it was checked.",
      next: `${byUpdate(way, "Correct it")}.`,
    }));
};

/** A cause that the logs name, whatever the severity of the line. */
interface LoggedCause {
  tells: RegExp;
  severity: Finding["severity"];
  what: (evidence: Evidence) => string;
  next: (way: Way) => string;
}

/** A changed `$source` needs this, and costs this. */
const AFRESH =
  "with resumeFromCheckpoint false, since Atlas refuses a changed $source with a checkpoint; where it then begins is what $source says, so messages can be processed twice or left out";

const LOGGED_CAUSES: readonly LoggedCause[] = [
  {
    tells: /no partitions found|\b419\b|unknown topic or part/i,
    severity: "error",
    what: ({ source }) => {
      const topic = isObject(source) ? source["topic"] : undefined;
      const topics = [topic ?? []].flat().map((each) => quoted(String(each)));
      return `The topic ${topics.join(" or ") || "that it reads"} is not there, or its user may not see it`;
    },
    next: (way) =>
      `${byUpdate(way, "Correct `topic` in $source")}, ${AFRESH}; or have the topic made on the Kafka cluster, ${thenStart(way)} if it does not run.`,
  },
  {
    tells:
      /ChangeStreamHistoryLost|resume point may no longer be in the oplog|resume of change stream was not possible/i,
    severity: "error",
    what: () => "The change stream cannot go on where it stopped: the cluster no longer has its history since then",
    next: (way) =>
      `${way("Start it afresh", "start_stream_processor")} (resumeFromCheckpoint false); changes since it stopped are lost to it, unless $source has an initialSync that reads the collections anew. A larger oplog keeps it from happening again.`,
  },
  {
    tells: /\b402\b|payment (?:method|required)|past due invoice/i,
    severity: "error",
    what: () => "The organization has no way to pay for stream processing",
    next: (way) =>
      `Have a person with the role Organization Billing Admin or Organization Owner enter a way to pay in Atlas, ${thenStart(way)}.`,
  },
];

const causeIn = (message: string) => LOGGED_CAUSES.find(({ tells }) => tells.test(message));

export const hasLoggedCause = (evidence: Evidence): Finding[] => {
  const logged = loggedSinceStart([...(evidence.logs?.errors ?? []), ...(evidence.logs?.others ?? [])], evidence);
  return LOGGED_CAUSES.flatMap((cause) => {
    const newest = logged.find(({ message }) => cause.tells.test(message));
    const { severity, what, next } = cause;
    return newest ? [{ severity, what: what(evidence), evidence: toldBy(newest), next: next(evidence.way) }] : [];
  });
};

/**
 * The share of a tier's memory that state may take before the processor fails, and the share of that which is near it.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/limitations/
 */
const STATE_SHARE = 0.8;
const NEAR = 0.8;

const OUT_OF_RESOURCES = [
  /out of memory|\bOOM\b|memory limit|resources? exhausted|\b(?:larger|small) tier\b/i,
  /\b(?:memory|resources?|parallelism)\b.{0,40}\bexceed|\bexceed.{0,40}\b(?:memory|resources?|parallelism)\b/i,
];

const tellsResources = ({ message }: LoggedError) => OUT_OF_RESOURCES.some((pattern) => pattern.test(message));

export const hasSmallTier = (evidence: Evidence): Finding | undefined => {
  const { tier, counters, logs, way } = evidence;
  const position = tierTable.findIndex(({ name }) => name === tier);
  const larger = tierTable[position + 1]?.name;
  const next =
    position >= 0 && larger === undefined
      ? `It is the largest tier: ${byUpdate(way, "make the state smaller")} (shorter windows, fewer groups, $match and $project before them).`
      : `If it runs, ${way("stop it", "stop_stream_processor")}; then ${way("start it on a larger tier", "start_stream_processor")}${position >= 0 ? ` (${larger} is the next one)` : ""}, which costs more; or ${byUpdate(way, "make the state smaller")} (shorter windows, fewer groups).`;
  const error = loggedSinceStart([...(logs?.errors ?? []), ...(logs?.others ?? [])], evidence).find(tellsResources);
  if (error)
    return {
      severity: "error",
      what: `The tier${tier ? ` ${tier}` : ""} is too small for the processor`,
      evidence: toldBy(error),
      next,
    };
  const size = counters?.after.stateSize ?? 0;
  const limit = (tierTable[position]?.memory ?? Number.POSITIVE_INFINITY) * STATE_SHARE;
  if (size < limit * NEAR) return undefined;
  return {
    severity: "warning",
    what: `The state of the processor has nearly outgrown the tier ${tier}; beyond its limit, the processor fails`,
    evidence: `The state takes ${inMegabytes(size)} of the ${inMegabytes(limit)} that it may take.`,
    next,
  };
};

const inMegabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/** Shares of the input that go to the dead letter queue. */
const MOST = 0.5;
const MANY = 0.05;

export const rejectsInput = (evidence: Evidence): Finding | undefined => {
  const { counters } = evidence;
  if (!counters) return undefined;
  const counted = countedSinceStart(counters, evidence);
  const { inputMessageCount, dlqMessageCount } = counted;
  const lately = counted === counters.after ? "" : ` in the last ${counters.seconds} s`;
  const share = inputMessageCount > 0 ? dlqMessageCount / inputMessageCount : 0;
  if (share < MANY) return undefined;
  return {
    severity: share < MOST ? "warning" : "error",
    what: `${share < MOST ? "Many" : share < 1 ? "Most" : "All"} messages go to the dead letter queue`,
    evidence: `${dlqMessageCount} of ${inputMessageCount} messages (${Math.round(share * 100)} %) went there${lately}.`,
    next: `${triedWithRejected(evidence)}Have a person look at some documents in the dead letter queue, each of which says what was wrong with it; then ${byUpdate(evidence.way, "correct the stage that rejects them ($validate, an expression, the format of the source)")}.`,
  };
};

/** That a document which the logs have in full can be tried, as a sentence before others; empty where none can. */
function triedWithRejected(evidence: Evidence): string {
  const { canTry, logs, way } = evidence;
  if (!canTry) return "";
  const logged = loggedSinceStart([...(logs?.errors ?? []), ...(logs?.others ?? [])], evidence);
  const document = logged.map(({ message }) => documentIn(message)).find((found) => found !== undefined);
  return document === undefined
    ? ""
    : `The logs have one that was rejected: ${way(`try this pipeline on documents [${document}]`, "try_stream_pipeline")}, to see which stage rejects it and why. `;
}

/** Until so long after a start, in seconds, what was counted before may still be most of what is counted. */
const JUST_STARTED = 300;
/** Until so long after a start, in seconds, that nothing goes out need not mean anything. */
const SETTLING = 60;

/**
 * What is counted since the last start, as far as that can be known: nothing says whether the counters begin anew with it,
 * so where it was just now, or where messages come in, only what was counted since the first reading is sure to be.
 */
function countedSinceStart(counters: CounterReadings, { startedAgo }: Evidence): Counters {
  const [input = 0, output = 0, dlq = 0] = COUNTED.map((name) => growthOf(name, counters));
  if (startedAgo === undefined || (startedAgo > JUST_STARTED && input === 0)) return counters.after;
  return { inputMessageCount: input, outputMessageCount: output, dlqMessageCount: dlq };
}

const COUNTED = ["inputMessageCount", "outputMessageCount", "dlqMessageCount"] as const;

/** How much a counter has grown; a processor that was started again in between has begun at 0. */
function growthOf(counter: (typeof COUNTED)[number], { before, after }: CounterReadings): number {
  const growth = after[counter] - before[counter];
  return growth < 0 ? after[counter] : growth;
}

const outputOf = ({ counters }: Evidence) => (counters ? growthOf("outputMessageCount", counters) : 0);

export const doesNotMove = (evidence: Evidence): Finding | undefined => {
  const { name, state, counters, connections, startedAgo, window, way } = evidence;
  if (state !== "STARTED" || !counters || outputOf(evidence) > 0) return undefined;
  const { inputMessageCount, outputMessageCount, dlqMessageCount } = counters.after;
  const input = growthOf("inputMessageCount", counters);
  const seen = `Since it was started: ${inputMessageCount} in, ${outputMessageCount} out, ${dlqMessageCount} to the dead letter queue. In the last ${counters.seconds} s: ${input} in, 0 out.`;
  const source = connections.find(({ role }) => role === "source");
  // That they come in, and at which stage they may end, says more.
  if (startedAgo !== undefined && startedAgo < SETTLING && holdsBack(evidence)) return undefined;
  if (startedAgo !== undefined && startedAgo < SETTLING && growthOf("dlqMessageCount", counters) === 0)
    return {
      severity: "info",
      what: `The processor ${quoted(name)} was started ${Math.round(startedAgo)} s ago, and just now nothing goes out`,
      evidence: `In the last ${counters.seconds} s: ${input} in, 0 out. What was counted before the start is not looked at.`,
      next: `${byDiagnosis(way, "Look again")} in a minute${window ? `, or when a ${window} has closed` : ""}. ${readsFrom(evidence, source)}`,
    };
  if (inputMessageCount === 0) {
    // That its topic is not there says more.
    if (hasLoggedCause(evidence).length > 0) return undefined;
    return {
      severity: "warning",
      what: `The processor runs, but nothing has come from its source${source ? ` ${quoted(source.name)}` : ""}`,
      evidence: seen,
      next: `Check whether the source has data, and whether it is the right one. ${readsFrom(evidence, source)} ${byUpdate(way, "Correct it")}, ${AFRESH}.`,
    };
  }
  if (outputMessageCount > 0)
    return {
      severity: "info",
      what:
        input > 0
          ? "Messages come in, but just now none goes out"
          : "The processor runs, but just now nothing comes in",
      evidence: seen,
      next: `This may be as it should: a source has no new data, or a window has not closed. ${byDiagnosis(way, "Look again")} in some minutes.`,
    };
  // Whatever was rejected is another rule's, and what a stage may hold back is too.
  if (dlqMessageCount >= inputMessageCount * MOST) return undefined;
  const idle = source && IDLE_TIMEOUTS.get(source.type);
  if (window && idle && isObject(evidence.source) && evidence.source[idle] === undefined)
    return {
      severity: "warning",
      what: `Messages come in, but no ${window} has closed`,
      evidence: seen,
      next: `A window closes when later messages come in every partition: one without messages holds it up. ${byUpdate(way, `Set \`${idle}\`, such as {"size": 30, "unit": "second"}, in $source`)}, ${AFRESH}; or wait for the length of the window, and ${byDiagnosis(way, "look again")}.`,
    };
  if (holdsBack(evidence)) return undefined;
  return {
    severity: "warning",
    what: "Messages come in, but none has gone out",
    evidence: seen,
    next: `${byGet(way, "Look at the pipeline")}: a $match may let nothing pass, and a window gives nothing until later messages close it. ${byUpdate(way, "Correct it")}, or wait for the length of the window, and ${byDiagnosis(way, "look again")}.`,
  };
};

/** That messages come in and none goes out, with the stages at which they may end. */
export const holdsBack = (evidence: Evidence): Finding | undefined => {
  const { state, counters, startedAgo, holding = [], canTry, way } = evidence;
  const [first] = holding;
  if (state !== "STARTED" || !counters || !first || outputOf(evidence) > 0) return undefined;
  const isNew = startedAgo !== undefined && startedAgo < JUST_STARTED;
  const counted = isNew ? countedSinceStart(counters, evidence) : counters.after;
  const { inputMessageCount: input, outputMessageCount: output, dlqMessageCount: dlq } = counted;
  if (input === 0 || output > 0 || dlq >= input * MOST) return undefined;
  const lately = isNew ? ` in the last ${counters.seconds} s` : "";
  const stages = holding.map(({ path, text }) => `${path}: ${text}`).join("; ");
  const seen = `${input} in, 0 out, ${dlq} to the dead letter queue${lately}. ${stages}`;
  const { closesAfter } = first;
  if (closesAfter !== undefined && startedAgo !== undefined && closesAfter > startedAgo)
    return {
      severity: "info",
      what: `Messages come in, and nothing goes out before ${first.path} closes`,
      evidence: `It can close ${secondsInWords(closesAfter)} after the first message, and the processor was started ${secondsInWords(startedAgo)} ago. ${seen}`,
      next: `Wait, and ${byDiagnosis(way, "look again")} in ${secondsInWords(closesAfter - startedAgo)}.`,
    };
  const tried = canTry
    ? `${way("Try this pipeline on two or three documents such as the source has", "try_stream_pipeline")}: that tells at which stage they end.`
    : "Compare what it asks for with a document of the source.";
  const orWait = holding.some((stage) => stage.closesAfter !== undefined)
    ? ", or wait for the length of the window"
    : "";
  return {
    severity: startedAgo !== undefined && startedAgo < SETTLING ? "info" : "warning",
    what: `Messages come in, but none goes out: ${holding.map(({ path, may }) => `${path} ${may}`).join(", or ")}`,
    evidence: seen,
    next: `${tried} Then ${byUpdate(way, "correct the stage")}${orWait}.`,
  };
};

/** The fields that let a window close though a part of the source is idle, by the type of its connection. */
const IDLE_TIMEOUTS: ReadonlyMap<string | undefined, string> = new Map([
  ["Kafka", "partitionIdleTimeout"],
  ["AWSKinesisDataStreams", "shardIdleTimeout"],
]);

/** What `$source` reads, and from when on, by the type of its connection. */
function readsFrom({ source }: Evidence, connection: UsedConnection | undefined): string {
  const field = (...path: string[]) => JSON.stringify(valueAt(source, path)) ?? "left out";
  if (connection?.type === "Kafka")
    return `Its \`topic\` is ${field("topic")}; its \`config.auto_offset_reset\` is ${field("config", "auto_offset_reset")} (left out it is "latest": only messages from the start on; "earliest" reads all that are kept).`;
  if (connection?.type === "Cluster")
    return `Its \`db\` is ${field("db")}, its \`coll\` ${field("coll")}; a change stream has only what changes from now on, unless $source has \`initialSync\`.`;
  return "One that starts at the newest message only sees what comes from now on.";
}

export const hasOtherErrors = (evidence: Evidence): Finding | undefined => {
  // The newest error of one that failed is told as the reason.
  const others = loggedSinceStart(evidence.logs?.errors, evidence).filter(
    (error) => !tellsRefusal(error) && !tellsResources(error) && !causeIn(error.message),
  );
  const [newest] = others;
  if (evidence.state === processorStates.failed || !newest) return undefined;
  return {
    severity: "warning",
    what: `The logs hold ${others.length === 1 ? "an error" : `${others.length} kinds of errors, the newest`}: ${newest.message}`,
    evidence: `It was logged ${timesOf(newest)}.`,
    next: `Correct what it names (${evidence.way("change the connection", "update_stream_connection")}, ${byUpdate(evidence.way, "change the pipeline")}). If it is old, it may be over.`,
  };
};

export const hasNoDlq = ({ hasDlq, way }: Evidence): Finding | undefined =>
  hasDlq
    ? undefined
    : {
        severity: "info",
        what: "The processor has no dead letter queue, so messages that it cannot process are lost without a trace",
        evidence: "Its options have no `dlq`.",
        next: `${byUpdate(way, "Give it one")}: \`dlq\` {connectionName, db, coll}, a collection of a connection of type Cluster.`,
      };

/** What is said where no cause was found. */
export function nothingFound({ name, state, counters, way }: Evidence): Finding {
  if (state !== "STARTED")
    return {
      severity: "info",
      what: `Nothing was found wrong with the processor ${quoted(name)}, but it does not run`,
      evidence: `Its state is ${state}.`,
      next: `${byGet(way, "Look again")} in a few seconds, to see whether the state has changed.`,
    };
  if (!counters)
    return {
      severity: "info",
      what: `The processor ${quoted(name)} runs, and nothing was found wrong with it`,
      evidence: "Its state is STARTED; Atlas shows no counters.",
      next: `${byDiagnosis(way, "Look again")} in a minute, to see whether messages are counted.`,
    };
  const [input, output] = [growthOf("inputMessageCount", counters), growthOf("outputMessageCount", counters)];
  const aSecond = (count: number) => (count / Math.max(counters.seconds, 1)).toFixed(1);
  return {
    severity: "info",
    what: `The processor ${quoted(name)} runs: ${aSecond(input)} messages a second come in, ${aSecond(output)} go out`,
    evidence: `In ${counters.seconds} s: ${input} in, ${output} out.`,
    next: `Nothing has to be done. If the output is not what was expected, ${byGet(way, "look at the pipeline")}.`,
  };
}

/** What a rule looks at: what is so now, the logs since the last start, or the counters. */
type Basis = "now" | "logs" | "counters";

/** The causes, the likeliest first. */
const causes: readonly (readonly [Basis, Rule])[] = [
  ["now", hasFailed],
  ["now", isIdle],
  ["now", lacksConnections],
  ["logs", hasLoggedCause],
  ["logs", isRefused],
  ["now", hasWrongPipeline],
  ["logs", hasSmallTier],
  ["counters", rejectsInput],
  ["counters", doesNotMove],
  ["counters", holdsBack],
  ["logs", hasOtherErrors],
];

/** What to do about a processor, the likeliest first; at least one finding. */
export function findingsOf(evidence: Evidence): Finding[] {
  const found = causes.flatMap(([basis, rule]) => since(basis, [rule(evidence) ?? []].flat(), evidence));
  const first = found.length > 0 ? found : since("counters", [nothingFound(evidence)], evidence);
  return [...first, ...since("now", [hasNoDlq(evidence) ?? []].flat(), evidence)];
}

/** Says since when the findings look. */
function since(basis: Basis, findings: readonly Finding[], evidence: Evidence): Finding[] {
  const { now, logsSince, startedAgo } = evidence;
  if (now === undefined) return [...findings];
  const start = startedAgo === undefined ? undefined : new Date(Date.parse(now) - startedAgo * 1000).toISOString();
  // Counters whose start is not known say themselves that they are since the start.
  const time = { now, logs: start ?? logsSince, counters: start }[basis];
  return findings.map((finding) => ({ ...finding, ...(time !== undefined && { since: time }) }));
}
