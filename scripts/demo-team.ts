/**
 * One server for two people with different rules, on this machine: an issuer of tokens, the server with a policy and an
 * audit on its embedded sandbox, what each person can do, what the policy refuses, and what the audit says of it.
 * `npm run demo:team`; with `-- --write` it puts what it prints into docs/teams.md
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isObject, type JsonObject } from "../src/json.ts";
import { sandboxEmptyTenant, sandboxProject } from "../src/sandbox/data/seed.ts";
import { freePort, startHttpServer } from "../test/support/http-server.ts";
import { startIssuer } from "../test/support/issuer.ts";
import { listIn } from "./demo-client.ts";

const { groupId } = sandboxProject;
const place = { groupId, tenantName: sandboxEmptyTenant };

const policy = {
  version: 1,
  rules: [
    {
      name: "payments",
      who: { groups: ["asp-payments"] },
      secrets: { env: ["PAY_*"] },
      projects: [groupId],
      workspaces: [place.tenantName],
      tools: { allow: ["read", "write"], deny: ["delete_*"] },
      connections: { types: ["Kafka"], hosts: ["*.corp.example"] },
    },
    { name: "readers", who: { groups: ["asp-readers"] }, projects: [groupId], tools: { allow: ["read"] } },
  ],
};

const kafka = (host: string) => ({
  ...place,
  connection: {
    name: "pay-events",
    type: "Kafka",
    bootstrapServers: `${host}:9092`,
    security: { protocol: "SASL_SSL" },
    authentication: { mechanism: "SCRAM-512", username: "pay", password: "${env:PAY_KAFKA}" },
  },
});

/** Shows it, a line at a time. */
export async function demoTeam(say: (line: string) => void): Promise<void> {
  const title = (text: string) => say(`\n${text}\n${"-".repeat(text.length)}`);
  const folder = await mkdtemp(join(tmpdir(), "demo-team-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  const issuer = await startIssuer(url);
  const [policyFile, auditFile] = [join(folder, "policy.json"), join(folder, "audit.jsonl")];
  await writeFile(policyFile, JSON.stringify(policy));
  const server = await startHttpServer({
    args: [
      ...["--sandbox", "--listen", `127.0.0.1:${port}`, "--public-url", url, "--issuer", issuer.url],
      ...["--policy", policyFile, "--audit", auditFile],
    ],
    env: { PAY_KAFKA: "a password that nobody sees" },
  });
  const token = async (sub: string, ...groups: string[]) => ({
    authorization: `Bearer ${await issuer.token({ sub, groups, client_id: "chat" })}`,
  });
  const ana = await token("ana", "asp-payments");
  const ben = await token("ben", "asp-readers");

  try {
    title("The policy: two rules, by the groups that the issuer puts into tokens");
    for (const rule of policy.rules) say(`  ${JSON.stringify(rule)}`);

    title("Nobody without a token, and the answer says where to get one");
    const refused = await server.post({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    say(`  ${refused.status} ${refused.headers.get("www-authenticate")?.replace(new URL(url).host, "HOST")}`);

    title("What each of them is offered");
    for (const [name, headers] of Object.entries({ ana, ben })) {
      const { result } = (await server.ask("tools/list", {}, headers)).message;
      const names = listIn(isObject(result) ? result["tools"] : []).map((tool) => String(tool["name"]));
      const changing = names.filter((tool) => !/^(get|list|diagnose|read|try)_/.test(tool));
      say(`  ${name}: ${changing.join(", ") || "only tools that read"}`);
    }

    const show = ({ outcome, summary, error }: JsonObject) => {
      say(`  ${outcome}: ${summary}`);
      if (isObject(error)) say(`    kind: ${error["kind"]}, rule: ${error["rule"]}\n    hint: ${error["hint"]}`);
    };
    title("Ana connects her team's Kafka");
    const wait = { waitUntilReady: true };
    show(await server.call("create_stream_connection", { ...kafka("kafka.corp.example"), ...wait }, ana));

    title("But not one elsewhere, which the dry run says as well");
    show(await server.call("create_stream_connection", { ...kafka("kafka.elsewhere.example"), dryRun: true }, ana));
    show(await server.call("create_stream_connection", kafka("kafka.elsewhere.example"), ana));

    title("Ben sees it, and can change nothing");
    const own = { ...place, connectionName: "pay-events" };
    show(await server.call("get_stream_connection", own, ben));
    show(await server.call("delete_stream_connection", { ...own, confirm: "pay-events" }, ben));

    title("What the audit says");
    for (const line of (await readFile(auditFile, "utf8")).trimEnd().split("\n")) say(`  ${line}`);
  } finally {
    await server.close();
    await issuer.close();
    await rm(folder, { recursive: true });
  }
  say("\nNothing left this machine.");
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const lines: string[] = [];
  await demoTeam((line) => {
    process.stdout.write(`${line}\n`);
    lines.push(line);
  });
  if (process.argv.includes("--write")) {
    const page = new URL("../docs/teams.md", import.meta.url);
    const shown = `<!-- demo -->\n\`\`\`\n${lines.join("\n").trim()}\n\`\`\`\n<!-- /demo -->`;
    const text = await readFile(page, "utf8");
    await writeFile(
      page,
      text.replace(/<!-- demo -->[\s\S]*<!-- \/demo -->/, () => shown),
    );
  }
}
