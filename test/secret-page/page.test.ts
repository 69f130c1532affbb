/** What a page shows, what it takes, and what a person reads in the end. */
import { describe, expect, test } from "vitest";
import { ask, cancel, followed, isSettled, kafka, key, password, startPages, submit } from "./support.ts";

const hunter2 = "hunter2 + & ü";
const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQ+/==\n-----END PRIVATE KEY-----\n";

describe("the form", () => {
  test("says for which project, workspace, connection and hosts the secret is", async () => {
    const { pages } = startPages();
    const { text, status } = await ask((await pages.serve(kafka)).url);
    expect(status).toBe(200);
    const read = text.replace(/<wbr>/g, "").replace(/<[^>]+>/g, "\n");
    for (const fact of ["orders-kafka", "Kafka connection", "orders", "65f1c0de0a1b2c3d4e5f6071", "Password"])
      expect(read).toContain(`\n${fact}\n`);
    for (const host of ["b-1.kafka.example.com:9094", "b-2.kafka.example.com:9094"])
      expect(read).toContain(`\n${host}\n`);
  });

  test("says nothing of a host where there is none", async () => {
    const { pages } = startPages();
    const { text } = await ask((await pages.serve({ ...kafka, connection: { name: "s", type: "S3" } })).url);
    expect(text).not.toContain("Atlas will send");
  });

  test("has the fields in their order, each with its label, never to be filled in or remembered", async () => {
    const { pages } = startPages();
    const { text } = await ask((await pages.serve({ ...kafka, fields: [password, key] })).url);
    expect([...text.matchAll(/<label for="([^"]+)">([^<]+)/g)].map(([, id, label]) => [id, label])).toEqual([
      ["secret-0", "Password"],
      ["secret-1", "Client key"],
    ]);
    expect(text).toMatch(/<input id="secret-0"[^>]* type="password" autocomplete="new-password">/);
    expect(text).toMatch(/<textarea id="secret-1"[^>]* autocomplete="off"/);
    expect(text).toContain("Secrets for");
  });

  test("shows names as they are, not as markup", async () => {
    const { pages } = startPages();
    const evil = `"><script>alert(1)</script>'&amp;`;
    const { url } = await pages.serve({
      project: evil,
      workspace: evil,
      connection: { name: evil, type: evil, host: evil },
      fields: [{ key: evil, label: evil, multiline: true }],
    });
    const form = await ask(url);
    const failed = await followed(await submit(url, [""]), url);
    const end = await followed(await submit(url, ["hunter2"]), url);
    for (const { text } of [form, failed, end]) {
      expect(text).not.toContain("<script>alert");
      expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;amp;");
    }
  });

  test("writes out what would hide in a name or a host", async () => {
    const { pages } = startPages();
    const { url } = await pages.serve({
      ...kafka,
      connection: { name: "or\u200bders\u202ekafka Ü", type: "Kafka", host: "brоker.example.com:9092" },
    });
    const { text } = await ask(url);
    expect(text).toContain("or\\u{200b}ders\\u{202e}kafka Ü");
    expect(text).toContain("br\\u{43e}ker.");
  });

  test.each([
    [5 * 60_000, "5 minutes", "301"],
    [61_000, "2 minutes", "62"],
    [10_000, "a minute", "11"],
  ])("of %i ms says that it closes within %s, and is replaced then", async (lifetimeMs, words, refresh) => {
    const { pages } = startPages();
    const { text, headers } = await ask((await pages.serve({ ...kafka, lifetimeMs })).url);
    expect(text).toContain(`closes within ${words}.`);
    expect(headers["refresh"]).toBe(refresh);
  });

  test("can be looked at any number of times", async () => {
    const { pages } = startPages();
    const { url } = await pages.serve(kafka);
    const head = await ask(url, { method: "HEAD" });
    const prefetch = await ask(url, { headers: { "sec-purpose": "prefetch" } });
    expect([head.status, head.text, prefetch.status]).toEqual([200, "", 200]);
    expect(head.headers["content-length"]).toBe(String(Buffer.byteLength(prefetch.text)));
    expect((await submit(url, ["hunter2"])).status).toBe(303);
  });
});

describe("a submit", () => {
  test("gives the values by their paths, and is confirmed at another address", async () => {
    const { pages, secrets } = startPages();
    const { url, ended } = await pages.serve({ ...kafka, fields: [password, key] });
    const confirmed = await followed(await submit(url, [hunter2, pem]), url);
    expect(await ended).toEqual({
      kind: "submitted",
      values: new Map([
        [password.key, hunter2],
        [key.key, pem],
      ]),
    });
    expect(secrets).toEqual([hunter2, pem]);
    expect(confirmed.status).toBe(200);
    expect(confirmed.text).toContain("<bdi>orders-kafka</bdi> is on its way to Atlas");
  });

  test("tells of the values before anything else sees them", async () => {
    const order: string[] = [];
    const { pages } = startPages({ onSecret: (values) => order.push(`masked ${[...values]}`) });
    const { url, ended } = await pages.serve(kafka);
    const seen = ended.then(() => order.push("answered"));
    await submit(url, ["hunter2"]);
    await seen;
    expect(order).toEqual(["masked hunter2", "answered"]);
  });

  test.each([
    ["no newline at its end", "a\nb"],
    ["two", "a\n\nb\n\n"],
    ["spaces around", "  a \n b  "],
    ["a lone carriage return", "a\rb"],
  ])("keeps a text of several lines as it was typed: with %s", async (_, text) => {
    const { pages } = startPages();
    const { url, ended } = await pages.serve({ ...kafka, fields: [key] });
    await submit(url, [text]);
    expect(await ended).toEqual({ kind: "submitted", values: new Map([[key.key, text]]) });
  });

  test.each(["", "  ", "\n"])("of %j is refused, and nothing that was typed comes back", async (empty) => {
    const { pages, secrets } = startPages();
    const { url, ended } = await pages.serve({ ...kafka, fields: [password, key] });
    const failed = await submit(url, ["hunter2", empty]);
    expect(failed.headers["location"]).toBe(new URL(url).pathname);
    const { text, status } = await followed(failed, url);
    expect(status).toBe(200);
    expect(text).toContain("<title>Error: ");
    expect(text).toContain('<a href="#secret-1">Client key is empty</a>');
    expect(text).toMatch(/id="secret-1"[^>]* aria-describedby="secret-1-hint secret-1-error" aria-invalid="true"/);
    expect(text).not.toContain("Password is empty");
    expect(text + JSON.stringify(failed)).not.toContain("hunter2");
    expect(secrets).toContain("hunter2");
    expect(await isSettled(ended)).toBe(false);

    await submit(url, ["hunter3", "key"]);
    expect(await ended).toMatchObject({ kind: "submitted" });
  });

  test("never comes back in any answer", async () => {
    const { pages } = startPages();
    const { url } = await pages.serve(kafka);
    const sent = await submit(url, ["hunter2"]);
    const again = await ask(url, { method: "POST", body: "secret-0=hunter2" });
    expect(JSON.stringify([sent, await followed(sent, url), await ask(url), again])).not.toContain("hunter2");
  });
});

describe("cancel", () => {
  test("ends the page without a value, and says that nothing was sent", async () => {
    const { pages, secrets } = startPages();
    const { url, ended } = await pages.serve(kafka);
    const { text } = await followed(await cancel(url), url);
    expect(await ended).toEqual({ kind: "cancelled" });
    expect(text).toContain("Nothing was sent to Atlas for <bdi>orders-kafka</bdi>");
    expect(secrets).toEqual([]);
  });

  test("takes no secret along", async () => {
    const { pages } = startPages();
    const { url, ended } = await pages.serve(kafka);
    expect((await submit(url, ["hunter2"], { form: { action: "cancel" } })).status).toBe(400);
    expect(await isSettled(ended)).toBe(false);
  });
});
