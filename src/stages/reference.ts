/** The stages for agents that read: what the table says of each, in words. */
import { dotted, valueAt } from "../json.ts";
import { conditionOf, valuesInWords } from "./check-value.ts";
import { inWords } from "./kinds.ts";
import type { Body, ConnectionType, Field, ObjectShape, Rule, Shape, Stage } from "./table/shapes.ts";
import { connectionPlaces, stageNamed, stages } from "./table.ts";

/** The connections that the examples of the table use, by their names. */
export const exampleConnections: ReadonlyMap<string, { type: ConnectionType }> = new Map(
  Object.entries({
    kafka: { type: "Kafka" },
    cluster: { type: "Cluster" },
    kinesis: { type: "AWSKinesisDataStreams" },
    sample_stream_solar: { type: "Sample" },
    api: { type: "Https" },
    lambda: { type: "AWSLambda" },
    lake: { type: "S3" },
    blobs: { type: "AzureBlobStorage" },
    pubsub: { type: "GCPPubSub" },
    registry: { type: "SchemaRegistry" },
  }),
);

/** Every stage in a line. */
export const listStages = () =>
  stages.map((stage) => ({ name: stage.name, place: placeOf(stage), use: stage.use, docs: stage.docs.page }));

/** All that the table says of every stage. */
export const describeStages = () => stages.map(describe);

/** All that the table says of the stage of that name, where there is one. */
export function describeStage(name: string) {
  const stage = stageNamed(name);
  return stage && describe(stage);
}

/** How a connection of the type can stand in pipelines. */
export const standsIn = (type: ConnectionType) =>
  stages.flatMap((stage) => {
    const found = connectionPlaces(stage.value).find(({ shape }) => shape.types[type]);
    if (!found) return [];
    const isOfType = (example: unknown) => exampleConnections.get(String(valueAt(example, found.at)))?.type === type;
    return {
      stage: stage.name,
      at: dotted(found.at),
      fields: fieldsIn(found.shape.types[type] ?? { fields: {} }, dotted(found.at.slice(0, -1))),
      example: stage.examples.filter(isOfType).map((value) => ({ [stage.name]: value }))[0],
    };
  });

function describe(stage: Stage) {
  const { name, use, value, examples, docs } = stage;
  const byType = connectionPlaces(value)
    .filter(({ at }) => at.length === 1)
    .flatMap(({ shape }) => Object.entries(shape.types))
    .filter(([, { fields }]) => Object.keys(fields).length > 0)
    .map(([type, body]) => [type, { ...fieldsIn(body, ""), ...rulesAs(rulesIn(body, "")) }] as const);
  return {
    name,
    place: placeOf(stage),
    use,
    ...(value.kind === "object"
      ? { fields: fieldsIn(value, ""), ...rulesAs(rulesIn(value, "")) }
      : { value: inWords(value) }),
    ...(byType.length > 0 && { byConnectionType: Object.fromEntries(byType) }),
    examples: examples.map((example) => ({ [name]: example })),
    docs: docs.page,
    docsRead: docs.read,
  };
}

function placeOf({ name, place, rooms }: Stage): string {
  if (rooms.processor === "no") return "only in the pipeline of a window";
  const inside = rooms.window === "yes" ? ", also in the pipeline of a window" : "";
  return `${place === "source" ? "first" : place === "sink" ? "last" : place.replace("sink", "last")}${name === "$source" ? "" : inside}`;
}

const rulesAs = (rules: readonly string[]) => (rules.length > 0 ? { rules } : {});

/** Fields by their dotted names, those of objects inside too. */
function fieldsIn({ fields }: Body, within: string): Record<string, string> {
  const entries = Object.entries(fields).flatMap(([name, field]): [string, string][] => {
    if (field.kind === "elsewhere") return [];
    const path = within === "" ? name : `${within}.${name}`;
    const inner = objectIn(field);
    return [[path, lineOf(field)], ...(inner ? Object.entries(fieldsIn(inner, path)) : [])];
  });
  return Object.fromEntries(entries);
}

function lineOf(field: Field): string {
  const types = field.kind === "connection" ? ` of type ${Object.keys(field.types).join(", ")}` : "";
  const byDefault = field.byDefault === undefined ? "" : `; default ${field.byDefault}`;
  return `${field.need === undefined ? "" : "required: "}${inWords(field)}${types}${byDefault}`;
}

/** The object that a field can be. */
function objectIn(shape: Shape): ObjectShape | undefined {
  if (shape.kind === "object") return shape;
  return shape.kind === "either" ? shape.shapes.map(objectIn).find(Boolean) : undefined;
}

function rulesIn(shape: Body & { longest?: ObjectShape["longest"] }, within: string): string[] {
  const { fields, rules = [], longest } = shape;
  const where = within === "" ? "" : `${within}: `;
  return [
    ...rules.map((rule) => `${where}${ruleInWords(rule)}`),
    ...(longest ? [`${where}at most ${longest.words}`] : []),
    ...Object.entries(fields).flatMap(([name, field]) => {
      const inner = objectIn(field);
      return inner ? rulesIn(inner, within === "" ? name : `${within}.${name}`) : [];
    }),
  ];
}

function ruleInWords(rule: Rule): string {
  const { inTheMiddle, needs = [], excludes = [], only = {}, atMost = {}, atLeast = {}, ofProcessor, from } = rule;
  const parts = [
    ...(needs.length > 0 ? [`needs ${needs.join(" or ")}`] : []),
    ...(excludes.length > 0 ? [`${excludes.join(" and ")} cannot be set`] : []),
    ...Object.entries(only).map(([name, values]) => `${name} has to be ${valuesInWords(values)}`),
    ...Object.entries(atMost).map(([name, limit]) => `${name} is at most ${limit}`),
    ...Object.entries(atLeast).map(([name, limit]) => `${name} is at least ${limit}`),
    ...(ofProcessor ? ["needs the processor's dead letter queue"] : []),
  ];
  const end = inTheMiddle ? ", unless the stage ends the pipeline" : "";
  return `${parts.join("; ")}${conditionOf(rule)}${end}${from === undefined ? "" : ` (${from})`}`;
}
