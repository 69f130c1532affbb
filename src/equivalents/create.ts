import type { Connection } from "../connections/union.ts";

/** A create as the server would send it. */
export interface Create {
  /** Full URL of the POST. */
  url: string;
  /** Its headers without `authorization`. */
  headers: Readonly<Record<string, string>>;
  groupId: string;
  tenantName: string;
  /** The body, its references resolved. Secrets are in it, and in nothing that is made of it here. */
  connection: Connection;
  /** Whether the string at this path of `connection` must not be shown. */
  isSecret: (path: readonly string[]) => boolean;
  /** How the server logs in to Atlas. */
  login: "service-account" | "access-token" | "api-key" | "missing";
}

/** Atlas unless `MONGODB_ATLAS_BASE_URL` says otherwise; where the CLI and the Terraform provider go by themselves. */
const ATLAS = "https://cloud.mongodb.com";

/** The origin of the create's Atlas, where that is one that other tools must be told of. */
export function foreignOrigin({ url }: Create): string | undefined {
  const { origin } = new URL(url);
  return origin === ATLAS ? undefined : origin;
}
