/** The argument that narrows a list. */
import { z } from "zod/v3";

export const nameContains = z.string().optional().describe("Part of the name, in any case");

export function contains(name: unknown, part: string | undefined): boolean {
  return part === undefined || String(name).toLowerCase().includes(part.toLowerCase());
}
