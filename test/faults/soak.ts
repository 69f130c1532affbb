/** Many calls: one after another memory stays where it was, and at a time none meets another's. */
import { isDeepStrictEqual } from "node:util";
import { sandboxProject, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { credentialVariables } from "../support/server.ts";
import { type ConnectedServer, connectServer } from "./client.ts";
import { type Growth, growth } from "./growth.ts";
import { seeded } from "./seeded.ts";

/** On a server with a service account and its sandbox. */
async function staged<T>(work: (server: ConnectedServer, sandbox: Sandbox) => Promise<T>): Promise<T> {
  const sandbox = await startSandbox();
  const server = await connectServer({
    MONGODB_ATLAS_BASE_URL: sandbox.url,
    ...credentialVariables["service account"],
  });
  try {
    return await work(server, sandbox);
  } finally {
    await server.close();
    await sandbox.close();
  }
}

/** An Https connection of its own, whose address and secret go by its number. */
const connection = (number: number, secret: string) => ({
  name: `soak-${number}`,
  type: "Https",
  url: `https://host-${number}.example.com`,
  headers: { Authorization: secret },
});

const workspace = { groupId: sandboxProject.groupId, tenantName: sandboxTenant };

/** `count` creates one after another: the heap and the resident memory, sampled all along. */
export function soak({ seed, count }: { seed: number; count: number }): Promise<{ heap: Growth; rss: Growth }> {
  const chance = seeded(seed);
  return staged(async ({ create, child }, { state }) => {
    const heap: number[] = [];
    const rss: number[] = [];
    for (let number = 1; number <= count; number += 1) {
      const { outcome } = await create({ ...workspace, connection: connection(number, chance.text(40)) });
      if (outcome !== "created") throw new Error(`Call ${number} ended as ${outcome}`);
      if (number % Math.ceil(count / 40) > 0) continue;
      state.workspace(workspace.groupId, workspace.tenantName)?.connections.clear();
      heap.push(await child.heap());
      rss.push(await child.rss());
    }
    return { heap: growth(heap, "heap"), rss: growth(rss, "resident") };
  });
}

/** `count` creates at a time: what was wrong with their results, and how many tokens were asked for. */
export function crowd({ seed, count }: { seed: number; count: number }): Promise<{ faults: string[]; tokens: number }> {
  const chance = seeded(seed);
  return staged(async ({ create }, { state, requests }) => {
    const secrets = Array.from({ length: count }, () => chance.text(40));
    const faults = await Promise.all(
      secrets.map(async (secret, number) => {
        const asked = connection(number, secret);
        const result = await create({ ...workspace, connection: asked });
        const stored = state.connection(workspace.groupId, workspace.tenantName, asked.name)?.body;
        if (!isDeepStrictEqual(stored, asked)) return `${asked.name} is stored as another`;
        if (result.connection?.["url"] !== asked.url) return `${asked.name} was answered with another's result`;
        return secrets.some((other) => JSON.stringify(result).includes(other)) ? "a secret was seen" : "";
      }),
    );
    const tokens = requests.filter(({ path }) => path.endsWith("/oauth/token")).length;
    return { faults: faults.filter(Boolean), tokens };
  });
}
