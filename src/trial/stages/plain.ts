/**
 * `$setStreamMeta` and `$throttle`, and `$vectorSearch`, which cannot be tried.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-setStreamMeta/
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-throttle/
 */
import { PipelineFault, reasonOf } from "../failures.ts";
import type { Document, MakeOperator } from "../operator.ts";
import { isDocument } from "../values/values.ts";
import { withField } from "./fields.ts";
import { shownIn } from "./meta.ts";

const PREFIX = "stream.";

/** Writes what `{$meta: "stream.name"}` gives in the stages after it. */
export const setStreamMeta: MakeOperator = (body, { expression, metaField }) => {
  const fields = Object.entries(isDocument(body) ? body : {}).map(([name, spec]) => {
    if (!name.startsWith(PREFIX)) throw new PipelineFault(`${name} must start with ${PREFIX}`);
    return [name.slice(PREFIX.length), expression(spec)] as const;
  });
  return {
    push(message, out) {
      let meta: Document = message.meta;
      try {
        for (const [path, compute] of fields) {
          const value = compute(message);
          if (value !== undefined) meta = withField(meta, path, value);
        }
      } catch (error) {
        const reason = reasonOf("SetStreamMetaOperator", error);
        return out.deadLetter(message, reason);
      }
      out.emit(shownIn({ ...message, meta }, metaField));
    },
  };
};

/** Only slows down, so what comes out is what comes in. */
export const throttle: MakeOperator = () => ({ push: (message, out) => out.emit(message) });

export const vectorSearch: MakeOperator = () => ({
  push(message, out) {
    out.untried("a search of vectors needs the index on the cluster");
    out.emit(message);
  },
});
