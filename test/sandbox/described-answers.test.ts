/** The judge of answers is a judge: what the API description does not know, it objects to. */
import { describe, expect, test } from "vitest";
import { openapi } from "../support/shared-atlas.ts";
import type { Got } from "./atlas-client.ts";
import { undescribedIn } from "./described-answers.ts";

const processors = "/groups/{groupId}/streams/{tenantName}/processors";

function answer(body: unknown, more: Partial<Got> = {}, mediaType = "application/vnd.atlas.2024-05-30+json"): Got {
  const text = JSON.stringify(body);
  return {
    status: 200,
    headers: new Headers({ "content-type": mediaType }),
    bytes: Buffer.from(text),
    text,
    body,
    ...more,
  };
}

const processor = { _id: "32b6e34b3d91647abb20e7b8", name: "p", pipeline: [], state: "CREATED" };

describe.skipIf(!openapi)("the judge of answers", () => {
  test("takes what is described", () => {
    expect(undescribedIn("GET", processors, answer({ results: [processor] }))).toEqual([]);
    expect(undescribedIn("GET", processors, answer({ error: 409, errorCode: "TAKEN" }, { status: 409 }))).toEqual([]);
  });

  test.each<[string, Got, RegExp]>([
    ["a field that is missing", answer({}), /results/],
    ["a field that is unknown", answer({ results: [{ ...processor, owner: "me" }] }), /additional properties/],
    ["a value of another type", answer({ results: [{ ...processor, state: 1 }] }), /state must be string/],
    ["another media type", answer({ results: [] }, {}, "application/json"), /is not application/],
    ["another status", answer({ results: [] }, { status: 201 }), /is not /],
    ["an error without a code", answer({ error: 400 }, { status: 400 }), /errorCode/],
  ])("objects to %s", (_, wrong, objection) => {
    expect(undescribedIn("GET", processors, wrong)).toEqual([expect.stringMatching(objection)]);
  });
});
