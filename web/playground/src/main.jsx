import "./workers.js";
import "graphiql/style.css";
import "./style.css";

import { GraphiQLProvider } from "@graphiql/react";
import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from "@graphiql/plugin-doc-explorer";
import { GraphiQL, GraphiQLInterface, HISTORY_PLUGIN } from "graphiql";
import { HistoryStore } from "@graphiql/plugin-history";
import { createRoot } from "react-dom/client";
import { Bar } from "./Bar.jsx";
import { asText } from "./places.js";
import { openSession, session } from "./session.js";
import { Story } from "./Story.jsx";
import { fetcher } from "./wire.js";

const CONFIG = "config.json";

/** A store that forgets with the page: no token, no answer is left in the browser. */
function memory() {
  // Where the editor looks for the height of the variables: two fifths of its column.
  const kept = new Map([["graphiql:secondaryEditorFlex", "1.5"]]);
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
    clear: () => kept.clear(),
    get length() {
      return kept.size;
    },
  };
}

const storage = memory();

function Playground() {
  const tabs = session().steps.map(({ query, variables }) => ({ query, variables: asText(variables) }));
  return (
    <GraphiQLProvider
      fetcher={fetcher}
      storage={storage}
      defaultTabs={tabs}
      shouldPersistHeaders={false}
      inputValueDeprecation
      schemaDescription
      plugins={[DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN]}
      referencePlugin={DOC_EXPLORER_PLUGIN}
    >
      <HistoryStore>
        <DocExplorerStore>
          <div className="playground">
            <Bar />
            <Story />
            <GraphiQLInterface
              isHeadersEditorEnabled={false}
              showPersistHeadersSettings={false}
              defaultEditorToolsVisibility="variables"
            >
              <GraphiQL.Logo>
                <span />
              </GraphiQL.Logo>
            </GraphiQLInterface>
          </div>
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  );
}

const root = document.getElementById("root");
try {
  const response = await fetch(CONFIG);
  if (!response.ok) throw new Error(`${CONFIG}: ${response.status}`);
  openSession(await response.json());
  createRoot(root).render(<Playground />);
} catch (error) {
  root.textContent = `The playground could not be opened: ${error.message}`;
}
