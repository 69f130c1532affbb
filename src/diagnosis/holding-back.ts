/** The stages of a pipeline that can keep everything from its sink without a word. */
import { isObject, type JsonObject } from "../json.ts";
import { numberOf } from "../stages/kinds.ts";
import { isWindow } from "../stages/table.ts";

/** A stage that can hold everything back. */
export interface HoldingStage {
  /** Such as `pipeline[1].$match`. */
  path: string;
  /** What it may do. */
  may: string;
  /** What stands in it, cut where it is long. */
  text: string;
  /** Of a window that closes by the time of events: how long after the first message it can close, in seconds. */
  closesAfter?: number;
}

/** Those of a pipeline as Atlas shows it, in its order. */
export function stagesHoldingBack(pipeline: readonly JsonObject[]): HoldingStage[] {
  return pipeline.flatMap((stage, index) =>
    Object.entries(stage).flatMap(([name, value]) => {
      const closesAfter = isWindow(name) ? closingTime(value) : undefined;
      const may = whatMay(name, value, closesAfter);
      if (may === undefined) return [];
      const path = `pipeline[${index}].${name}`;
      return [{ path, may, text: cut(JSON.stringify(value) ?? ""), ...(closesAfter !== undefined && { closesAfter }) }];
    }),
  );
}

/** What a stage may do to all that comes in, or undefined where it lets something through whatever comes. */
function whatMay(name: string, value: unknown, closesAfter: number | undefined): string | undefined {
  if (isWindow(name)) {
    const earliest =
      closesAfter === undefined ? "" : `, ${secondsInWords(closesAfter)} after the first at the earliest`;
    return `gives nothing until later messages close it${earliest}`;
  }
  const fields = isObject(value) ? value : {};
  switch (name) {
    case "$match":
      return isEmpty(value) ? undefined : "may match nothing";
    case "$validate":
      return fields["validationAction"] === "dlq" ? undefined : "discards without a trace what it finds invalid";
    case "$unwind":
      return fields["preserveNullAndEmptyArrays"] === true
        ? undefined
        : "drops messages whose list is missing or empty";
    case "$redact":
      return "may prune whole messages";
    default:
      return undefined;
  }
}

const isEmpty = (value: unknown) => isObject(value) && Object.keys(value).length === 0;

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, second: 1, minute: 60, hour: 3_600, day: 86_400 };

/** What Atlas waits for late messages where nothing else is said, in seconds. */
const DEFAULT_LATENESS = 3;

function closingTime(window: unknown): number | undefined {
  if (!isObject(window) || window["boundary"] === "processingTime") return undefined;
  const length = secondsOf(window["interval"] ?? window["gap"]);
  return length === undefined ? undefined : length + (secondsOf(window["allowedLateness"]) ?? DEFAULT_LATENESS);
}

function secondsOf(duration: unknown): number | undefined {
  if (!isObject(duration)) return numberOf(duration);
  const [size, unit] = [numberOf(duration["size"]), SECONDS[String(duration["unit"])]];
  return size === undefined || unit === undefined ? undefined : size * unit;
}

/** Such as `61 minutes`. */
export function secondsInWords(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  return seconds < 7_200 ? `${Math.ceil(seconds / 60)} minutes` : `${Math.ceil(seconds / 3_600)} hours`;
}

const TEXT_CHARACTERS = 200;

const cut = (text: string) => (text.length <= TEXT_CHARACTERS ? text : `${text.slice(0, TEXT_CHARACTERS - 1)}…`);

/** The first document in full that a message of the logs has, as it stands there. */
export function documentIn(message: string): string | undefined {
  const text = message.slice(Math.max(message.indexOf("{"), 0), message.lastIndexOf("}") + 1);
  try {
    return isObject(JSON.parse(text)) ? text : undefined;
  } catch {
    return undefined;
  }
}
