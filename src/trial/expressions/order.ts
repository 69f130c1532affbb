/** The order that a `$sort` gives. @see https://www.mongodb.com/docs/manual/reference/operator/aggregation/sort/ */
import { PipelineFault, Untried } from "../failures.ts";
import type { Document } from "../operator.ts";
import { compare, isDocument, wholeOf } from "../values/values.ts";
import { stepsOf } from "./compile.ts";

/** Compares documents by fields, in whose place a list stands with its smallest, or its largest, item. */
export function compareBy(fields: Document): (a: unknown, b: unknown) => number {
  const keys = Object.entries(fields).map(([path, direction]) => {
    if (isDocument(direction)) throw new Untried("a $sort by $meta");
    const sign = wholeOf(direction);
    if (sign !== 1 && sign !== -1) throw new PipelineFault("must be 1 or -1", [path]);
    return { steps: stepsOf(path), sign };
  });
  if (keys.length === 0) throw new PipelineFault("must have a field to sort by");
  return (a, b) => {
    for (const { steps, sign } of keys) {
      const found = sign * compare(keyAt(a, steps, sign), keyAt(b, steps, sign));
      if (found !== 0) return found;
    }
    return 0;
  };
}

function keyAt(value: unknown, steps: readonly string[], sign: number): unknown {
  const found = [...valuesAt(value, steps, 0)];
  // Nothing is as null; an empty list comes in front of it.
  if (found.length === 0) return null;
  return found.reduce((best, item) => (sign * compare(item, best) < 0 ? item : best));
}

/** What a path leads to, with each item of the lists on its way, and of one at its end. */
function* valuesAt(value: unknown, steps: readonly string[], from: number): Generator<unknown> {
  if (from === steps.length) {
    if (!Array.isArray(value)) yield value;
    else if (value.length === 0) yield undefined;
    else yield* value;
    return;
  }
  const step = steps[from] ?? "";
  if (Array.isArray(value)) {
    if (/^\d+$/.test(step) && Number(step) < value.length) yield* valuesAt(value[Number(step)], steps, from + 1);
    for (const item of value) if (isDocument(item)) yield* valuesAt(item, steps, from);
    return;
  }
  if (isDocument(value) && Object.hasOwn(value, step)) yield* valuesAt(value[step], steps, from + 1);
}
