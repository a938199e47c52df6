// A portal in a few calls: npx tsc && AIGUILLE_URL=… AIGUILLE_KEY=aig_test_… node built/example.js
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./aiguille.d.ts";

type Problem = components["schemas"]["Problem"];

const facts = {
  text: "On n’arrive plus à payer les salaires, la subvention tarde.",
  commune: "59350",
  profile: "association",
  employees: 4,
};
const aiguille = createClient<paths>({
  baseUrl: process.env["AIGUILLE_URL"] ?? "http://127.0.0.1:8000",
  headers: { authorization: `Bearer ${process.env["AIGUILLE_KEY"]}` },
});

/** What was asked for; a problem says what was found, expected, and to do. */
function told<Told>({ data, error }: { data?: Told; error?: Problem }): Told {
  if (data === undefined) throw new Error(error?.detail ?? "no answer");
  return data;
}

const found = told(await aiguille.POST("/v1/match", { body: { ...facts, limit: 3 } }));
for (const { offer, verdict } of found.matches) console.log("match", offer.id, verdict);

const { version } = told(await aiguille.GET("/v1/consents"));
const need = told(
  await aiguille.POST("/v1/needs", {
    params: { header: { "Idempotency-Key": randomUUID() } },
    body: {
      ...facts,
      external_id: "dossier-7",
      send: {
        contact: { name: "Sam", email: "sam@exemple.org" },
        consent: {
          text_version: version,
          recipients: ["catalyst"],
          agreed_at: new Date().toISOString(),
        },
      },
    },
  }),
);
console.log("sent", need.id);

const one = { params: { path: { need_id: need.id } } };
console.log("state", told(await aiguille.GET("/v1/needs/{need_id}", one)).state);
const { steps } = told(await aiguille.GET("/v1/needs/{need_id}/timeline", one));
for (const { step } of steps) console.log("move", step);

const { needs } = told(await aiguille.GET("/v1/needs"));
console.log("listed", ...needs.map((listed) => listed.external_id));
