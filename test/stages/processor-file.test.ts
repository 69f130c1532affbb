/** A processor as other tools write it, given to the tools that take one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { asMeant } from "../../src/schema/as-meant.ts";
import { readProcessorFile } from "../../src/stages/processor-file.ts";
import { readShellText, Unreadable } from "../../src/stages/shell-text.ts";
import createStreamProcessor from "../../src/tools/processors/create.ts";
import updateStreamProcessor from "../../src/tools/processors/update.ts";
import { call, fakeServices, place } from "../support/fake-services.ts";

const pipeline = [
  { $source: { connectionName: "bus", topic: "orders" } },
  { $merge: { into: { connectionName: "store", db: "shop", coll: "orders" } } },
];
const dlq = { connectionName: "store", db: "shop", coll: "rejected" };
const { groupId, tenantName } = place;
const requested = { groupId, tenantName, processorName: "copy", pipeline, dlq };

/** What `create_stream_processor` makes of arguments, and what it says of them. */
function create(given: JsonObject) {
  const { value, changes, problems } = asMeant(createStreamProcessor.input, given, []);
  const line = ({ path, message }: { path: readonly string[]; message: string }) => `${path.join(".")} ${message}`;
  return { value, changes: changes.map(line), problems: problems.map(line) };
}

describe("a processor", () => {
  test.each<[what: string, given: JsonObject]>([
    ["as arguments of the tool", requested],
    [
      "as its own answer shows it",
      {
        ...place,
        _id: "65f1c0de",
        name: "copy",
        pipeline,
        options: { dlq },
        state: "STOPPED",
        stats: { a: 1 },
        links: [],
      },
    ],
    ["as the API and the CLI have it", { ...place, name: "copy", pipeline, options: { dlq } }],
    [
      "as CloudFormation has it",
      {
        ProjectId: groupId,
        WorkspaceName: tenantName,
        ProcessorName: "copy",
        Pipeline: JSON.stringify(pipeline),
        Options: { Dlq: { ConnectionName: "store", Db: "shop", Coll: "rejected" } },
        Profile: "default",
      },
    ],
    [
      "as Terraform has it",
      {
        project_id: groupId,
        instance_name: tenantName,
        processor_name: "copy",
        pipeline: JSON.stringify(pipeline),
        options: { dlq: { connection_name: "store", db: "shop", coll: "rejected" } },
        delete_on_create_timeout: true,
      },
    ],
    ["as a whole file in place of its pipeline", { ...place, pipeline: { name: "copy", pipeline, options: { dlq } } }],
    [
      "as a whole file in text",
      { ...place, processorName: "copy", pipeline: JSON.stringify({ name: "copy", pipeline, deadLetterQueue: dlq }) },
    ],
    [
      "as a template of CloudFormation",
      {
        ...place,
        pipeline: JSON.stringify({
          Resources: {
            Copy: {
              Type: "MongoDB::Atlas::StreamProcessor",
              Properties: { ProcessorName: "copy", Pipeline: JSON.stringify(pipeline), Options: { Dlq: dlq } },
            },
          },
        }),
      },
    ],
    [
      "as Terraform's JSON",
      {
        ...place,
        pipeline: JSON.stringify({
          resource: {
            mongodbatlas_stream_processor: {
              copy: { processor_name: "copy", pipeline: JSON.stringify(pipeline), options: { dlq } },
            },
          },
        }),
      },
    ],
  ])("is taken %s", (_, given) => {
    const { value, problems } = create(given);
    expect(value).toEqual(requested);
    expect(problems).toEqual([]);
  });

  test.each([["state"], ["State"], ["DesiredState"], ["desired_state"]])(
    "that is to be STARTED by %s is started",
    (name) => {
      expect(create({ ...requested, [name]: "STARTED" })).toMatchObject({
        value: { ...requested, start: true },
        changes: [`${name} was taken as start`],
      });
      expect(create({ ...requested, [name]: "CREATED" }).value).toEqual(requested);
    },
  );

  test("keeps the checkpoint option where the tool has one, and says what it leaves out", () => {
    const options = { dlq, resumeFromCheckpoint: false };
    const given = { ...place, name: "copy", options };
    expect(asMeant(updateStreamProcessor.input, given, []).value).toMatchObject({ dlq, resumeFromCheckpoint: false });
    expect(create({ ...given, pipeline }).changes).toContain(
      "options.resumeFromCheckpoint is no argument here and was left out",
    );
  });

  test("with two values for the same is refused at the odd one", () => {
    expect(create({ ...requested, options: { dlq: { ...dlq, coll: "other" } } }).problems).toEqual([
      "options.dlq is another name for dlq, which has a different value",
    ]);
    expect(create({ ...requested, pipeline: { name: "other", pipeline } }).problems).toEqual([
      "name is another name for processorName, which has a different value",
    ]);
    expect(create({ ...requested, tier: "SP2", pipeline: { pipeline, tier: "SP5" } }).problems).toEqual([
      "tier has another value than in the file that stands for the pipeline",
    ]);
    expect(create({ ...requested, start: false, state: "STARTED" }).problems).toEqual([
      "state is another name for start, which has a different value",
    ]);
  });

  test("of any form is read without a throw, and its own form is left as it is", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (given, inside) => {
        readProcessorFile({ ...given, pipeline: inside }, [], ["pipeline"]);
        readProcessorFile({ pipeline: JSON.stringify(inside) }, [], ["pipeline"]);
      }),
    );
    expect(readProcessorFile(requested, [], Object.keys(requested))).toEqual({
      value: requested,
      changes: [],
      problems: [],
    });
  });
});

describe("a script of the shell", () => {
  const script = `// copies orders
let source = { $source: { connectionName: 'bus', topic: "orders" } };
const sink = { $merge: { into: { connectionName: 'store', db: 'shop', coll: 'orders', }, } }
sp.createStreamProcessor('copy', [source, sink], { dlq: { connectionName: "store", db: "shop", coll: "rejected" } });
sp.copy.start()`;

  test("is refused with the JSON to send, once, and nothing of it is run", async () => {
    const services = fakeServices({});
    const result = await call(createStreamProcessor, { ...place, processorName: "copy", pipeline: script }, services);
    const json = JSON.stringify({ processorName: "copy", pipeline, dlq });
    expect(result["error"]).toMatchObject({
      kind: "invalid_input",
      fields: [
        {
          path: "pipeline",
          message: `is a script, which is not evaluated here. Read without being evaluated, it says: ${json}. Send that`,
        },
      ],
    });
    expect(services.atlas.requests).toEqual([]);
  });

  test.each<[text: string, read: unknown]>([
    ["[{$match: {a: 1}},]", [{ $match: { a: 1 } }]],
    ["[{'$match': {at: ISODate('2026-01-01')}}]", [{ $match: { at: { $date: "2026-01-01" } } }]],
    [
      "[{$limit: NumberLong(5)}, {$set: {a: -1.5e3, b: /* no */ null}}]",
      [{ $limit: { $numberLong: "5" } }, { $set: { a: -1500, b: null } }],
    ],
    ['jsonencode([{ "$match" = { a = "b\\n\\u0041" } }])', [{ $match: { a: "b\nA" } }]],
    ["const p = [{$match: {}}]\nsp.process(p)", [{ $match: {} }]],
    ["[{$source: {timeField: new Date('2026-01-01')}}]", [{ $source: { timeField: { $date: "2026-01-01" } } }]],
  ])("%s says what is written out in it", (text, read) => {
    expect(readShellText(text)).toMatchObject({ pipeline: read });
  });

  test.each<[text: string, message: RegExp]>([
    ["[source, sink]", /^line 1, column 8: source is nothing that is written out in it/],
    ["[{$match: {a: load()}}]", /load is nothing/],
    ["[{$match: {a: `x${1}`}}]", /a text is put together/],
    ["[{$match: {a: 1}}", /, was expected/],
    ["[{$match: 'a}]", /a text has no end/],
    ["const a = [1]\nsp.createStreamProcessor('x', a.concat([2]))", /^line 2, .*a is nothing/],
    ["[] extra", /something follows/],
    ["", /a value was expected/],
    ["[".repeat(100), /nested too deeply/],
  ])("%s says where it cannot be read", (text, message) => {
    expect(() => readShellText(text)).toThrow(Unreadable);
    expect(() => readShellText(text)).toThrow(message);
  });

  test("that cannot be read is refused with the way to write it", async () => {
    const given = { ...place, processorName: "copy", pipeline: "sp.createStreamProcessor('copy', makePipeline())" };
    const result = await call(createStreamProcessor, given, fakeServices({}));
    expect(result["error"]).toMatchObject({
      fields: [
        { path: "pipeline", message: expect.stringMatching(/makePipeline is nothing.*Send a list of stages, such as/) },
      ],
    });
  });

  test("shows no secret of a header", () => {
    const text = `sp.process([{ $https: { connectionName: "api", headers: { Authorization: "Bearer s3cret" } } }])`;
    expect(create({ ...place, pipeline: text }).problems).toEqual([expect.not.stringContaining("s3cret")]);
  });

  test("of any text is read or refused, and what is JSON is read as JSON", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          readShellText(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Unreadable);
        }
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = readShellText(`{"pipeline": ${JSON.stringify(value)}}`);
        expect(JSON.stringify(read)).toBe(JSON.stringify({ pipeline: value }));
      }),
    );
  });
});
