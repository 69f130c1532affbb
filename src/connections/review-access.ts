/** What is worth saying about a network access before Atlas sees it. */
import type { Remark } from "./connection-type.ts";

interface Networking {
  access?:
    | { type?: string | undefined; connectionId?: string | undefined; tgwRouteId?: string | undefined }
    | undefined;
}

/** Warnings for an access type whose id is missing; Atlas decides whether it can do without. */
export function reviewAccess(networking: Networking | undefined, field: string): Remark[] {
  const access = networking?.access;
  const missing = (id: string): Remark[] => [
    {
      path: [field, "access", id],
      severity: "warning",
      message: `${access?.type} normally needs ${id}; it was sent without`,
    },
  ];
  if (access?.type === "PRIVATE_LINK" && !access.connectionId) return missing("connectionId");
  if (access?.type === "TRANSIT_GATEWAY" && !access.tgwRouteId) return missing("tgwRouteId");
  return [];
}
