/**
 * The connections that a processor uses, by the places of its pipeline that name one; elsewhere a field may be called
 * `connectionName` and be data. A processor may be anything: Atlas shows what others have made.
 */
import { isObject, type Path, stringsIn, valueAt } from "../json.ts";
import type { ConnectionShape, Shape, Stage } from "./table/shapes.ts";
import { connectionPlaces, dlqShape, isSink, pipelineFields, stageNamed } from "./table.ts";

export interface ConnectionUse {
  name: string;
  /** Of a `doubtful` one nobody can know whether it is a use: no documentation tells of the stage, or of its place there. */
  role: "source" | "sink" | "dlq" | "other" | "doubtful";
  /** Leads to the name from the processor, such as `["pipeline", "0", "$source", "connectionName"]`. */
  path: Path;
  /** What can stand there; left out where that is not known. */
  place?: ConnectionShape;
}

/** What stands where a connection is named. */
interface Use extends Omit<ConnectionUse, "name"> {
  name: unknown;
}

interface ProcessorView {
  pipeline?: unknown;
  options?: unknown;
}

/** Those of a processor as Atlas shows it, its dead letter queue last. */
export const usesOf = (processor: ProcessorView): ConnectionUse[] =>
  allUses(processor).flatMap(({ name, ...use }) => (isName(name) ? [{ name, ...use }] : []));

/** Where a processor names a connection by what is no text, so that nobody can tell which. */
export const unreadableUsesOf = (processor: ProcessorView): Path[] =>
  allUses(processor).flatMap(({ name, path }) => (isName(name) ? [] : [path]));

const allUses = ({ pipeline, options }: ProcessorView): Use[] => [
  ...usesInPipeline(pipeline, ["pipeline"]),
  ...usesIn(dlqShape, "dlq", valueAt(options, ["dlq"]), ["options", "dlq"]),
];

/** Those of a pipeline, to which `at` leads; of one inside a stage, none is what the processor reads or writes. */
function usesInPipeline(pipeline: unknown, at: Path, isInner = false): Use[] {
  const items: readonly unknown[] = Array.isArray(pipeline) ? pipeline : [];
  return items.flatMap((item, index) =>
    Object.entries(isObject(item) ? item : {}).flatMap(([name, value]) => {
      const path = [...at, `${index}`, name];
      const stage = stageNamed(name);
      if (!stage) return doubtsIn(value, path);
      const role = isInner ? "other" : roleOf(stage, index === items.length - 1);
      const inner = pipelineFields(stage).flatMap((field) =>
        usesInPipeline(valueAt(value, [field]), [...path, field], true),
      );
      return [...usesIn(stage.value, role, value, path), ...inner];
    }),
  );
}

/** The names of those with one of the roles, each once, in the order of the pipeline. */
export const namesOf = (uses: readonly ConnectionUse[], ...roles: ConnectionUse["role"][]): string[] => [
  ...new Set(uses.filter(({ role }) => roles.includes(role)).map(({ name }) => name)),
];

function roleOf(stage: Stage, isLast: boolean): ConnectionUse["role"] {
  if (stage.place === "source" || stage.place === "sink") return stage.place;
  return isLast && isSink(stage) ? "sink" : "other";
}

function usesIn(shape: Shape, role: ConnectionUse["role"], value: unknown, path: Path): Use[] {
  return connectionPlaces(shape).flatMap(({ at, shape: place }, index) => {
    const found = [at, ...(place.alsoAt ? [place.alsoAt] : [])].flatMap((steps) => {
      const name = valueAt(value, steps);
      return name == null || name === "" ? [] : [{ name, path: [...path, ...steps] }];
    });
    const own = index === 0 ? role : "other";
    return found.map((each, index) => (index === 0 ? { ...each, role: own, place } : { ...each, role: "doubtful" }));
  });
}

const isName = (value: unknown): value is string => typeof value === "string" && value !== "";

function doubtsIn(value: unknown, path: Path): Use[] {
  return stringsIn(value)
    .map(({ text, path: inside }) => ({ name: text, role: "doubtful" as const, path: [...path, ...inside] }))
    .filter(({ name, path }) => path.at(-1) === "connectionName" && isName(name));
}
