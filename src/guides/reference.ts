/** Resources: what there is to know about each connection type, made from the union, and about the stages of a pipeline. */
import { connectionTypes } from "../connections/union.ts";
import { dotted } from "../json.ts";
import { describeFields } from "../schema/describe-fields.ts";
import { describeStages } from "../stages/reference.ts";

const ROOT = "atlas-streams://types";
const STAGES = "atlas-streams://stages";

export interface ResourceDescription {
  uri: string;
  name: string;
  title: string;
  description: string;
  mimeType: "application/json";
}

const json = "application/json" as const;

/** `resources/list`: the overview, the stages, and each type. */
export function listResources(): ResourceDescription[] {
  const overview: ResourceDescription = {
    uri: ROOT,
    name: "types",
    title: "Connection types",
    description: "Every type of stream connection: what it is for and what must exist first",
    mimeType: json,
  };
  const stages: ResourceDescription = {
    uri: STAGES,
    name: "stages",
    title: "Stages of a pipeline",
    description: "Every stage of a stream processor: where it can stand and what it needs, by type of connection",
    mimeType: json,
  };
  const types = connectionTypes.map(({ type, use }) => ({
    uri: `${ROOT}/${type}`,
    name: type,
    title: `${type} connections`,
    description: use,
    mimeType: json,
  }));
  return [overview, stages, ...types];
}

/** `resources/templates/list`. */
export const resourceTemplates = [
  {
    uriTemplate: `${ROOT}/{type}`,
    name: "type",
    title: "One connection type",
    description: "Its fields, an example, and what must exist first",
    mimeType: json,
  },
];

/** The text of a resource, or undefined where there is none of that URI. */
export function readResource(uri: string): string | undefined {
  if (uri === ROOT)
    return JSON.stringify(connectionTypes.map(({ type, use, prerequisite }) => ({ type, use, prerequisite })));
  if (uri === STAGES) return JSON.stringify(describeStages());
  const found = connectionTypes.find(({ type }) => uri === `${ROOT}/${type}`);
  if (!found) return undefined;
  const { type, use, prerequisite, example, exampleName: name = "my-connection", schema } = found;
  return JSON.stringify({
    type,
    use,
    prerequisite,
    fields: describeFields(schema).map(({ path, ...field }) => ({ path: dotted(path), ...field })),
    example: { type, name, ...example },
  });
}

/** The values of the template's `type` that begin with `typed`, in any case. */
export function completeType(typed: string): string[] {
  return connectionTypes.map(({ type }) => type).filter((type) => type.toLowerCase().startsWith(typed.toLowerCase()));
}
