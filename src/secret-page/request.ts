/** What a page asks for, and what comes of it. */

export interface SecretField {
  /** Dotted, e.g. `connection.authentication.password`. */
  path: string;
  label: string;
  multiline: boolean;
}

export interface SecretRequest {
  /** Its id or its name. */
  project: string;
  workspace: string;
  connection: {
    name: string;
    type: string;
    /** Where Atlas will send the secret: brokers, or a URL. Those of a comma-separated list are shown line by line. */
    host?: string;
  };
  fields: readonly SecretField[];
  /** Default: five minutes. */
  lifetimeMs?: number;
}

export type SecretAnswer =
  | { kind: "submitted" /** By the paths of the fields. */; values: ReadonlyMap<string, string> }
  | { kind: "cancelled" }
  | { kind: "expired" };
