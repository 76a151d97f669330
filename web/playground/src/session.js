// What the page knows while it is open. Kept in memory alone: a reload forgets every token.

import { useSyncExternalStore } from "react";
import { newKey } from "./places.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const listeners = new Set();

let state = {
  config: null,
  steps: [], // the story's steps, then the extra ones
  person: null, // { name, token, story, customer }
  language: "en",
  carried: {},
  keys: {},
  generation: 0, // counts the people played; a tab filled for an earlier one is filled anew
  marks: {}, // index of a step -> "told" | "other"
  active: null, // index of the step whose tab is open; null for a tab of the visitor's own
  tab: null, // id of the open tab
  count: null,
  clock: null,
  note: "Press ▶ in each tab, in order; the answers fill the later tabs.",
  busy: "",
};

export const session = () => state;

export function change(part) {
  state = { ...state, ...part };
  listeners.forEach((listener) => listener());
}

export function useSession() {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

export function openSession(config) {
  change({
    config,
    steps: [...config.steps, ...config.extras],
    clock: { businessDate: config.businessDate, offsetDays: config.offsetDays },
  });
}

/** Play as somebody: whatever was filled in for the person before is forgotten. */
export function playAs(person, carried = {}) {
  change({
    person,
    carried,
    keys: {},
    marks: {},
    count: null,
    generation: state.generation + 1,
    note: person ? `Now playing ${person.name}: ${person.story}` : "Now playing nobody.",
  });
}

/** The idempotency key of a label: the same until it is renewed, so that sending again is a replay. */
export function keyOf(label) {
  if (!(label in state.keys)) state.keys[label] = newKey();
  return state.keys[label];
}

export function renewKeys(labels) {
  change({ keys: Object.fromEntries(Object.entries(state.keys).filter(([label]) => !labels.includes(label))) });
}

/** The present moment of the business clock, for evidence of what was shown when. */
export const businessNow = () => new Date(Date.now() + (state.clock?.offsetDays ?? 0) * DAY_MS).toISOString();

/** Who sends a step: nobody for an anonymous one, the officer a step names, else the person played. */
export function senderOf(step) {
  if (step?.anonymous) return { name: "nobody, no token is needed", token: null };
  if (step?.caller) {
    const officer = state.config.staff.find(({ login }) => login === step.caller);
    return { name: `officer “${officer.login}”`, token: officer.token };
  }
  return state.person ?? { name: "nobody: choose a person, or send tab 1", token: null };
}
