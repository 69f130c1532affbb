/** What Atlas takes, no trial refuses, whatever comes in; each document is somewhere at the end. */
import { describe, expect, test } from "vitest";
import { tryPipeline } from "../../src/trial/trial.ts";
import { validPipelines } from "../stages/valid-pipelines.ts";

const event = {
  _id: { _data: "82" },
  operationType: "insert",
  ns: { db: "shop", coll: "orders" },
  documentKey: { _id: 1 },
  fullDocument: { _id: 1, status: "paid", items: [{ sku: "a", n: 2 }] },
};
const documents = [{ _id: 1, a: 1, items: [1] }, event, {}];

describe("a trial", () => {
  test.each(validPipelines.map(({ what, pipeline }) => [what, pipeline] as const))(
    "of %s is none that is refused",
    (_, pipeline) => {
      const result = tryPipeline({ pipeline, documents, responses: [{ a: 1 }, "text", { status: 404 }], dlq: true });
      expect(result).not.toHaveProperty("problems");
      if ("problems" in result) return;
      const [source] = result.stages;
      expect(source).toMatchObject({ in: documents.length, out: documents.length - (source?.deadLetters ?? 0) });
      expect(result.totalOut).toBe(result.stages.at(-1)?.in);
    },
  );
});
