import { describe, expect, it } from "vitest";
import { secretParts } from "../../src/connections/secret-places.ts";
import { terraformOfExisting } from "../../src/equivalents/terraform-of-existing.ts";
import type { JsonObject } from "../../src/json.ts";
import { groupId, resourceOf } from "./support.ts";

const place = { origin: "https://cloud.mongodb.com", groupId, tenantName: "orders" };
const resource = (connection: JsonObject) => resourceOf(terraformOfExisting({ ...place, connection }) ?? "");

describe("the Terraform resource of an existing connection", () => {
  it("has variables for the secrets that Atlas shows: headers, and those in URLs and settings", () => {
    const https = {
      name: "hook",
      type: "Https",
      url: "https://bob:s3cret@example.com/hook?token=t0ken&page=2",
      headers: { Authorization: "Bearer abc", "Content-Type": "application/json" },
    };
    expect(resource(https)).toMatchObject({
      url: "https://bob:<hook_url_password>@example.com/hook?token=<hook_url_token>&page=2",
      headers: { Authorization: "<hook_headers_authorization>", "Content-Type": "application/json" },
    });
    const config = { "ssl.key.pem": "-----BEGIN\nabc", "auto.offset.reset": "earliest" };
    expect(resource({ name: "k", type: "Kafka", bootstrapServers: "b:1", config })["config"]).toEqual({
      "ssl.key.pem": "<k_config_ssl_key_pem>",
      "auto.offset.reset": "earliest",
    });
  });

  it("has variables for the secrets that a create needs and Atlas does not show", () => {
    const authentication = { mechanism: "SCRAM-512", username: "me" };
    const kafka = { name: "k", type: "Kafka", bootstrapServers: "b:1", authentication };
    expect(resource(kafka)["authentication"]).toEqual({ ...authentication, password: "<k_authentication_password>" });
    const registry = {
      name: "r",
      type: "SchemaRegistry",
      provider: "CONFLUENT",
      schemaRegistryUrls: ["https://example.com"],
      schemaRegistryAuthentication: { type: "USER_INFO", username: "me" },
    };
    expect(resource(registry)["schema_registry_authentication"]).toEqual({
      type: "USER_INFO",
      username: "me",
      password: "<r_schema_registry_authentication_password>",
    });
  });

  it("has variables for what else is known to be secret", () => {
    const authentication = { mechanism: "SCRAM-512", username: "from-a-reference" };
    const connection = { name: "k", type: "Kafka", bootstrapServers: "b:1", authentication };
    const text = terraformOfExisting({
      ...place,
      connection,
      partsOf: (text, path) =>
        path.at(-1) === "username" ? [{ start: 0, end: text.length }] : secretParts(text, path),
    });
    expect(text).not.toContain("from-a-reference");
    expect(text).toContain("var.k_authentication_username");
  });

  it("leaves out what only Atlas sets", () => {
    const networking = { access: { type: "PUBLIC", links: [] }, links: [] };
    const shown = { id: "1", state: "READY", region: "VIRGINIA_USA", links: [], networking };
    const text = terraformOfExisting({
      ...place,
      connection: { name: "k", type: "Kafka", bootstrapServers: "b:1", ...shown },
    });
    expect(resourceOf(text ?? "")).toEqual({
      project_id: groupId,
      workspace_name: "orders",
      connection_name: "k",
      type: "Kafka",
      bootstrap_servers: "b:1",
      networking: { access: { type: "PUBLIC" } },
    });
    expect(text).not.toContain("Not set");
  });

  it("is none for what is not known", () => {
    expect(terraformOfExisting({ ...place, connection: { name: "p", type: "Pulsar" } })).toBeUndefined();
    expect(terraformOfExisting({ ...place, connection: { name: "s", type: "Sample", more: 1 } })).toBeUndefined();
  });
});
