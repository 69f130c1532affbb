import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linkEquivalents } from "../../../src/equivalents/private-link.ts";
import type { JsonObject } from "../../../src/json.ts";
import { pairs, titleOf } from "../../../src/private-links/union.ts";
import type { PartsOf } from "../../../src/secrets/parts.ts";
import { groupId, resourceOf } from "../support.ts";
import { startAtlas } from "./atlas.ts";
import { has, runCommand, shell } from "./shell.ts";

const path = `/api/atlas/v2/groups/${groupId}/streams/privateLinkConnections`;

const linkOf = (body: JsonObject, { origin = "https://cloud.mongodb.com", partsOf = (() => []) as PartsOf } = {}) =>
  linkEquivalents({
    url: origin + path,
    headers: { accept: "application/vnd.atlas.2023-02-01+json", "content-type": "application/json", "user-agent": "t" },
    groupId,
    body,
    partsOf,
    login: "access-token",
    sandbox: false,
  });

const examples = pairs.map((pair): [string, JsonObject] => {
  const { provider, vendor, example } = pair;
  return [titleOf(pair), { provider, vendor, ...example }];
});

/** Text that breaks out of quotes and templates; an argument of a program holds no NUL. */
const unruly = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.constantFrom("'", '"', "$", "${x}", "%{", "\\", "\n", "EOF"),
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join("").replaceAll("\0", ""));
const unrulyLinks = fc.record({
  provider: fc.constant("AWS"),
  vendor: fc.constant("CONFLUENT"),
  region: unruly,
  serviceEndpointId: unruly,
  dnsSubDomain: fc.array(unruly, { maxLength: 3 }),
});

const secret = "hunter2";
/** `secret`, wherever it stands. */
const hidden: PartsOf = (text) => {
  const start = text.indexOf(secret);
  return start < 0 ? [] : [{ start, end: start + secret.length }];
};
const withSecret = {
  provider: "AWS",
  vendor: "CONFLUENT",
  region: "us-east-1",
  serviceEndpointId: `vpce-svc-${secret}-1`,
};

describe("the Terraform resource of a private link", () => {
  it.each(examples)("spells %s as the provider does", (_, body) => {
    const { provider, vendor, serviceEndpointId, dnsDomain, dnsSubDomain, gcpServiceAttachmentUris, ...others } = body;
    const { azureResourceIds, authenticationScheme, ...alike } = others;
    const { terraform } = linkOf(body);
    expect(resourceOf(terraform)).toEqual({
      project_id: groupId,
      provider_name: provider,
      vendor,
      ...alike,
      ...(serviceEndpointId !== undefined && { service_endpoint_id: serviceEndpointId }),
      ...(dnsDomain !== undefined && { dns_domain: dnsDomain }),
      ...(dnsSubDomain !== undefined && { dns_sub_domain: dnsSubDomain }),
      ...(gcpServiceAttachmentUris !== undefined && { service_attachment_uris: gcpServiceAttachmentUris }),
    });
    // What the provider does not know is said beside it.
    for (const field of Object.keys({ azureResourceIds, authenticationScheme }))
      if (body[field] !== undefined) expect(terraform).toMatch(new RegExp(`#.*${field}`));
  });

  it("writes whatever the strings hold", () => {
    fc.assert(
      fc.property(unrulyLinks, (body) => {
        expect(resourceOf(linkOf(body).terraform)).toMatchObject({
          region: body.region,
          service_endpoint_id: body.serviceEndpointId,
          dns_sub_domain: body.dnsSubDomain,
        });
      }),
    );
  });

  it("takes a known secret from a variable", () => {
    const { terraform } = linkOf(withSecret, { partsOf: hidden });
    expect(terraform).not.toContain(secret);
    const [name = ""] = /(?<=variable ")[^"]+/.exec(terraform) ?? [];
    expect(resourceOf(terraform, { [name.toUpperCase()]: secret })).toMatchObject({
      service_endpoint_id: withSecret.serviceEndpointId,
    });
  });
});

describe("the Atlas CLI command of a private link", () => {
  it.each(examples)("gives %s to the CLI in a file", async (_, body) => {
    const { args, file, body: given } = await runCommand(linkOf(body).atlasCli, {});
    expect(args).toEqual(["streams", "privateLinks", "create", "--projectId", groupId, "--file"]);
    expect(file).toMatch(/\.json$/);
    expect(given).toEqual(body);
  });

  it("gives whatever the strings hold", async () => {
    await fc.assert(
      fc.asyncProperty(unrulyLinks, async (body) => {
        expect((await runCommand(linkOf(body).atlasCli, {})).body).toEqual(body);
      }),
      { numRuns: 15 },
    );
  });
});

describe.skipIf(!has("curl"))("the curl command of a private link", () => {
  let atlas: Awaited<ReturnType<typeof startAtlas>>;
  beforeAll(async () => {
    atlas = await startAtlas();
  });
  afterAll(() => atlas.stop());

  it("sends whatever the strings hold to its URL", async () => {
    await fc.assert(
      fc.asyncProperty(unrulyLinks, async (body) => {
        const { curl } = linkOf(body, { origin: atlas.origin });
        await shell(curl, { MONGODB_ATLAS_ACCESS_TOKEN: "to.k-en_0" });
        const last = atlas.take().at(-1);
        expect(last).toMatchObject({ method: "POST", path, headers: { authorization: "Bearer to.k-en_0" } });
        expect(JSON.parse(last?.body ?? "")).toEqual(body);
      }),
      { numRuns: 15 },
    );
  });

  it("takes a known secret from the environment", async () => {
    const { curl } = linkOf(withSecret, { origin: atlas.origin, partsOf: hidden });
    expect(curl).not.toContain(secret);
    const [name = ""] = /[A-Z_0-9]*SERVICE_ENDPOINT_ID[A-Z_0-9]*/.exec(curl) ?? [];
    await shell(curl, { MONGODB_ATLAS_ACCESS_TOKEN: "to.k-en_0", [name]: secret });
    expect(JSON.parse(atlas.take().at(-1)?.body ?? "")).toEqual(withSecret);
  });
});
