/** How pages, and the server under them, come and go. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { ask, cancel, isSettled, kafka, startPages, submit } from "./support.ts";

const minute = 60_000;
const originOf = (url: string) => new URL(url).origin;

describe("a page", () => {
  test.each([
    ["was submitted", (url: string) => submit(url, ["hunter2"])],
    ["was cancelled", (url: string) => cancel(url)],
  ])("that %s is gone for every method, as if it had never been", async (_, answerIt) => {
    const { pages } = startPages();
    const { url } = await pages.serve(kafka);
    await answerIt(url);
    const never = await ask(`${originOf(url)}/never`);
    expect(never.status).toBe(404);
    for (const gone of [await ask(url), await submit(url, ["hunter3"])])
      expect({ ...gone, headers: { ...gone.headers, date: "" } }).toEqual({
        ...never,
        headers: { ...never.headers, date: "" },
      });
  });

  test("expires", async () => {
    const { pages, clock } = startPages();
    const { url, ended } = await pages.serve(kafka);
    clock.advance(5 * minute - 1);
    expect((await ask(url)).status).toBe(200);
    clock.advance(1);
    expect(await ended).toEqual({ kind: "expired" });
    expect((await ask(url)).text).toContain("This page is closed");
  });

  test("expires at its own time", async () => {
    const { pages, clock } = startPages();
    const [short, long] = await Promise.all([pages.serve({ ...kafka, lifetimeMs: 1000 }), pages.serve(kafka)]);
    clock.advance(1000);
    expect(await short.ended).toEqual({ kind: "expired" });
    expect([(await ask(short.url)).status, (await ask(long.url)).status]).toEqual([404, 200]);
  });

  test("has expired when the computer wakes up too late, whatever the timers say", async () => {
    const { pages, clock } = startPages();
    const { url, ended } = await pages.serve(kafka);
    const form = await ask(url);
    clock.skip(5 * minute);
    const token = /name="form" value="([^"]+)"/.exec(form.text)?.[1] ?? "";
    expect((await submit(url, ["hunter2"], { form: { form: token } })).status).toBe(404);
    expect(await ended).toEqual({ kind: "expired" });
  });

  test("goes with the call it is for", async () => {
    const { pages } = startPages();
    const { url, ended, close } = await pages.serve(kafka);
    close();
    close();
    expect(await ended).toEqual({ kind: "cancelled" });
    expect((await ask(url)).status).toBe(404);
  });

  test("keeps its answer when the call ends afterwards", async () => {
    const { pages } = startPages();
    const { url, ended, close } = await pages.serve(kafka);
    await submit(url, ["hunter2"]);
    close();
    expect(await ended).toMatchObject({ kind: "submitted" });
  });

  test("is answered by one of two that submit at once", async () => {
    const { pages } = startPages();
    const { url, ended } = await pages.serve(kafka);
    const both = await Promise.all([submit(url, ["hunter2"]), submit(url, ["hunter3"])]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 404]);
    const winner = both[0]?.status === 303 ? "hunter2" : "hunter3";
    expect(await ended).toMatchObject({ values: new Map([["connection.authentication.password", winner]]) });
  });

  test("is independent: an answer to one leaves the others open", async () => {
    const { pages } = startPages();
    const [one, other] = await Promise.all([pages.serve(kafka), pages.serve(kafka)]);
    expect(originOf(one.url)).toBe(originOf(other.url));
    await submit(one.url, ["hunter2"]);
    expect(await isSettled(other.ended)).toBe(false);
    expect((await ask(other.url)).status).toBe(200);
  });

  test("must ask for something", async () => {
    const { pages } = startPages();
    await expect(pages.serve({ ...kafka, fields: [] })).rejects.toThrow("at least one secret");
  });
});

describe("served pages", () => {
  test("are four at most; the next one is refused until one is answered", async () => {
    const { pages } = startPages();
    const [first] = await Promise.all(Array.from({ length: 4 }, () => pages.serve(kafka)));
    await expect(pages.serve(kafka)).rejects.toThrow("4 pages that ask for secrets are waiting already");
    first?.close();
    await expect(pages.serve(kafka)).resolves.toHaveProperty("url");
  });

  test("are counted before they are served", async () => {
    const { pages } = startPages({ most: 1 });
    const served = await Promise.allSettled([pages.serve(kafka), pages.serve(kafka)]);
    expect(served.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });
});

describe("the server", () => {
  test("listens on 127.0.0.1 on a port of its own", async () => {
    const [one, other] = await Promise.all([startPages().pages.serve(kafka), startPages().pages.serve(kafka)]);
    for (const { url } of [one, other]) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}$/);
    expect(originOf(one.url)).not.toBe(originOf(other.url));
    await expect(ask(one.url.replace("127.0.0.1", "127.0.0.2"))).rejects.toThrow("ECONNREFUSED");
  });

  test("stays a minute after its last page to tell what became of it, then is gone", async () => {
    const { pages, clock } = startPages();
    const { url } = await pages.serve(kafka);
    const { headers } = await submit(url, ["hunter2"]);
    const end = originOf(url) + headers["location"];
    clock.advance(minute - 1);
    expect([(await ask(end)).status, (await ask(url)).status]).toEqual([200, 404]);
    clock.advance(1);
    await expect(ask(url)).rejects.toThrow("ECONNREFUSED");
  });

  test("stays for a page that is served meanwhile, but not so the confirmations", async () => {
    const { pages, clock } = startPages();
    const first = await pages.serve(kafka);
    const { headers } = await submit(first.url, ["hunter2"]);
    clock.advance(minute / 2);
    const second = await pages.serve(kafka);
    clock.advance(minute);
    expect(originOf(second.url)).toBe(originOf(first.url));
    expect((await ask(second.url)).status).toBe(200);
    expect((await ask(originOf(first.url) + headers["location"])).status).toBe(404);
  });

  test("starts again for the next page", async () => {
    const { pages, clock } = startPages();
    (await pages.serve(kafka)).close();
    clock.advance(minute);
    expect((await ask((await pages.serve(kafka)).url)).status).toBe(200);
  });

  test("ends with the process: every page is cancelled and none can be served", async () => {
    const { pages } = startPages();
    const { url, ended } = await pages.serve(kafka);
    await pages.close();
    expect(await ended).toEqual({ kind: "cancelled" });
    await expect(ask(url)).rejects.toThrow("ECONNREFUSED");
    await expect(pages.serve(kafka)).rejects.toThrow("the server is ending");
  });

  test("can be ended while it starts", async () => {
    const { pages } = startPages();
    const serving = pages.serve(kafka);
    await pages.close();
    const { url, ended } = await serving;
    expect(await ended).toEqual({ kind: "cancelled" });
    await expect(ask(url)).rejects.toThrow("ECONNREFUSED");
  });

  test("does not keep the process from ending, even with a browser that holds on", async () => {
    const open = new URL("../../src/secret-page/pages.ts", import.meta.url).href;
    const program = `
      import { connect } from "node:net";
      const { SecretPages } = await import(${JSON.stringify(open)});
      const { url } = await new SecretPages({ onSecret() {} }).serve(${JSON.stringify(kafka)});
      const { port } = new URL(url);
      await new Promise((connected) => connect(Number(port), "127.0.0.1").unref().once("connect", connected));
      await new Promise((accepted) => setTimeout(accepted, 200));
      process.stdout.write(JSON.stringify(process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name))));`;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", program],
      { timeout: 15_000 },
    );
    expect([stdout, stderr]).toEqual(["[]", ""]);
  });
});
