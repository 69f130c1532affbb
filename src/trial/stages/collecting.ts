/** Stages of MongoDB that need all documents of a window before they give any. */
import { type Accumulator, accumulations } from "../expressions/accumulators.ts";
import { type Compiler, inside, scopeOf } from "../expressions/compile.ts";
import { expressionsIn } from "../expressions/expressions.ts";
import { compareBy } from "../expressions/order.ts";
import { PipelineFault, Untried } from "../failures.ts";
import type { Document, MakeOperator, Message } from "../operator.ts";
import { isDocument, keyOf, put, wholeOf } from "../values/values.ts";
import { shownIn } from "./meta.ts";

interface Group {
  id: unknown;
  accumulators: readonly Accumulator[];
  first: Message;
}

/** @see https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/ */
const $group: MakeOperator = (body, surroundings) => {
  if (!isDocument(body) || !Object.hasOwn(body, "_id")) throw new PipelineFault("needs _id, what to group by", ["_id"]);
  const expressions = expressionsIn(surroundings);
  const idOf = inside("_id", () => expressions.compile(body["_id"]));
  const fields = Object.entries(body).filter(([name]) => name !== "_id");
  const accumulated = fields.map(([name, spec]) => ({
    name,
    ...inside(name, () => accumulationOf(name, spec, expressions)),
  }));
  const groups = new Map<string, Group>();
  return {
    push(message) {
      const scope = scopeOf(message);
      const id = idOf(scope) ?? null;
      // All is computed before anything is counted: a document that fails leaves no trace.
      const values = accumulated.map(({ value }) => value(scope));
      const key = keyOf(id);
      const group = groups.get(key) ?? { id, accumulators: accumulated.map(({ start }) => start()), first: message };
      groups.set(key, group);
      for (const [index, accumulator] of group.accumulators.entries()) accumulator.add(values[index]);
    },
    end(out) {
      for (const { id, accumulators, first } of groups.values()) {
        const document: Document = { _id: id };
        for (const [index, { name }] of accumulated.entries())
          put(document, name, accumulators[index]?.result() ?? null);
        out.emit(shownIn({ ...first, document, meta: metaOfGroup(first.meta) }, surroundings.metaField));
      }
      groups.clear();
    },
  };
};

function accumulationOf(name: string, spec: unknown, expressions: Compiler) {
  if (name.includes(".")) throw new PipelineFault(`The field name '${name}' cannot contain '.'`);
  if (name.startsWith("$")) throw new PipelineFault(`The field name '${name}' cannot be an operator name`);
  const [operator, ...others] = isDocument(spec) ? Object.keys(spec) : [];
  if (!isDocument(spec) || operator === undefined || !operator.startsWith("$"))
    throw new PipelineFault(`The field '${name}' must be an accumulator object`);
  if (others.length > 0) throw new PipelineFault(`The field '${name}' must specify one accumulator`);
  const make = Object.hasOwn(accumulations, operator) ? accumulations[operator] : undefined;
  if (make) return inside(operator, () => make(spec[operator], expressions));
  if (operator === "$accumulator") throw new Untried("$accumulator: no code of a pipeline is evaluated here");
  throw new Untried(`${operator} is no accumulator that this trial knows, and Atlas may not have it either`);
}

/** Of many documents, only what all have from the same source and window. */
const metaOfGroup = ({ source, window }: Document): Document => ({
  ...(isDocument(source) && source["type"] !== undefined && { source: { type: source["type"] } }),
  ...(window !== undefined && { window }),
});

const $sort: MakeOperator = (body) => {
  if (!isDocument(body)) throw new PipelineFault("must be an object");
  const order = compareBy(body);
  const messages: Message[] = [];
  return {
    push: (message) => void messages.push(message),
    end(out) {
      const sorted = messages.sort((a, b) => order(a.document, b.document));
      for (const message of sorted) out.emit(message);
      messages.length = 0;
    },
  };
};

function countIn(body: unknown, least: number): number {
  const count = wholeOf(body);
  if (count === undefined || count < least) throw new PipelineFault(`must be a whole number from ${least} on`);
  return count;
}

const $limit: MakeOperator = (body) => {
  let left = countIn(body, 1);
  return {
    push(message, out) {
      if (left > 0) out.emit(message);
      left -= 1;
    },
  };
};

/** Streams do not have it; the pipeline of a `$lookup` may. */
const $skip: MakeOperator = (body) => {
  let left = countIn(body, 0);
  return {
    push(message, out) {
      if (left <= 0) out.emit(message);
      left -= 1;
    },
  };
};

const $count: MakeOperator = (body, { metaField }) => {
  if (typeof body !== "string" || body === "" || /^\$|\./.test(body))
    throw new PipelineFault("must be the name of a field");
  let [count, first]: [number, Message | undefined] = [0, undefined];
  return {
    push(message) {
      count += 1;
      first ??= message;
    },
    end(out) {
      if (first) out.emit(shownIn({ ...first, document: { [body]: count }, meta: metaOfGroup(first.meta) }, metaField));
      [count, first] = [0, undefined];
    },
  };
};

export const collectingStages: Readonly<Record<string, MakeOperator>> = { $group, $sort, $limit, $skip, $count };
