/** The create as a Terraform resource with a variable for each secret. */
import { networkFields } from "../connections/access.ts";
import { isObject, type JsonObject } from "../json.ts";
import { type CreateRequest, foreignOrigin, sandboxComment, type Variables } from "./create.ts";
import { type Attributes, block, type Expression, quoted, templateOf } from "./hcl.ts";
import { type AttributeNames, attributeNames, failoverNames, PROVIDER_VERSION } from "./provider.ts";

type TerraformCreate = Pick<CreateRequest, "url" | "groupId" | "tenantName" | "failoverOf" | "connection" | "sandbox">;

export function terraformResource(create: TerraformCreate, variables: Variables): string {
  const { name, type, ...fields } = withAccessType({ ...create.connection });
  const place = [
    ["project_id", quoted(create.groupId)],
    ["workspace_name", quoted(create.tenantName)],
  ] as const;
  const body = { name, type, ...fields };
  const resource =
    create.failoverOf === undefined
      ? { kind: "mongodbatlas_stream_connection", names: attributeNames }
      : { kind: "mongodbatlas_stream_connection_failover", names: failoverNames };
  return resourceText({ ...create, ...resource, place, body }, variables);
}

interface ResourceText extends Pick<CreateRequest, "url" | "sandbox"> {
  kind: string;
  place: Attributes;
  body: JsonObject;
  names: AttributeNames;
}

/** A resource of the provider, under the variables of its secrets and comments on what cannot be said in it. */
export function resourceText({ kind, place, body, names, ...create }: ResourceText, variables: Variables): string {
  const origin = foreignOrigin(create);
  const translation = translate(body, names, variables);
  const comments = [
    ...sandboxComment(create),
    `Attributes as of version ${PROVIDER_VERSION} of the provider mongodb/mongodbatlas.`,
    ...(origin === undefined ? [] : [`Set the provider's base_url to ${origin}.`]),
    ...translation.unknown.map((path) => `Not set: ${path.join(".")}, for which the provider has no attribute.`),
  ];
  const resource = block(`resource "${kind}" ${quoted(variables.prefix.toLowerCase())}`, [
    ...place,
    ...translation.attributes,
  ]);
  const blocks = [...new Set(translation.variables)].map((variable) =>
    block(`variable ${quoted(variable)}`, [
      ["type", "string"],
      ["sensitive", "true"],
    ]),
  );
  return [comments.map((comment) => `# ${comment}`).join("\n"), ...blocks, resource].join("\n\n");
}

/** The provider demands the access type that the API fills in where it is left out. */
function withAccessType(connection: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(connection).map(([field, value]) => {
      if (!networkFields.includes(field) || !isObject(value)) return [field, value];
      return [field, { access: { type: "PUBLIC", ...(isObject(value["access"]) ? value["access"] : {}) } }];
    }),
  );
}

interface Translation {
  attributes: Attributes;
  /** Paths of the fields that have no attribute. */
  unknown: (readonly string[])[];
  /** Terraform's variables that the attributes use, each as often as it is used. */
  variables: string[];
}

function translate(
  value: JsonObject,
  known: AttributeNames,
  variables: Variables,
  path: readonly string[] = [],
): Translation {
  const used: string[] = [];
  const unknown: (readonly string[])[] = [];

  const scalar = (leaf: unknown, at: readonly string[]): string => {
    if (typeof leaf !== "string") return JSON.stringify(leaf);
    const pieces = variables
      .pieces(leaf, at)
      .map((piece) => (typeof piece === "string" ? piece : { variable: piece.variable.toLowerCase() }));
    used.push(...pieces.flatMap((piece) => (typeof piece === "string" ? [] : [piece.variable])));
    return templateOf(pieces);
  };

  /** What the provider takes as it is: a string, a list of strings, a map of strings, null. */
  const expression = (leaf: unknown, at: readonly string[]): Expression => {
    if (Array.isArray(leaf)) return `[${leaf.map((item, index) => scalar(item, [...at, `${index}`])).join(", ")}]`;
    if (!isObject(leaf)) return scalar(leaf, at);
    return Object.entries(leaf).map(([key, item]) => [quoted(key), scalar(item, [...at, key])]);
  };

  const attributes = Object.entries(value).flatMap(([field, inner]): [string, Expression][] => {
    const place = [...path, field];
    const attributeName = Object.hasOwn(known, field) ? known[field] : undefined;
    if (attributeName === undefined) {
      unknown.push(place);
      return [];
    }
    if (typeof attributeName === "string") return [[attributeName, expression(inner, place)]];
    const [attribute, inside] = attributeName;
    if (!isObject(inner)) return [[attribute, expression(inner, place)]];
    const translation = translate(inner, inside, variables, place);
    unknown.push(...translation.unknown);
    used.push(...translation.variables);
    return [[attribute, translation.attributes]];
  });
  return { attributes, unknown, variables: used };
}
