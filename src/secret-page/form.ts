/** The names that the form sends, and what it sent. */
import type { SecretField } from "./request.ts";

export const formTokenName = "form";
export const actionName = "action";
export const fieldName = (at: number) => `secret-${at}`;

export type Form = { formToken: string } & (
  | { action: "cancel" }
  | { action: "submit" /** By the paths of the fields. */; values: ReadonlyMap<string, string> }
);

/** Reads a body, or undefined where it has not exactly what the page asks for. */
export function readForm(body: string, fields: readonly SecretField[]): Form | undefined {
  const sent = new URLSearchParams(body);
  const names = new Set(sent.keys());
  if (sent.size !== names.size) return undefined;
  const action = sent.get(actionName);
  const formToken = sent.get(formTokenName) ?? "";
  const expected = [formTokenName, actionName, ...(action === "submit" ? fields.map((_, at) => fieldName(at)) : [])];
  if (names.size !== expected.length || !expected.every((name) => names.has(name))) return undefined;
  if (action === "cancel") return { action, formToken };
  if (action !== "submit") return undefined;
  return { action, formToken, values: new Map(fields.map(({ path }, at) => [path, typed(sent.get(fieldName(at)))])) };
}

/** A form writes every line break as CR LF; in the text itself it is LF. */
function typed(sent: string | null): string {
  return (sent ?? "").replaceAll("\r\n", "\n");
}
