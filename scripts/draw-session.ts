/**
 * Draws `docs/session.svg`: a conversation, as a real run of the built server on its sandbox gives it. For each sentence
 * of a person it shows the calls that an agent makes of it, and what comes back. `npm run session`
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isObject, type JsonObject } from "../src/json.ts";
import { sandboxEmptyTenant, sandboxProject } from "../src/sandbox/data/seed.ts";
import { listIn, startDemo, stepLine } from "./demo-client.ts";
import { escaped, svg } from "./svg.ts";

const { groupId, name: project } = sandboxProject;
const solar = {
  groupId,
  tenantName: "solar",
  workspace: { cloudProvider: "AWS", region: "VIRGINIA_USA", sampleConnection: true },
  connections: [
    {
      name: "archive",
      type: "Cluster",
      clusterName: "Cluster0",
      dbRoleToExecute: { role: "readWriteAnyDatabase", type: "BUILT_IN" },
    },
  ],
  processors: [
    {
      processorName: "archiveSamples",
      pipeline: [
        { $source: { connectionName: "sample_stream_solar" } },
        { $match: { "obs.watts": { $gt: 100 } } },
        { $merge: { into: { connectionName: "archive", db: "solar", coll: "samples" } } },
      ],
      dlq: { connectionName: "archive", db: "solar", coll: "rejected" },
      start: true,
    },
  ],
};

/** What a person says, and what an agent calls then. */
const conversation: { says: string; calls: [tool: string, args: JsonObject][] }[] = [
  {
    says: `Connect our Kafka, broker-1.example.com:9092, in the workspace ${sandboxEmptyTenant} of project ${project}. The user is atlas, the password is in ATLAS_STREAMS_SECRET_KAFKA.`,
    calls: [
      [
        "create_stream_connection",
        {
          groupId: project,
          tenantName: sandboxEmptyTenant,
          connection: {
            name: "clicks",
            type: "Kafka",
            bootstrapServers: "broker-1.example.com:9092",
            authentication: {
              mechanism: "SCRAM-512",
              username: "atlas",
              password: "${env:ATLAS_STREAMS_SECRET_KAFKA}",
            },
            security: { protocol: "SASL_SSL" },
          },
          waitUntilReady: true,
        },
      ],
    ],
  },
  {
    says: "Now keep the solar samples above 100 watts in solar.samples of Cluster0, in a workspace of their own. Show me the plan first.",
    calls: [["apply_stream_pipeline", solar]],
  },
  { says: "Do it.", calls: [["apply_stream_pipeline", { ...solar, dryRun: false }]] },
  {
    says: "Thank you. Stop it until I am back.",
    calls: [["stop_stream_processor", { groupId, tenantName: "solar", processorName: "archiveSamples" }]],
  },
];

/** Holds the conversation with the built server, and returns the picture of it. */
export async function drawSession(): Promise<string> {
  const { client, call } = await startDemo(["--sandbox"], { ATLAS_STREAMS_SECRET_KAFKA: "a password of its own" });
  const lines: Line[] = [];
  const made = new Map<string, JsonObject>();
  for (const { says, calls } of conversation) {
    lines.push({ kind: "person", text: says });
    for (const [tool, args] of calls) {
      lines.push({ kind: "call", text: callLine(tool, args, made.get(tool)) }, ...resultLines(await call(tool, args)));
      made.set(tool, args);
    }
  }
  await client.close();
  return picture(lines);
}

/** A line of the conversation, before it is wrapped. */
export interface Line {
  kind: "person" | "call" | "good" | "bad" | "step" | "hint";
  text: string;
}

/** A call, of which only what is new is written out where it was made before: an agent makes it in full. */
export function callLine(tool: string, args: JsonObject, before: JsonObject | undefined): string {
  if (!before) return `${tool} ${plain(args)}`;
  const changed = Object.entries(args).filter(([name, value]) => plain(value) !== plain(before[name]));
  return `${tool} as before, with ${changed.map(([name, value]) => `${name}${GLUE}${plain(value)}`).join(", ")}`;
}

/** Keeps a name and its value on one line. */
const GLUE = ":\u00a0";

/** A value without the quotes of JSON, which nobody reads. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(", ")}]`;
  if (!isObject(value)) return String(value);
  const fields = Object.entries(value).map(([name, field]) => `${name}${GLUE}${plain(field)}`);
  return `{${fields.join(", ")}}`;
}

function resultLines({ outcome, summary, plan, warnings, error }: JsonObject): Line[] {
  const hints = Array.isArray(warnings) ? warnings.map((warning) => `warning: ${warning}`) : [];
  return [
    { kind: error === undefined ? "good" : "bad", text: `${outcome}: ${summary}` },
    ...listIn(plan).map((step): Line => ({ kind: "step", text: stepLine(step) })),
    ...hints.map((text): Line => ({ kind: "hint", text })),
  ];
}

const COLUMNS = 104;
const CHARACTER = 7.3;
const LINE = 18;
const PADDING = 18;

/** How far each kind of line stands in, and its lines after the first. */
const indents: Record<Line["kind"], [first: number, others: number]> = {
  person: [0, 2],
  call: [2, 4],
  good: [4, 6],
  bad: [4, 6],
  step: [6, 8],
  hint: [6, 8],
};

/** `text` in lines of at most `columns`, broken at spaces, and inside a word only where that is longer than a line. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (let rest = text; rest !== ""; ) {
    const space = rest.length <= columns ? rest.length : rest.lastIndexOf(" ", columns);
    const end = space > 0 ? space : columns;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).replace(/^ /, "");
  }
  return lines;
}

/** The conversation as a terminal shows it, every line in full. */
export function picture(conversation: readonly Line[]): string {
  const rows = conversation.flatMap(({ kind, text }, at) => {
    const [first, others] = indents[kind];
    const marked = kind === "person" ? `> ${text}` : text;
    const parts = wrapped(marked, COLUMNS - others);
    const drawn = parts.map((part, row) => ({
      kind,
      text: part,
      indent: row === 0 ? first : others,
      first: row === 0,
    }));
    return kind === "person" && at > 0 ? [undefined, ...drawn] : drawn;
  });
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * PADDING);
  const height = rows.length * LINE + 2 * PADDING;
  const drawn = rows.flatMap((row, at) => (row ? drawRow(row, PADDING + (at + 0.75) * LINE) : []));
  return svg(
    { width, height, title: "A conversation: what a person says, what an agent calls, what atlas-streams-mcp answers" },
    `<style>
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d1d7e0; white-space: pre; }
  .person { fill: #ffffff; font-weight: 600; }
  .call { fill: #9198a1; }
  .tool { fill: #79c0ff; }
  .good { fill: #56d364; }
  .bad { fill: #ff7b72; }
  .hint { fill: #e3b341; }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#151b23"/>
${drawn.join("\n")}`,
  );
}

/** A row of text, in which the first word of a call and of a result stands out. */
function drawRow({ kind, text, indent, first }: Line & { indent: number; first: boolean }, y: number): string {
  const x = (PADDING + indent * CHARACTER).toFixed(1);
  const [, word = "", rest = ""] = /^(\S+)([\s\S]*)$/.exec(text) ?? [];
  const accent = first && ({ call: "tool", good: "good", bad: "bad" } as const)[String(kind)];
  const inner = accent ? `<tspan class="${accent}">${escaped(word)}</tspan>${escaped(rest)}` : escaped(text);
  const plain = kind === "good" || kind === "bad" || kind === "step";
  return `<text${plain ? "" : ` class="${kind}"`} x="${x}" y="${y}">${inner}</text>`;
}

if (process.argv[1] === import.meta.filename)
  await writeFile(join(import.meta.dirname, "../docs/session.svg"), await drawSession());
