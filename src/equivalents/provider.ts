/**
 * What the Terraform provider calls the fields of connections and private links.
 * @see https://github.com/mongodb/terraform-provider-mongodbatlas/blob/master/docs/resources/stream_connection.md
 * @see https://github.com/mongodb/terraform-provider-mongodbatlas/blob/master/docs/resources/stream_privatelink_endpoint.md
 */

/** The version of the provider that the names below are from. */
export const PROVIDER_VERSION = "2.17";

/** The provider's attribute by the API's field; for an object whose fields are renamed too, with those. */
export interface AttributeNames {
  readonly [field: string]: string | readonly [attribute: string, inside: AttributeNames];
}

/** `networking`, and `publicPrivateNetworking`, which the provider tells apart by the connection's type. */
const networking: AttributeNames[string] = [
  "networking",
  { access: ["access", { type: "type", connectionId: "connection_id" }] },
];

export const attributeNames: AttributeNames = {
  name: "connection_name",
  type: "type",
  clusterName: "cluster_name",
  clusterGroupId: "cluster_project_id",
  dbRoleToExecute: ["db_role_to_execute", { role: "role", type: "type" }],
  bootstrapServers: "bootstrap_servers",
  authentication: [
    "authentication",
    {
      mechanism: "mechanism",
      username: "username",
      password: "password",
      method: "method",
      tokenEndpointUrl: "token_endpoint_url",
      clientId: "client_id",
      clientSecret: "client_secret",
      scope: "scope",
      saslOauthbearerExtensions: "sasl_oauthbearer_extensions",
      aws: ["aws", { roleArn: "role_arn" }],
    },
  ],
  security: ["security", { protocol: "protocol", brokerPublicCertificate: "broker_public_certificate" }],
  config: "config",
  networking,
  publicPrivateNetworking: networking,
  url: "url",
  headers: "headers",
  aws: ["aws", { roleArn: "role_arn" }],
  azure: [
    "azure",
    { servicePrincipalId: "service_principal_id", storageAccountName: "storage_account_name", region: "region" },
  ],
  gcp: ["gcp", { serviceAccountId: "service_account_id" }],
  provider: "schema_registry_provider",
  schemaRegistryUrls: "schema_registry_urls",
  schemaRegistryAuthentication: [
    "schema_registry_authentication",
    { type: "type", username: "username", password: "password" },
  ],
};

/** @see https://github.com/mongodb/terraform-provider-mongodbatlas/blob/master/docs/resources/stream_connection_failover.md */
export const failoverNames: AttributeNames = { ...attributeNames, region: "region" };

export const privateLinkNames: AttributeNames = {
  provider: "provider_name",
  vendor: "vendor",
  region: "region",
  serviceEndpointId: "service_endpoint_id",
  dnsDomain: "dns_domain",
  dnsSubDomain: "dns_sub_domain",
  arn: "arn",
  gcpServiceAttachmentUris: "service_attachment_uris",
};
