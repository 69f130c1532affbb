/** The sets of services that a policy makes, one for each rule, and what is left of them when it changes. */
import { expect, test } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import { ServiceSets } from "../../src/http-server/services.ts";
import { readPolicy } from "../../src/policy/policy.ts";
import { createServices } from "../../src/services.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";

const policyOf = (...names: string[]) => {
  const rules = names.map((name) => ({
    name,
    who: { subjects: [name] },
    projects: ["*"],
    tools: { allow: ["read"] },
  }));
  return readPolicy(JSON.stringify({ version: 1, rules }), { tools: generatedTools, env: {} });
};

test("what a rule's calls have used stays masked for it when the policy is read again, and for no other rule", () => {
  const settings = readSettings({ MONGODB_ATLAS_ACCESS_TOKEN: "token-of-the-environment" });
  const sets = new ServiceSets(policyOf("ana", "ben"), (rule) => createServices(settings, {}, { rule }));
  const lease = (subject: string) => sets.lease({ subject, groups: [] });
  const shown = (subject: string, text: string) => {
    const { services, end } = lease(subject);
    end();
    return services.redactor.text(text);
  };
  lease("ana").services.redactor.remember(["used-before-123"]);
  const begunBefore = lease("ana");
  sets.replace(policyOf("ana", "ben", "eve"));
  begunBefore.services.redactor.remember(["used-meanwhile-123"]);
  expect(shown("ana", "used-before-123")).toBe("***");
  begunBefore.end();
  expect(shown("ana", "used-meanwhile-123")).toBe("***");
  expect(shown("ben", "used-before-123 used-meanwhile-123")).toBe("used-before-123 used-meanwhile-123");
});
