/** Pages on a fake clock, and a plain HTTP client that can claim to come from anywhere. */
import { request as send } from "undici";
import { onTestFinished } from "vitest";
import {
  type SecretField,
  SecretPages,
  type SecretPagesOptions,
  type SecretRequest,
} from "../../src/secret-page/pages.ts";
import { fakeClock } from "../support/fake-clock.ts";

export const password: SecretField = {
  key: "connection.authentication.password",
  label: "Password",
  multiline: false,
};
export const key: SecretField = { key: "connection.security.sslKey", label: "Client key", multiline: true };

export const kafka: SecretRequest = {
  project: "65f1c0de0a1b2c3d4e5f6071",
  workspace: "orders",
  connection: { name: "orders-kafka", type: "Kafka", host: "b-1.kafka.example.com:9094,b-2.kafka.example.com:9094" },
  fields: [password],
};

/** Pages that are closed after the test, and the secrets that they reported. */
export function startPages(options: Partial<SecretPagesOptions> = {}) {
  const clock = fakeClock();
  const secrets: string[] = [];
  const pages = new SecretPages({ clock, onSecret: (values) => secrets.push(...values), ...options });
  onTestFinished(() => pages.close());
  return { pages, clock, secrets };
}

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

export interface Asking {
  method?: "GET" | "HEAD" | "POST" | "PUT" | "OPTIONS" | "DELETE";
  headers?: Record<string, string>;
  body?: string;
}

export async function ask(url: string, { method = "GET", headers = {}, body }: Asking = {}): Promise<Answer> {
  const answer = await send(url, { method, headers, ...(body !== undefined && { body }) });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

/** The token by which the page recognises its own form. */
export async function formTokenOf(url: string): Promise<string> {
  return /name="form" value="([^"]+)"/.exec((await ask(url)).text)?.[1] ?? "";
}

/** The headers of a browser that sends the page's own form. */
export const browserHeaders = (url: string) => ({
  "content-type": "application/x-www-form-urlencoded",
  origin: new URL(url).origin,
  "sec-fetch-site": "same-origin",
});

/** Sends the form as a browser does, with these headers and form values added or replaced. */
export async function submit(
  url: string,
  values: readonly string[],
  { headers = {}, form = {} }: { headers?: Record<string, string>; form?: Record<string, string> } = {},
): Promise<Answer> {
  const sent = { form: await formTokenOf(url), action: "submit", ...named(values), ...form };
  const body = new URLSearchParams(sent).toString();
  return ask(url, { method: "POST", headers: { ...browserHeaders(url), ...headers }, body });
}

export async function cancel(url: string): Promise<Answer> {
  const body = new URLSearchParams({ form: await formTokenOf(url), action: "cancel" }).toString();
  return ask(url, { method: "POST", headers: browserHeaders(url), body });
}

const named = (values: readonly string[]) =>
  Object.fromEntries(values.map((value, at) => [`secret-${at}`, value.replace(/\r\n|\n/g, "\r\n")]));

/** The answer to a form, after the redirect that a browser follows. */
export async function followed({ status, headers }: Answer, url: string): Promise<Answer> {
  if (status !== 303) throw new Error(`The form was answered with ${status}`);
  return ask(new URL(String(headers["location"]), url).href);
}

/** Whether the answer is there already. */
export async function isSettled(answer: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([answer.then(() => true), new Promise((resolve) => setImmediate(resolve))])) === true;
}
