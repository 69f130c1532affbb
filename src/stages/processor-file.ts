/**
 * A processor as its own answer, the API, the Atlas CLI, CloudFormation, Terraform or a script of the shell has it, as the
 * arguments of a tool. Names in another spelling are not looked at: arguments are read so anyway.
 */
import { isDeepStrictEqual } from "node:util";
import { stageSecretParts } from "../connections/secret-places.ts";
import { isObject, type JsonObject, type Path } from "../json.ts";
import type { ReadFile } from "../schema/fields.ts";
import { parseJson, withoutLost } from "../schema/numbers.ts";
import type { Note } from "../schema/problems.ts";
import { maskValue } from "../secrets/parts.ts";
import { readShellText, Unreadable } from "./shell-text.ts";

const essence = (name: string) => name.toLowerCase().replace(/[^a-z]/g, "");

/** What a processor's own answer and the files of other tools have beside what is requested. */
const DROPPED = new Set(
  "id stats links state desiredstate laststatechange laststatemodified lastmodified modifiedat createdat hasstarted errormsg errormessage errorcode errorretryable effectivetier eligibleforfailover version profile timeouts deleteoncreatetimeout".split(
    " ",
  ),
);

/** What stands in `options`, and the arguments for it. */
const OPTIONS: Readonly<Record<string, string>> = {
  autoscaling: "autoscaling",
  deadletterqueue: "dlq",
  dlq: "dlq",
  resumefromcheckpoint: "resumeFromCheckpoint",
  tier: "tier",
};

/** The processor in `given`, to which `at` leads, for a tool that takes `fields`. */
export function readProcessorFile(given: JsonObject, at: Path, fields: readonly string[]): ReadFile {
  const changes: Note[] = [];
  const problems: Note[] = [];
  const tell = (path: Path, message: string) => changes.push({ path: [...at, ...path], message });
  const { whole, isFile, clashes, text } = unwrapped(given);
  if (isFile) tell(["pipeline"], "was a whole processor and was taken apart");
  for (const name of clashes)
    problems.push({ path: [...at, name], message: "has another value than in the file that stands for the pipeline" });
  if (text !== undefined) problems.push({ path: [...at, "pipeline"], message: aboutText(text) });
  const value: JsonObject = {};
  const put = (path: Path, name: string, read: unknown) => {
    if (value[name] !== undefined && !isDeepStrictEqual(value[name], read))
      problems.push({ path: [...at, ...path], message: `is another name for ${name}, which has a different value` });
    else if (value[name] === undefined) {
      value[name] = read;
      tell(path, `was taken as ${name}`);
    }
  };
  const others: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(whole)) {
    if (fields.includes(key)) value[key] = inner;
    else others.push([key, inner]);
  }
  for (const [key, inner] of others) {
    const name = essence(key);
    const isStarted = typeof inner === "string" && inner.toUpperCase() === "STARTED";
    if (name === "options" && (isObject(inner) || inner === null))
      for (const [option, each] of Object.entries(inner ?? {})) {
        const meant = OPTIONS[essence(option)] ?? "";
        if (each === null) continue;
        if (fields.includes(meant)) put([key, option], meant, each);
        else tell([key, option], "is no argument here and was left out");
      }
    else if (name === "dlq" || name === "deadletterqueue") put([key], "dlq", inner);
    else if ((name === "state" || name === "desiredstate") && isStarted && fields.includes("start"))
      put([key], "start", true);
    else if (DROPPED.has(name) && !fields.some((field) => essence(field) === name))
      tell([key], "is no part of what is requested and was left out");
    else value[key] = inner;
  }
  const written = withoutLost(value, at);
  return {
    value: isObject(written.value) ? written.value : value,
    changes,
    problems: [...problems, ...written.problems],
  };
}

/** A file that stands whole where the pipeline is expected, or is wrapped as CloudFormation and Terraform wrap it. */
interface Unwrapped {
  whole: JsonObject;
  isFile?: true;
  /** Names that stand in the file and beside it, with different values. */
  clashes: string[];
  /** In place of the pipeline, where it is no JSON. */
  text?: string;
}

function unwrapped(given: JsonObject): Unwrapped {
  const key = Object.keys(given).find((name) => essence(name) === "pipeline") ?? "";
  const { [key]: pipeline, ...others } = given;
  const inside = inWrapping(typeof pipeline === "string" ? parsed(pipeline) : pipeline);
  if (isObject(inside) && ("pipeline" in inside || "Pipeline" in inside)) {
    const file = unwrapped(inside);
    const beside = (name: string) => Object.keys(others).find((other) => essence(other) === essence(name));
    const isOther = (name: string) => !isDeepStrictEqual(others[beside(name) ?? ""], file.whole[name]);
    const [clashes, kept] = [[...file.clashes], { ...others }];
    for (const name of Object.keys(file.whole))
      if (beside(name) === undefined) kept[name] = file.whole[name];
      else if (isOther(name)) clashes.push(beside(name) ?? name);
    return { ...file, whole: kept, isFile: true, clashes };
  }
  const isText = typeof pipeline === "string" && pipeline.trim() !== "" && parsed(pipeline) === undefined;
  return { whole: given, clashes: [], ...(isText && { text: pipeline }) };
}

/** The properties of the one processor in a file, and anything else as it is. */
function inWrapping(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { Properties: properties, Resources: resources, resource } = value;
  if (isObject(properties)) return properties;
  const named = isObject(resources)
    ? resources
    : isObject(resource)
      ? resource["mongodbatlas_stream_processor"]
      : undefined;
  const [only, ...more] = isObject(named) ? Object.values(named) : [];
  return more.length === 0 && isObject(only) ? inWrapping(only) : value;
}

function parsed(text: string): unknown {
  try {
    const value = parseJson(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** More of it helps nobody. */
const MOST_CHARACTERS = 6_000;

/** What to send for text that is no JSON; none of it is evaluated. */
function aboutText(text: string): string {
  try {
    const { value } = readProcessorFile(readShellText(text), [], ["processorName", "pipeline", "dlq", "tier"]);
    const json = JSON.stringify(maskValue(value, stageSecretParts));
    const isScript = /\bsp\./.test(text);
    const what = isScript ? "is a script, which is not evaluated here" : "is not valid JSON";
    if (json.length > MOST_CHARACTERS) return `${what}. Send it as JSON: names and texts in double quotes, no comments`;
    return `${what}. Read without being evaluated, it says: ${json}. Send that${json.includes("***") ? ", with what *** hides" : ""}`;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return `is text that is no JSON (${error.message}). Send a list of stages, such as [{"$source": {…}}, {"$merge": {…}}], with every variable written out`;
  }
}
