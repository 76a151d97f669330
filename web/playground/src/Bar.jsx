// The bar: who is played, how often the bureau was asked about them, and which day it is.

import { change, playAs, useSession } from "./session.js";
import { advanceClock, lookAgain, newCustomer } from "./wire.js";

const STEPS_OF_DAYS = [1, 30];
const LANGUAGES = [
  ["en", "English"],
  ["zh-CN", "中文"],
];

async function choose(login, { personas, staff }) {
  const persona = personas.find((one) => one.login === login);
  const officer = staff.find((one) => one.login === login);
  if (persona) playAs({ ...persona, customer: true }, { ...persona.applicant, token: persona.token });
  else if (officer) playAs({ ...officer, name: `officer “${login}”`, story: officer.role.toLowerCase() });
  else playAs(null);
  await lookAgain();
}

export function Bar() {
  return (
    <header className="bar">
      <h1>
        Clearline <small>sandbox</small>
      </h1>
      <People />
      <Count />
      <Clock />
      <Language />
    </header>
  );
}

function People() {
  const { config, person, busy } = useSession();
  const seeded = person?.login ?? (person ? "new" : "");
  return (
    <>
      <label title={person?.story}>
        <span>Playing</span>
        <select id="person" value={seeded} disabled={!!busy} onChange={(event) => choose(event.target.value, config)}>
          <option value="">nobody yet</option>
          {seeded === "new" && <option value="new">{`${person.name} (new customer)`}</option>}
          <optgroup label="Customers">
            {config.personas.map(({ login, name, story }) => (
              <option key={login} value={login}>{`${name} — ${story}`}</option>
            ))}
          </optgroup>
          <optgroup label="Officers">
            {config.staff.map(({ login, role }) => (
              <option key={login} value={login}>{`${login} — ${role.toLowerCase()}`}</option>
            ))}
          </optgroup>
        </select>
      </label>
      <select
        id="new-customer"
        className="as-button"
        aria-label="New customer"
        value=""
        disabled={!!busy}
        onChange={(event) => newCustomer(event.target.value)}
      >
        <option value="" hidden>
          + New customer
        </option>
        {config.people.map(({ person: kind, story }) => (
          <option key={kind} value={kind}>
            {story}
          </option>
        ))}
      </select>
    </>
  );
}

function Count() {
  const { count } = useSession();
  // The key makes the element new whenever the count changes, so that the change is seen.
  return (
    <output id="count" key={count} className={count === null ? "count unknown" : "count"}>
      credit inquiries on record: <b>{count ?? "–"}</b>
    </output>
  );
}

function Clock() {
  const { clock, busy } = useSession();
  return (
    <span className="clock">
      <time id="business-date" title={`${clock.offsetDays} days ahead of the real date`}>
        {clock.businessDate}
      </time>
      {STEPS_OF_DAYS.map((days) => (
        <button key={days} type="button" disabled={!!busy} onClick={() => advanceClock(days)}>
          {days === 1 ? "+1 day" : `+${days} days`}
        </button>
      ))}
    </span>
  );
}

function Language() {
  const { language } = useSession();
  return (
    <span className="language" role="group" aria-label="Language of the answers">
      {LANGUAGES.map(([code, name]) => (
        <button
          key={code}
          type="button"
          aria-pressed={code === language}
          onClick={() => change({ language: code })}
        >
          {name}
        </button>
      ))}
    </span>
  );
}
