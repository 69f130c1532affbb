/** A client with a person, in each era of the protocol: how the page for secrets is asked for, filled in and refused. */
import { isObject, type JsonObject } from "../../src/json.ts";
import type { ServerProcess } from "./server-process.ts";

export const eras = ["2025", "2026"] as const;
export type Era = (typeof eras)[number];

export interface Person {
  /** What they say to the question whether to open the page. */
  action: "accept" | "decline" | "cancel";
  /** What they do on the page, once they have agreed to open it. */
  onPage?: (url: string) => Promise<void>;
}

const capabilities = { elicitation: { url: {} } };

/** Every request of the 2026 era describes its client. */
export const meta2026 = (clientCapabilities: JsonObject = capabilities) => ({
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "0" },
  "io.modelcontextprotocol/clientCapabilities": clientCapabilities,
});

/** Opens the era with a client that can open pages. */
export async function open(era: Era, server: ServerProcess): Promise<void> {
  if (era === "2026") return;
  const clientInfo = { name: "test", version: "0" };
  await server.ask("initialize", { protocolVersion: "2025-11-25", capabilities, clientInfo });
  server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
}

let ids = 1000;

/** Calls `create_stream_connection` and plays the person; gives the tool's result. */
export function createWithPerson(
  era: Era,
  server: ServerProcess,
  args: JsonObject,
  person: Person,
): Promise<JsonObject> {
  return callWithPerson(era, server, "create_stream_connection", args, person);
}

/** The same for any tool. */
export function callWithPerson(
  era: Era,
  server: ServerProcess,
  tool: string,
  args: JsonObject,
  person: Person,
): Promise<JsonObject> {
  const call = { name: tool, arguments: args };
  return era === "2025" ? asked2025(server, call, person) : asked2026(server, call, person);
}

interface ToolCall {
  name: string;
  arguments: JsonObject;
}

async function asked2025(server: ServerProcess, call: ToolCall, person: Person): Promise<JsonObject> {
  const id = ++ids;
  const asked = new Set(
    server
      .messages()
      .filter(isQuestion)
      .map(({ id: question }) => question),
  );
  server.request(id, "tools/call", { ...call });
  const isNew = (message: JsonObject) =>
    (isQuestion(message) && !asked.has(message["id"])) || (message["id"] === id && "result" in message);
  const first = await server.message(isNew);
  if (!isQuestion(first)) return structured(first);
  server.send({ jsonrpc: "2.0", id: first["id"], result: { action: person.action } });
  await person.onPage?.(String(isObject(first["params"]) ? first["params"]["url"] : ""));
  return structured(await server.message((message) => message["id"] === id && "result" in message));
}

const isQuestion = ({ method }: JsonObject) => method === "elicitation/create";

async function asked2026(
  server: ServerProcess,
  { name, arguments: args }: ToolCall,
  person: Person,
): Promise<JsonObject> {
  const question = await call2026(server, args, { name });
  if (question["resultType"] !== "input_required") return structured({ result: question });
  const { inputRequests, requestState } = question;
  const [[key, request] = []] = Object.entries(isObject(inputRequests) ? inputRequests : {});
  const params = isObject(request) && isObject(request["params"]) ? request["params"] : {};
  const inputResponses = { [key ?? ""]: { action: person.action } };
  const again = call2026(server, args, { name, inputResponses, requestState });
  await person.onPage?.(String(params["url"]));
  return structured({ result: await again });
}

/** One call of the 2026 era, of `create_stream_connection` unless `more` has another name; its result may be a question. */
export async function call2026(server: ServerProcess, args: JsonObject, more: JsonObject = {}): Promise<JsonObject> {
  const id = ++ids;
  server.request(id, "tools/call", { name: "create_stream_connection", arguments: args, _meta: meta2026(), ...more });
  const { result } = await server.message((message) => message["id"] === id);
  return isObject(result) ? result : {};
}

function structured({ result }: JsonObject): JsonObject {
  const content = isObject(result) ? result["structuredContent"] : undefined;
  return isObject(content) ? content : {};
}

/** Types `values` in the order of the page's fields and sends them. */
export const submit =
  (...values: string[]) =>
  async (url: string): Promise<void> => {
    const { action, token, fields } = await form(url);
    const typed = fields.map((name, index): [string, string] => [name, values[index] ?? ""]);
    await post(url, action, [["form", token], ["action", "submit"], ...typed]);
  };

/** Presses the page's cancel button. */
export const pressCancel = async (url: string): Promise<void> => {
  const { action, token } = await form(url);
  await post(url, action, [
    ["form", token],
    ["action", "cancel"],
  ]);
};

async function form(url: string) {
  const html = await (await fetch(url)).text();
  const tags = [...html.matchAll(/<(?:input|textarea)[^>]*>/g)].map(([tag]) => tag);
  const attribute = (tag: string, name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  const token = tags.find((tag) => attribute(tag, "name") === "form") ?? "";
  return {
    action: /<form[^>]*action="([^"]*)"/.exec(html)?.[1] ?? "",
    token: attribute(token, "value"),
    fields: tags.map((tag) => attribute(tag, "name")).filter((name) => name.startsWith("secret-")),
  };
}

async function post(page: string, action: string, fields: [string, string][]): Promise<void> {
  const { origin } = new URL(page);
  const { status } = await fetch(new URL(action, page), {
    method: "POST",
    headers: { origin },
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
  if (status !== 303) throw new Error(`The page answered ${status}`);
}
