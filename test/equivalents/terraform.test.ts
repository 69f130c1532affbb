import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equivalentsOf } from "../../src/equivalents/equivalents.ts";
import { readHcl } from "./read-hcl.ts";
import { createOf, examples, groupId, resourceOf, secretsOf, unrulyConnections } from "./support.ts";

const terraform = (...create: Parameters<typeof createOf>) => equivalentsOf(createOf(...create)).terraform;

const common = { project_id: groupId, workspace_name: "orders" };
const role = "arn:aws:iam::123456789012:role/atlas-streams";

describe("the Terraform resource", () => {
  const expected: Record<string, object> = {
    Sample: {},
    Cluster: { cluster_name: "Cluster0", db_role_to_execute: { role: "readWriteAnyDatabase", type: "BUILT_IN" } },
    Kafka: {
      bootstrap_servers: "broker-1.example.com:9092,broker-2.example.com:9092",
      authentication: {
        mechanism: "SCRAM-512",
        username: "atlas",
        password: "<kafka_1_authentication_password>",
      },
      security: { protocol: "SASL_SSL" },
      config: { "auto.offset.reset": "earliest" },
    },
    Https: {
      url: "https://api.example.com/hook",
      headers: { Authorization: "<https_1_headers_authorization>" },
    },
    AWSLambda: { aws: { role_arn: role } },
    S3: { aws: { role_arn: role } },
    AWSKinesisDataStreams: { aws: { role_arn: role } },
    SchemaRegistry: {
      schema_registry_provider: "CONFLUENT",
      schema_registry_urls: ["https://registry.example.com"],
      schema_registry_authentication: {
        type: "USER_INFO",
        username: "atlas",
        password: "<schema_registry_1_schema_registry_authentication_password>",
      },
    },
    AzureBlobStorage: {
      azure: {
        service_principal_id: "2f0c2b36-33a7-4c1e-9c1e-0f7c5d6d7a11",
        storage_account_name: "ordersarchive",
      },
    },
    GCPPubSub: { gcp: { service_account_id: "atlas-streams@my-project.iam.gserviceaccount.com" } },
  };

  it.each(examples)("spells the %s connection as the provider does", (type, connection) => {
    expect(resourceOf(terraform(connection))).toEqual({
      ...common,
      connection_name: `${type} 1`,
      type,
      ...expected[type],
    });
  });

  it("spells every field that the provider knows", () => {
    const oauth = terraform({
      type: "Kafka",
      name: "k",
      bootstrapServers: "b:1",
      authentication: {
        mechanism: "OAUTHBEARER",
        method: "OIDC",
        tokenEndpointUrl: "https://idp.example.com",
        clientId: "c",
        clientSecret: "hunter2",
        scope: "s",
        saslOauthbearerExtensions: "a=b",
      },
      security: { protocol: "SASL_SSL", brokerPublicCertificate: "-----BEGIN\nx" },
      networking: { access: { type: "PRIVATE_LINK", connectionId: groupId } },
    });
    expect(resourceOf(oauth)).toEqual({
      ...common,
      connection_name: "k",
      type: "Kafka",
      bootstrap_servers: "b:1",
      authentication: {
        mechanism: "OAUTHBEARER",
        method: "OIDC",
        token_endpoint_url: "https://idp.example.com",
        client_id: "c",
        client_secret: "<k_authentication_client_secret>",
        scope: "s",
        sasl_oauthbearer_extensions: "a=b",
      },
      security: { protocol: "SASL_SSL", broker_public_certificate: "-----BEGIN\nx" },
      networking: { access: { type: "PRIVATE_LINK", connection_id: groupId } },
    });
    expect(oauth).not.toContain("Not set");
    const dbRoleToExecute = { role: "r", type: "CUSTOM" };
    const cluster = { type: "Cluster", name: "c", clusterName: "C", dbRoleToExecute };
    expect(resourceOf(terraform({ ...cluster, clusterGroupId: groupId }))["cluster_project_id"]).toBe(groupId);
    expect(resourceOf(terraform({ ...cluster, clusterGroupId: null }))["cluster_project_id"]).toBe(null);
  });

  it("has one name for both fields of the API that say how to reach the other side", () => {
    const access = { type: "PRIVATE_LINK", connectionId: groupId };
    const aws = { roleArn: role };
    const lambda = terraform({ type: "AWSLambda", name: "l", aws, publicPrivateNetworking: { access } });
    const s3 = terraform({ type: "S3", name: "s", aws, networking: { access } });
    for (const text of [lambda, s3])
      expect(resourceOf(text)["networking"]).toEqual({ access: { type: "PRIVATE_LINK", connection_id: groupId } });
  });

  it.each([{}, { access: {} }])("gives the access type that the provider demands: %j", (networking) => {
    const text = terraform({ type: "S3", name: "s", aws: { roleArn: role }, networking });
    expect(resourceOf(text)["networking"]).toEqual({ access: { type: "PUBLIC" } });
  });

  it("says which fields the provider does not know, and declares no variable for them", () => {
    const text = terraform({
      type: "Kafka",
      name: "k",
      region: "VIRGINIA_USA",
      bootstrapServers: "b:1",
      authentication: {
        sslCertificate: "c",
        sslKey: "k",
        sslKeyPassword: "p",
        aws: { roleArn: role, testBucket: "t" },
      },
      networking: { access: { type: "TRANSIT_GATEWAY", name: "n", tgwRouteId: groupId } },
    });
    expect([...text.matchAll(/^# Not set: ([^,]+),/gm)].map(([, path]) => path).sort()).toEqual([
      "authentication.aws.testBucket",
      "authentication.sslCertificate",
      "authentication.sslKey",
      "authentication.sslKeyPassword",
      "networking.access.name",
      "networking.access.tgwRouteId",
      "region",
    ]);
    expect(resourceOf(text)).toMatchObject({
      authentication: { aws: { role_arn: role } },
      networking: { access: { type: "TRANSIT_GATEWAY" } },
    });
    expect(readHcl(text)).toHaveLength(1);
  });

  it("declares a sensitive variable for each secret", () => {
    const headers = { "X-A": "1", "x.a": "2", "": "3" };
    const [first, second, third] = readHcl(
      terraform({ type: "Https", name: "7 день", url: "https://example.com", headers }),
    );
    const body = { type: { reference: "string" }, sensitive: true };
    expect(first).toEqual({ header: ["variable", "https_7_headers_x_a"], body });
    expect(second).toEqual({ header: ["variable", "https_7_headers_x_a_2"], body });
    expect(third).toEqual({ header: ["variable", "https_7_headers"], body });
  });

  it.each(["orders-kafka", "7", "день", "A".repeat(500), "a\n} b", "__proto__"])("has a valid label for %j", (name) => {
    const [block] = readHcl(terraform({ type: "Sample", name }));
    expect(block?.header).toEqual([
      "resource",
      "mongodbatlas_stream_connection",
      expect.stringMatching(/^[a-z]\w{0,80}$/),
    ]);
  });

  it("writes whatever the strings hold", () => {
    fc.assert(
      fc.property(unrulyConnections, fc.string({ unit: "binary" }), (connection, tenantName) => {
        const create = createOf(connection, { tenantName });
        const text = equivalentsOf(create).terraform;
        const secrets = secretsOf(create);
        for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
        const resource = resourceOf(text, secrets);
        expect(resource).toMatchObject({ workspace_name: tenantName, connection_name: connection.name });
        const { config, headers } = { config: undefined, headers: undefined, ...connection };
        expect(resource["config"]).toEqual(config);
        expect(resource["headers"]).toEqual(headers);
        if (connection.type === "Kafka") {
          const { mechanism, username, password, clientSecret } = connection.authentication ?? {};
          expect(resource["authentication"]).toEqual({ mechanism, username, password, client_secret: clientSecret });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("tells the provider of another Atlas", () => {
    const url = "https://cloud.mongodbgov.com/api/atlas/v2/groups/g/streams/t/connections";
    expect(terraform({ type: "Sample", name: "s" }, { url })).toContain("base_url to https://cloud.mongodbgov.com");
    expect(terraform({ type: "Sample", name: "s" })).not.toContain("base_url");
  });
});
