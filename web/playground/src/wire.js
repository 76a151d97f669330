// Every word that goes to the server and comes back.

import { getOperationAST, parse } from "graphql";
import { createClient } from "graphql-ws";
import { asText, at, lacking, newKey } from "./places.js";
import { change, playAs, senderOf, session } from "./session.js";

const GRAPHQL = "/graphql";
const ASK_AGAIN_MS = 300;
const ASK_AGAIN_MAX = 60;
const INTROSPECTION = "IntrospectionQuery";
const LOOKS_AFTER_MS = [500, 1500, 4000, 9000];
const SIGHT = `query Sight { viewer { inquiryCount line { id } applications(first: 1) { nodes { id } } } }`;
const CLOCK = `query Clock { sandboxClock { businessDate offsetDays } }`;

async function post(body, token) {
  const headers = { "content-type": "application/json", "accept-language": session().language };
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(GRAPHQL, { method: "POST", headers, body: JSON.stringify(body) });
  return response.json();
}

function watch(body, token) {
  const { host, protocol } = window.location;
  const client = createClient({
    url: `${protocol === "https:" ? "wss" : "ws"}://${host}${GRAPHQL}`,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  return client.iterate(body);
}

/** The fetcher of the editor: sends as whoever the open tab is for, and carries what the answer holds. */
export async function fetcher({ query, variables, operationName }) {
  if (operationName === INTROSPECTION) return post({ query, operationName }, null);
  const { active, steps, tab } = session();
  const waits = lacking(JSON.stringify(variables ?? {}));
  if (waits.length) return { errors: [{ message: waits.map(whereFrom).join(" ") }] };
  const step = steps[active];
  const { token } = senderOf(step);
  // The editor may still hold the name of the tab that was open before.
  const operation = getOperationAST(parse(query), operationName) ?? getOperationAST(parse(query));
  const body = { query, variables, operationName: operation?.name?.value };
  if (operation?.operation === "subscription") return watch(body, token);
  const answer = await untilTold(step, body, token);
  await answered(active, answer);
  // An answer that comes when another tab is open must not be shown there.
  return session().tab === tab ? answer : new Promise(() => {});
}

/** Ask again, as the story does, while what a step waits for has not come. */
async function untilTold(step, body, token) {
  const until = Object.entries(step?.until ?? {});
  for (let asked = 1; ; asked += 1) {
    const answer = await post(body, token);
    const told = until.every(([path, wanted]) => at(answer.data, path) === wanted);
    const waitsForNobody = Object.values(answer.data ?? {}).some((value) => value?.pollAfterMs === null);
    if (told || answer.errors || waitsForNobody || asked >= ASK_AGAIN_MAX) return answer;
    change({ note: `Asked ${asked} times; waiting until ${until.map((pair) => pair.join(" is ")).join(", ")}` });
    await new Promise((done) => setTimeout(done, ASK_AGAIN_MS));
  }
}

function whereFrom(name) {
  const { steps, carried } = session();
  const number = steps.findIndex((step) => name in (step.carry ?? {})) + 1;
  if (name in carried) return `{{${name}}} has come since: press “Fresh keys”.`;
  return `Send tab ${number} first: {{${name}}} is carried from its answer.`;
}

/** Take from an answer what later tabs need, mark the step, and look again at what is always in sight. */
export async function answered(index, answer) {
  const { steps } = session();
  const step = steps[index];
  const made = answer.data?.sandboxNewCustomer;
  if (made?.token) playAs({ ...made, customer: true });
  const fresh = Object.entries(step?.carry ?? {})
    .map(([name, path]) => [name, at(answer.data, path)])
    .filter(([, value]) => value !== undefined && value !== null);
  const carried = { ...session().carried, ...Object.fromEntries(fresh) };
  const marks = { ...session().marks };
  if (step) marks[index] = wentAsTold(step, answer) ? "told" : "other";
  change({ carried, marks, note: made?.token ? session().note : noteOf(fresh.map(([name]) => name)) });
  await lookAgain();
  // A worker asks the bureau a moment after the answer; the count in sight follows it.
  if (step?.asksBureau) LOOKS_AFTER_MS.forEach((wait) => setTimeout(lookAgain, wait));
}

function wentAsTold(step, answer) {
  const wanted = Object.entries({ ...step.until, ...step.expect });
  return !answer.errors && wanted.every(([path, value]) => at(answer.data, path) === value);
}

function noteOf(names) {
  if (!names.length) return "";
  const { steps } = session();
  const tabs = steps.flatMap((step, index) =>
    lacking(asText(step.variables)).some((name) => names.includes(name)) ? [index + 1] : [],
  );
  return `Carried from this answer: ${names.join(", ")} → ${tabs.length > 1 ? "tabs" : "tab"} ${tabs.join(", ")}`;
}

/** Read the inquiry count and the business date again, and ids that an earlier visit left behind. */
export async function lookAgain() {
  const { person } = session();
  const [sight, clock] = await Promise.all([
    person?.customer ? post({ query: SIGHT }, person.token) : null,
    post({ query: CLOCK }, null),
  ]);
  if (session().person !== person) return;
  const viewer = sight?.data?.viewer;
  const before = {};
  if (viewer?.line) before.lineId = viewer.line.id;
  if (viewer?.applications.nodes.length) before.applicationId = viewer.applications.nodes[0].id;
  change({
    count: viewer?.inquiryCount ?? null,
    clock: clock.data?.sandboxClock ?? session().clock,
    carried: { ...before, ...session().carried },
  });
}

async function fromBar(busy, operation, variables) {
  const { steps } = session();
  const index = steps.findIndex((step) => step.operation === operation);
  change({ busy });
  try {
    await answered(index, await post({ query: steps[index].query, variables }, null));
  } catch (error) {
    change({ note: `The server did not answer: ${error.message}` });
  } finally {
    change({ busy: "" });
  }
}

export const newCustomer = (person) => fromBar("Inventing a person …", "NewCustomer", { person, idempotencyKey: newKey() });

export const advanceClock = (days) => fromBar(`Running ${days} end of day …`, "AdvanceClock", { days, idempotencyKey: newKey() });
