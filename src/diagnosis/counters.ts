/** What a processor has counted, out of the `stats` that Atlas shows of it, whose fields the API does not document. */
import { isObject, type JsonObject } from "../json.ts";

/** Since the processor was started. */
export interface Counters {
  inputMessageCount: number;
  outputMessageCount: number;
  dlqMessageCount: number;
  /** What its windows and the like hold, in bytes. */
  stateSize?: number;
}

/**
 * The counters, or undefined where Atlas shows none, as before the first start.
 * @see https://www.mongodb.com/docs/manual/reference/method/sp.processor.stats/
 */
export function countersOf(stats: unknown): Counters | undefined {
  if (!isObject(stats)) return undefined;
  // The shell's command wraps them once more.
  const inner = stats["stats"];
  return countersIn(stats) ?? (isObject(inner) ? countersIn(inner) : undefined);
}

function countersIn(stats: JsonObject): Counters | undefined {
  const [input, output, dlq] = ["inputMessageCount", "outputMessageCount", "dlqMessageCount"].map((name) =>
    numberOf(stats[name]),
  );
  if (input === undefined && output === undefined && dlq === undefined) return undefined;
  const stateSize = numberOf(stats["stateSize"]);
  return {
    inputMessageCount: input ?? 0,
    outputMessageCount: output ?? 0,
    dlqMessageCount: dlq ?? 0,
    ...(stateSize !== undefined && { stateSize }),
  };
}

const NUMBER_TYPES = ["$numberLong", "$numberInt", "$numberDouble"];

/** A number as JSON, as digits, or as MongoDB's extended JSON; undefined for what no counter can show. */
function numberOf(value: unknown): number | undefined {
  const plain = isObject(value) ? NUMBER_TYPES.map((type) => value[type]).find((inner) => inner !== undefined) : value;
  const number = typeof plain === "string" && plain.trim() !== "" ? Number(plain) : plain;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : undefined;
}
