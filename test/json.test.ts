import { expect, test } from "vitest";
import { valueAt, withValueAt } from "../src/json.ts";

const connection = { name: "x", aws: { roleArn: "r", testBucket: "b" } };

test.each([
  ["name", "x"],
  ["aws.roleArn", "r"],
  ["aws", connection.aws],
  ["aws.none", undefined],
  ["none.at.all", undefined],
  ["name.length", undefined],
])("the value at %s is %j", (path, value) => {
  expect(valueAt(connection, path.split("."))).toEqual(value);
});

test("a value is put into a copy, beside what is there", () => {
  expect(withValueAt(connection, ["aws", "roleArn"], "other")).toEqual({
    name: "x",
    aws: { roleArn: "other", testBucket: "b" },
  });
  expect(connection.aws.roleArn).toBe("r");
});

test("a value is put where nothing is yet", () => {
  expect(withValueAt({}, ["networking", "access", "connectionId"], "id")).toEqual({
    networking: { access: { connectionId: "id" } },
  });
});
