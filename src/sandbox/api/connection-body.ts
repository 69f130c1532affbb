/** A connection as a body: read as strictly as the union describes it, shown without passwords and keys. */
import { z } from "zod/v3";
import { networkFields } from "../../connections/access.ts";
import { type Connection, connectionSchema, typeNamed } from "../../connections/union.ts";
import { isObject, type JsonObject } from "../../json.ts";
import { bare, traitOf } from "../../schema/fields.ts";
import type { Oddities } from "../data/oddities.ts";
import type { StoredConnection, StoredWorkspace } from "../data/state.ts";
import { invalidBody } from "./api-error.ts";
import { checkedBody } from "./checked-body.ts";
import { type RoutedRequest, selfLink } from "./handler.ts";

/** The connection that a body describes, or the 400 that names every field that does not fit. */
export function readConnection(body: JsonObject): Connection {
  return checkedBody(connectionSchema, body);
}

/** A connection with some of its top-level fields replaced; its name and type stay. */
export function patchConnection(present: Connection, changes: JsonObject): Connection {
  const fixed = (["name", "type"] as const).filter((field) => (changes[field] ?? present[field]) !== present[field]);
  if (fixed.length > 0) throw invalidBody(fixed.map((field) => ({ field, description: "cannot be changed" })));
  return readConnection({ ...present, ...changes });
}

/** A connection as Atlas shows it: without its passwords and keys, with what Atlas adds. */
export function viewConnection(
  request: RoutedRequest,
  workspace: StoredWorkspace,
  { id, body, state }: StoredConnection,
  { headersReturned, innerLinks, errorMessages }: Oddities,
) {
  const { groupId = "" } = request.parameters;
  const { headers, ...fields } = viewFields(
    connectionSchema,
    { ...networkingDefaults(body.type), ...body },
    innerLinks,
  );
  return {
    id,
    region: workspace.region,
    state,
    ...fields,
    ...(headersReturned && headers !== undefined && { headers }),
    ...(errorMessages && state === "FAILED" && { errorMessage: errorMessageOf(body) }),
    links: selfLink(request, "groups", groupId, "streams", workspace.name, "connections", body.name),
  };
}

/** The public access that Atlas assumes for a type that has a network path. */
function networkingDefaults(type: string): JsonObject {
  const fields = Object.keys(typeNamed(type)?.schema.shape ?? {});
  const defaults = networkFields
    .filter((field) => fields.includes(field))
    .map((field): [string, unknown] => [field, { access: { type: "PUBLIC" } }]);
  return Object.fromEntries(defaults);
}

/** The fields without those that are secret: headers, URLs and settings are none. The objects in them may have links. */
function viewFields(schema: z.ZodTypeAny, value: JsonObject, withLinks: boolean): JsonObject {
  const shape = shapeOf(bare(schema), value);
  const views = Object.entries(value).flatMap(([name, content]): [string, unknown][] => {
    const field = shape[name];
    if (field && traitOf(field).holds === "secret") return [];
    if (!field || !isObject(content)) return [[name, content]];
    const links = withLinks && bare(field) instanceof z.ZodObject && { links: [] };
    return [[name, { ...viewFields(field, content, withLinks), ...links }]];
  });
  return Object.fromEntries(views);
}

/** In the words of a client that cannot get there, with what it was told. */
function errorMessageOf(body: Connection): string {
  if (body.type === "Https") return `Could not connect to ${body.url}`;
  if (body.type !== "Kafka") return `Could not connect to what the connection ${body.name} names`;
  const { username, tokenEndpointUrl } = body.authentication ?? {};
  const login = [username && ` as ${username}`, tokenEndpointUrl && ` with a token of ${tokenEndpointUrl}`];
  return `Could not connect to the brokers ${body.bootstrapServers}${login.filter(Boolean).join("")}`;
}

function shapeOf(schema: z.ZodTypeAny, value: JsonObject): z.ZodRawShape {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return {};
  const members: ReadonlyMap<unknown, z.ZodTypeAny> = schema.optionsMap;
  const discriminator: string = schema.discriminator;
  const member = members.get(value[discriminator]);
  return member ? shapeOf(member, value) : {};
}
