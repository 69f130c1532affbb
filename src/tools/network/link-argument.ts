/** The argument `privateLink`, read by the union; what was changed in it and what may be wrong comes with it. */
import { z } from "zod/v3";
import { isObject, type Path } from "../../json.ts";
import { readPrivateLink } from "../../private-links/read.ts";
import { type Pair, type PrivateLink, publishedPrivateLink } from "../../private-links/union.ts";
import type { Note } from "../../schema/problems.ts";
import { argumentReadBy, type ReadArgument } from "../../tool/arguments.ts";
import type { CallContext } from "../../tool/context.ts";

/** The private link that a call requests. */
export interface RequestedLink {
  /** Leads to it from the arguments. */
  at: Path;
  link: PrivateLink;
  pair: Pair;
  /** To be told as warnings. */
  notes: readonly Note[];
}

export function readLink(value: unknown, at: Path, { maskText }: CallContext): ReadArgument<RequestedLink> {
  const reading = readPrivateLink(value, at, maskText);
  if (!reading.ok) return { problems: reading.problems, warnings: reading.warnings };
  const { link, pair, changes, warnings } = reading;
  return { value: { at, link, pair, notes: [...changes, ...warnings] } };
}

export const privateLinkArgument = argumentReadBy(
  z.custom<RequestedLink>(isObject),
  publishedPrivateLink.describe("What it leads to"),
  async (value, _, context) => readLink(value, ["privateLink"], context),
);
