/** The page in a real browser: what a person does with it, with or without mouse and script, and what others try. */
import { createServer } from "node:http";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Clock, systemClock } from "../../src/clock.ts";
import { SecretPages, type SecretRequest } from "../../src/secret-page/pages.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { listen } from "../support/listen.ts";
import { foreignName, isBrowserMissing, launch } from "./chromium.ts";
import { formTokenOf, isSettled, kafka, key, password } from "./support.ts";

const both: SecretRequest = { ...kafka, fields: [password, key] };
const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg+/==\n-----END PRIVATE KEY-----\n";
const closed = "This page is closed";

let browser: Browser;

async function newTab(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  return context.newPage();
}

/** A page for `request`, open in a tab. */
async function opened(request: SecretRequest = both, options: BrowserContextOptions = {}, clock: Clock = systemClock) {
  const secrets: string[] = [];
  const pages = new SecretPages({ clock, onSecret: (values) => secrets.push(...values) });
  onTestFinished(() => pages.close());
  const page = await pages.serve(request);
  const tab = await newTab(options);
  await tab.goto(page.url);
  return { ...page, pages, tab, secrets };
}

const field = (tab: Page, label: string) => tab.getByLabel(label, { exact: true });
const send = (tab: Page) => tab.getByRole("button", { name: "Send to Atlas" });
const cancel = (tab: Page) => tab.getByRole("button", { name: "Cancel" });
const focused = (tab: Page) => tab.locator(":focus");
const styleOf = (element: Locator, property: string): Promise<string> =>
  element.evaluate((at, name) => at.ownerDocument.defaultView.getComputedStyle(at).getPropertyValue(name), property);
const seen = (tab: Page, text: string) => tab.getByRole("heading", { name: text, exact: true }).waitFor();

async function fillIn(tab: Page) {
  await field(tab, "Password").fill("hunter2");
  await field(tab, "Client key").fill(pem);
}

const submitted = {
  kind: "submitted",
  values: new Map([
    [password.key, "hunter2"],
    [key.key, pem],
  ]),
};

describe.skipIf(isBrowserMissing)("in Chromium", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    browser = await launch();
  }, 60_000);
  afterAll(() => browser?.close());

  describe("a person", () => {
    test("submits, and nothing of what was typed stays in the browser", async () => {
      const { tab, ended } = await opened();
      await fillIn(tab);
      await send(tab).click();
      await seen(tab, "Received");
      expect(await ended).toEqual(submitted);

      const methods: string[] = [];
      tab.on("request", (request) => methods.push(request.method()));
      await tab.reload();
      await seen(tab, "Received");
      await tab.goBack();
      await seen(tab, closed);
      expect(methods).toEqual(["GET", "GET"]);
    });

    test("needs nothing from elsewhere, and the browser objects to nothing", async () => {
      const { tab, url } = await opened();
      const [requests, complaints]: [string[], string[]] = [[], []];
      tab.on("request", (request) => requests.push(request.url()));
      tab.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      tab.on("pageerror", (error) => complaints.push(error.message));
      await tab.reload();
      await fillIn(tab);
      await tab.getByRole("button", { name: "Show Password" }).click();
      await send(tab).click();
      await seen(tab, "Received");
      expect(requests.filter((at) => !at.startsWith(`${new URL(url).origin}/`))).toEqual([]);
      expect(requests).toHaveLength(3);
      expect(complaints).toEqual([]);
    });

    test("shows and hides what is typed", async () => {
      const { tab } = await opened();
      await fillIn(tab);
      const [one, many] = [field(tab, "Password"), field(tab, "Client key")];
      const security = () => styleOf(many, "-webkit-text-security");
      expect([await one.getAttribute("type"), await security()]).toEqual(["password", "disc"]);
      await tab.getByRole("button", { name: "Show Password" }).click();
      await tab.getByRole("button", { name: "Show Client key" }).click();
      expect([await one.getAttribute("type"), await security()]).toEqual(["text", "none"]);
      await tab.getByRole("button", { name: "Hide Password" }).click();
      await tab.getByRole("button", { name: "Hide Client key" }).click();
      expect([await one.getAttribute("type"), await security()]).toEqual(["password", "disc"]);
      expect(await one.inputValue()).toBe("hunter2");
    });

    test("cancels, and what was typed is not sent", async () => {
      const { tab, ended, secrets } = await opened();
      const bodies: (string | null)[] = [];
      tab.on("request", (request) => bodies.push(request.postData()));
      await fillIn(tab);
      await cancel(tab).click();
      await seen(tab, "Cancelled");
      expect(await ended).toEqual({ kind: "cancelled" });
      expect(secrets).toEqual([]);
      expect(bodies.join()).toContain("action=cancel");
      expect(bodies.join()).not.toContain("hunter2");
    });

    test("is told what is empty, and the fields are empty again", async () => {
      const { tab, ended } = await opened();
      await field(tab, "Password").fill("hunter2");
      await send(tab).click();
      // The browser itself does not let an empty field pass; a blank one it does.
      expect(await focused(tab).getAttribute("id")).toBe("secret-1");
      await field(tab, "Client key").fill(" ");
      await send(tab).click();
      await seen(tab, "Nothing was sent");
      expect(await focused(tab).getAttribute("class")).toBe("problems");
      expect(await field(tab, "Password").inputValue()).toBe("");
      expect(await field(tab, "Client key").inputValue()).toBe("");
      await tab.getByRole("link", { name: "Client key is empty" }).click();
      expect(await focused(tab).getAttribute("id")).toBe("secret-1");
      await fillIn(tab);
      await send(tab).click();
      await seen(tab, "Received");
      expect(await ended).toEqual(submitted);
    });

    test("is too late: the page closes by itself", async () => {
      const clock = fakeClock();
      const { tab, ended } = await opened({ ...both, lifetimeMs: 2_000 }, {}, clock);
      clock.advance(2_000);
      expect(await ended).toEqual({ kind: "expired" });
      await seen(tab, closed);
    });

    test("is too late for a call that has ended", async () => {
      const { tab, close, secrets } = await opened();
      await fillIn(tab);
      close();
      await send(tab).click();
      await seen(tab, closed);
      expect(secrets).toEqual([]);
    });

    test("answers a page once, though it is open twice", async () => {
      const { tab, url, ended, secrets } = await opened();
      const second = await newTab();
      await second.goto(url);
      await fillIn(tab);
      await fillIn(second);
      await send(tab).click();
      await seen(tab, "Received");
      await send(second).click();
      await seen(second, closed);
      await second.goto(url);
      await seen(second, closed);
      expect(await ended).toEqual(submitted);
      expect(secrets).toEqual(["hunter2", pem]);
    });

    test("needs no mouse: Tab reaches everything in order, and the focus is visible", async () => {
      const { tab, ended } = await opened();
      const { keyboard } = tab;
      const stops: string[] = [];
      for (let stop = 0; stop < 6; stop += 1) {
        await keyboard.press("Tab");
        const [at, around] = [focused(tab), focused(tab).locator("..")];
        const outlines = [await styleOf(at, "outline-style"), await styleOf(around, "outline-style")];
        stops.push((await at.getAttribute("id")) ?? (await at.textContent()) ?? "");
        expect(outlines, stops.at(-1)).toContain("solid");
      }
      expect(stops).toEqual(["secret-0", "Show Password", "secret-1", "Show Client key", "Send to Atlas", "Cancel"]);
      for (let stop = 0; stop < 5; stop += 1) await keyboard.press("Shift+Tab");
      expect(await focused(tab).getAttribute("id")).toBe("secret-0");
      await keyboard.type("hunter2");
      await keyboard.press("Tab");
      await keyboard.press("Space");
      expect(await field(tab, "Password").getAttribute("type")).toBe("text");
      await keyboard.press("Tab");
      await keyboard.insertText(pem);
      await keyboard.press("Tab");
      await keyboard.press("Tab");
      await keyboard.press("Enter");
      await seen(tab, "Received");
      expect(await ended).toEqual(submitted);
    });

    test("submits a single field with Enter", async () => {
      const { tab, ended } = await opened(kafka);
      await field(tab, "Password").fill("hunter2");
      await tab.keyboard.press("Enter");
      // A tab that is closed while it goes on to the next page can hang.
      await seen(tab, "Received");
      expect(await ended).toEqual({ kind: "submitted", values: new Map([[password.key, "hunter2"]]) });
    });

    test("needs no script", async () => {
      const { tab, ended } = await opened(both, { javaScriptEnabled: false });
      expect(await tab.getByRole("button").allTextContents()).toEqual(["Send to Atlas", "Cancel"]);
      await fillIn(tab);
      await send(tab).click();
      await seen(tab, "Received");
      expect(await ended).toEqual(submitted);
    });

    test("cancels without script", async () => {
      const { tab, ended } = await opened(both, { javaScriptEnabled: false });
      await cancel(tab).click();
      await seen(tab, "Cancelled");
      expect(await ended).toEqual({ kind: "cancelled" });
    });
  });

  describe("somebody else", () => {
    /** Their own site, which shows `markup`. */
    async function theirSite(markup: string): Promise<{ port: number }> {
      const server = createServer((_, response) =>
        response.setHeader("content-type", "text/html").end(`<!doctype html>${markup}`),
      );
      const { port, close } = await listen(server);
      onTestFinished(close);
      return { port };
    }

    test("cannot reach the page through a name of their own", async () => {
      const { tab, url, ended } = await opened();
      const [response] = await Promise.all([
        tab.waitForResponse((candidate) => candidate.url().includes(foreignName)),
        // Without a body the browser shows an error of its own.
        expect(tab.goto(url.replace("127.0.0.1", foreignName))).rejects.toThrow("ERR_HTTP_RESPONSE_CODE_FAILURE"),
      ]);
      expect(response.status()).toBe(421);
      expect(await isSettled(ended)).toBe(false);
    });

    test.each([
      ["another site", foreignName, ""],
      ["another port of this computer", "127.0.0.1", ""],
      ["a sandboxed frame", foreignName, "sandbox"],
    ])("cannot send a form from %s, even with a stolen token", async (_, name, frame) => {
      const { tab, url, ended, secrets } = await opened(kafka);
      const form = `<form method="post" action="${url}" target="_top">
        <input name="form" value="${await formTokenOf(url)}"><input name="action" value="submit">
        <input name="secret-0" value="theirs"><button>Win a prize</button></form>`;
      const escaped = form.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
      const { port } = await theirSite(
        frame ? `<iframe sandbox="allow-forms allow-top-navigation" srcdoc="${escaped}"></iframe>` : form,
      );
      await tab.goto(`http://${name}:${port}/`);
      const [response] = await Promise.all([
        tab.waitForResponse((candidate) => candidate.request().method() === "POST"),
        (frame ? tab.frameLocator("iframe") : tab).getByRole("button").click(),
      ]);
      expect(response.status()).toBe(403);
      await seen(tab, "That did not work");
      expect(await isSettled(ended)).toBe(false);
      expect(secrets).toEqual([]);
    });

    test("cannot frame the page, and cannot read it", async () => {
      const { tab, url } = await opened(kafka);
      const { port } = await theirSite(`<iframe src="${url}"></iframe>`);
      await tab.goto(`http://${foreignName}:${port}/`);
      await expect(tab.frameLocator("iframe").getByRole("heading").waitFor({ timeout: 1000 })).rejects.toThrow();
      const read = await tab.evaluate(async (at) => fetch(at).then((answer) => answer.text(), String), url);
      expect(read).toContain("Failed to fetch");
    });
  });

  describe("everything that a person can come to see", () => {
    const screens: Record<string, { request?: SecretRequest; reach(tab: Page): Promise<unknown> }> = {
      "the form": { reach: fillIn },
      "the form with a key shown": {
        reach: async (tab) => {
          await fillIn(tab);
          await tab.getByRole("button", { name: "Show Client key" }).click();
        },
      },
      "the form with an error": {
        reach: async (tab) => {
          await field(tab, "Password").fill(" ");
          await field(tab, "Client key").fill(" ");
          await send(tab).click();
          await seen(tab, "Nothing was sent");
        },
      },
      "the form with long names": {
        request: {
          ...both,
          project: "p".repeat(64),
          workspace: "w".repeat(64),
          connection: { name: "n".repeat(64), type: "Https", host: `https://${"h".repeat(200)}/${"p".repeat(200)}` },
        },
        reach: async () => {},
      },
      "the end after a submit": {
        reach: async (tab) => {
          await fillIn(tab);
          await send(tab).click();
          await seen(tab, "Received");
        },
      },
      "the end after a cancel": {
        reach: async (tab) => {
          await cancel(tab).click();
          await seen(tab, "Cancelled");
        },
      },
      "the page that is closed": {
        reach: (tab) => tab.goto(new URL("/gone", tab.url()).href),
      },
      "the page of an error": {
        reach: async (tab) => {
          await tab
            .locator("input[name=form]")
            .first()
            .evaluate((input) => input.remove());
          await fillIn(tab);
          await send(tab).click();
          await seen(tab, "That did not work");
        },
      },
    };

    async function wrongForAxe(tab: Page, colorScheme: "light" | "dark") {
      await tab.emulateMedia({ colorScheme });
      await tab.evaluate(axe.source);
      const run = "axe.run({ rules: { 'target-size': { enabled: true } } })";
      const { violations, incomplete, passes } = await tab.evaluate<axe.AxeResults>(run);
      expect(passes.map(({ id }) => id)).toContain("color-contrast");
      return [...violations, ...incomplete].map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
    }

    /** Whether the page is wider than the window, and what makes it so. */
    const tooWide = (tab: Page, width: number, textSize = "100%") =>
      tab.setViewportSize({ width, height: 640 }).then(() =>
        tab.evaluate<unknown[]>(`(() => {
          const root = document.documentElement;
          root.style.fontSize = "${textSize}";
          const wide = [...document.body.querySelectorAll(":not(.unseen)")].filter(
            (element) => element.getBoundingClientRect().right > root.clientWidth,
          );
          return [root.clientWidth, root.scrollWidth, ...wide.map((element) => element.outerHTML.slice(0, 80))];
        })()`),
      );

    test.each(Object.entries(screens))("%s is in order for axe, in every width and light", async (_, screen) => {
      // A window of 1280 pixels at 200 % zoom has 640 of twice the size.
      const { tab } = await opened(screen.request, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
      await screen.reach(tab);
      expect(await wrongForAxe(tab, "light")).toEqual([]);
      const light = await styleOf(tab.locator("h1"), "color");
      expect(await wrongForAxe(tab, "dark")).toEqual([]);
      expect(await styleOf(tab.locator("h1"), "color")).not.toBe(light);
      expect(await tooWide(tab, 640)).toEqual([640, 640]);
      expect(await tooWide(tab, 320)).toEqual([320, 320]);
      expect(await wrongForAxe(tab, "light")).toEqual([]);
      expect(await tooWide(tab, 320, "200%")).toEqual([320, 320]);
    });
  });
});
