/** The stages for agents that read: what the table says of each, in words. */
import { dotted, isObject, type Path, valueAt, withValueAt } from "../json.ts";
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
export const listStages = () => stages.map(({ name, use, ...stage }) => ({ name, ...placeOf(stage), use }));

/** All that the table says of every stage. */
export const describeStages = () => stages.map(describe);

/** All that the table says of the stage of that name, where there is one. */
export function describeStage(name: string) {
  const stage = stageNamed(name);
  return stage && describe(stage);
}

/** How a connection of the type and of that name can stand in pipelines. */
export const standsIn = (type: ConnectionType, connectionName: string) =>
  stages.flatMap((stage) => {
    const found = connectionPlaces(stage.value).find(({ shape }) => shape.types[type]);
    if (!found) return [];
    const needs = neededIn(found.shape.types[type]);
    const isOfType = (example: unknown) => exampleConnections.get(String(valueAt(example, found.at)))?.type === type;
    const example = stage.examples.filter(isObject).find(isOfType);
    return {
      stage: stage.name,
      at: dotted(found.at),
      ...(needs.length > 0 && { needs }),
      ...(example && { example: { [stage.name]: withValueAt(example, found.at, connectionName) } }),
    };
  });

function describe(stage: Stage) {
  const { name, use, value, examples, docs } = stage;
  const connections = connectionPlaces(value).map(({ at, shape }) => {
    const beside = objectAt(value, at.slice(0, -1));
    const besideIt = at.length > 1 && beside ? neededIn(beside).filter((each) => each !== at.at(-1)) : [];
    return {
      at: dotted(at),
      ...(besideIt.length > 0 && { besideIt }),
      types: Object.fromEntries(Object.entries(shape.types).map(([type, body]) => [type, bodyIn(body, "")])),
    };
  });
  return {
    name,
    ...placeOf(stage),
    use,
    ...(value.kind === "object" ? bodyIn(value, "") : { value: inWords(value) }),
    ...(connections.length > 0 && { connections }),
    examples: examples.map((example) => ({ [name]: example })),
    docs: docs.page,
    docsRead: docs.read,
  };
}

const placeOf = ({ place, rooms }: Pick<Stage, "place" | "rooms">) => ({
  place,
  ...(rooms.processor === "no" && { only: "in the pipeline of a window" }),
  ...(rooms.window === "no" && place !== "source" && { notIn: "the pipeline of a window" }),
});

/** What is needed, all fields in words, and the rules across them. */
function bodyIn(body: Body = { fields: {} }, within: string) {
  const [needs, fields, rules] = [neededIn(body), fieldsIn(body, within), rulesIn(body, within)];
  return {
    ...(needs.length > 0 && { needs }),
    ...(Object.keys(fields).length > 0 && { fields }),
    ...(rules.length > 0 && { rules }),
  };
}

const neededIn = ({ fields }: Body = { fields: {} }) => Object.keys(fields).filter((name) => fields[name]?.need);

const objectAt = (shape: Shape | undefined, [step, ...rest]: Path): ObjectShape | undefined => {
  const object = shape && objectIn(shape);
  return object && step !== undefined ? objectAt(object.fields[step], rest) : object;
};

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
