/** The shape of one connection type: its member of the union and what an agent has to know to use it. */
import { z } from "zod/v3";
import { regions } from "../atlas/regions-and-tiers.ts";
import { isObject, type Path } from "../json.ts";
import { addressable, filled, text, withTrait } from "../schema/fields.ts";
import type { Remark } from "../schema/problems.ts";
import { addedByAtlas } from "./added-by-atlas.ts";

/** A value as it may be repeated in a message: masked, and in quotes. */
export type Quote = (value: string) => string;

/** A secret that Atlas needs for the other fields and that was left out. */
export interface MissingSecret {
  /** From the connection. */
  path: Path;
  reason: string;
}

/** Kinds of options: what a project has that a connection can use. */
export type OptionKind =
  | "clusters"
  | "customRoles"
  | "awsRoles"
  | "azureServicePrincipals"
  | "gcpServiceAccounts"
  | "privateLinks"
  | "vpcPeerings";

interface ConnectionTypeDefinition<Type extends string, Fields extends z.ZodRawShape> {
  type: Type;
  /** When to use the type, in one short sentence. */
  use: string;
  /** What people call it too, in lower case without separators. */
  alsoCalled?: readonly string[];
  /** What must exist before Atlas accepts it. */
  prerequisite: string;
  fields: Fields;
  /** The fields that tell connections of this type apart. */
  apart: readonly Path[];
  /** The kinds of options that it can use, with the field that names one; null where no one field does. */
  uses: Readonly<Partial<Record<OptionKind, Path | null>>>;
  /** Vendors of the private links that it can use; `GENERIC` is one without a vendor. */
  linkVendors?: readonly string[];
  /** The name that an example has to have; any other does where this is left out. */
  exampleName?: string;
  /** A valid connection without its `name` and `type`. */
  example: z.input<z.ZodObject<Fields>>;
  /** What there is to say about fields taken together. */
  review?: (connection: z.output<z.ZodObject<Fields>> & { name: string }, quote: Quote) => Remark[];
  /** Secrets that a create needs beyond the fields the schema requires. */
  missingSecrets?: (connection: z.output<z.ZodObject<Fields>>) => MissingSecret[];
}

/**
 * Makes a member of the union: a closed object of `type`, `name`, `region` and the type's own fields.
 * @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupstreamconnection
 */
export function connectionType<const Type extends string, Fields extends z.ZodRawShape>(
  definition: ConnectionTypeDefinition<Type, Fields>,
) {
  const {
    type,
    use,
    prerequisite,
    example,
    fields,
    apart,
    uses,
    alsoCalled = [],
    linkVendors = [],
    exampleName,
  } = definition;
  const object = z.object({
    type: z.literal(type).describe("Kind of connection"),
    name: withTrait(addressable("Unique in the workspace"), { naming: true }),
    ...fields,
    region: filled(withTrait(text("Atlas region"), { alsoWritten: { ...regions.AWS, ...regions.GCP } })).optional(),
  });
  const schema = withTrait(object.strict().describe(use), { dropped: addedByAtlas, unwrapped: ["connectionConfig"] });

  /** Of a connection that the union has checked, its type says which fields it has. */
  const isOwn = (connection: unknown): connection is z.output<z.ZodObject<Fields>> & { name: string } =>
    isObject(connection) && connection["type"] === type;

  return {
    type,
    use,
    alsoCalled,
    prerequisite,
    linkVendors,
    exampleName,
    example,
    fields,
    apart,
    uses,
    schema,
    /** What there is to say about a valid connection's fields taken together; nothing for one of another type. */
    review: (connection: { type: string }, quote: Quote) =>
      isOwn(connection) ? (definition.review?.(connection, quote) ?? []) : [],
    /** Secrets that a create still needs; none for a connection of another type. */
    missingSecrets: (connection: { type: string }) =>
      isOwn(connection) ? (definition.missingSecrets?.(connection) ?? []) : [],
  };
}
