// The story beside the editor: its steps in order, each a tab, filled in as the answers come.

import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { asText, fill, keepTyped } from "./places.js";
import { businessNow, change, keyOf, renewKeys, senderOf, session, useSession } from "./session.js";

const MARKS = {
  told: ["✓", "went as the story tells"],
  other: ["≠", "answered otherwise than the story tells"],
};
const KEY_LABEL = /\{\{uuid:(\w+)\}\}/g;

const filled = (text) => fill(text, { carried: session().carried, key: keyOf, now: businessNow() });

/** Fill the open tab: from its template at first and for another person, else only what still waits. */
function useFilling() {
  const { tabs, activeTabIndex, queryEditor, variableEditor, responseEditor } = useGraphiQL(
    pick("tabs", "activeTabIndex", "queryEditor", "variableEditor", "responseEditor"),
  );
  const { updateActiveTabValues } = useGraphiQLActions();
  const { steps, generation, carried } = useSession();
  const [stepOf] = useState(() => new Map(tabs.map((tab, index) => [tab.id, index])));
  const filledFor = useRef(new Map());
  const tab = tabs[activeTabIndex];
  const active = stepOf.get(tab.id) ?? null;

  // Into the editor and the tab at once: left to itself the editor tells the tab a moment later.
  const type = useCallback(
    (text) => {
      variableEditor.setValue(text);
      updateActiveTabValues({ variables: text });
    },
    [variableEditor, updateActiveTabValues],
  );

  useEffect(() => change({ active, tab: tab.id }), [active, tab.id]);
  useEffect(() => {
    const step = steps[active];
    if (!variableEditor || !responseEditor || !step) return;
    const before = filledFor.current.get(tab.id);
    filledFor.current.set(tab.id, generation);
    const first = before === undefined;
    const another = !first && before !== generation && !step.anonymous;
    if (another) {
      responseEditor.setValue("");
      updateActiveTabValues({ response: null });
    }
    const now = variableEditor.getValue();
    const text = filled(first || another ? asText(step.variables) : now);
    if (text !== now) type(text);
  }, [active, tab.id, generation, carried, steps, variableEditor, responseEditor, updateActiveTabValues, type]);

  useEffect(() => {
    for (const editor of [queryEditor, variableEditor, responseEditor]) {
      editor?.updateOptions({ wordWrap: "on", fontSize: 13, lineHeight: 18 });
    }
  }, [queryEditor, variableEditor, responseEditor]);
  useEffect(() => {
    for (const shown of document.querySelectorAll(".graphiql-tab-active, .story [aria-current]")) {
      shown.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }, [tab.id]);

  return { tabs, activeTabIndex, stepOf, active, variableEditor, type };
}

function typedIn(editor) {
  try {
    return JSON.parse(editor.getValue());
  } catch {
    return {};
  }
}

export function Story() {
  const { steps, marks, config } = useSession();
  const { tabs, activeTabIndex, stepOf, active, variableEditor, type } = useFilling();
  const { changeTab } = useGraphiQLActions();
  const open = (index) => {
    const at = tabs.findIndex((tab) => stepOf.get(tab.id) === index);
    if (at >= 0 && at !== activeTabIndex) changeTab(at);
  };
  const freshKeys = () => {
    const step = steps[active];
    const labels = [...asText(step.variables).matchAll(KEY_LABEL)].map(([, label]) => label);
    renewKeys(labels);
    type(filled(asText(keepTyped(step.variables, typedIn(variableEditor)))));
    change({ note: "New keys: what is sent now is a new wish, no replay." });
  };
  return (
    <>
      <Strip step={steps[active]} number={active + 1} onFreshKeys={freshKeys} />
      <nav className="story" aria-label="The story">
        <ol>
          {steps.map((step, index) => (
            <li key={index} className={index === config.steps.length ? "first-extra" : undefined}>
              <button
                type="button"
                aria-current={index === active ? "step" : undefined}
                disabled={!tabs.some((tab) => stepOf.get(tab.id) === index)}
                onClick={() => open(index)}
              >
                <i>{index + 1}</i>
                <span>
                  {step.title}
                  {step.asksBureau && <em title="The credit bureau is asked here, once">bureau</em>}
                </span>
                {marks[index] && (
                  <b className={marks[index]} title={MARKS[marks[index]][1]}>
                    {MARKS[marks[index]][0]}
                  </b>
                )}
              </button>
            </li>
          ))}
        </ol>
      </nav>
    </>
  );
}

function Strip({ step, number, onFreshKeys }) {
  const { note, busy } = useSession();
  const hasKey = step && asText(step.variables).includes("{{");
  return (
    <div className="strip">
      <strong>{step ? `${number}. ${step.title}` : "A tab of your own"}</strong>
      <span className="sender">sent as {senderOf(step).name}</span>
      <span id="note" role="status">
        {busy || note}
      </span>
      {hasKey && (
        <button
          id="fresh-keys"
          type="button"
          title="Sending again is a replay with the same key. This gives the tab new keys, and the latest carried ids."
          onClick={onFreshKeys}
        >
          Fresh keys
        </button>
      )}
    </div>
  );
}
