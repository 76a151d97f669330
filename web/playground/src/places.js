// Places in a step's variables: {{name}} is carried from an earlier answer, {{uuid:label}} is a fresh key,
// {{now}} is the present moment of the server's business clock.

const PLACE = /\{\{(\w+)(?::(\w+))?\}\}/g;

/** The value at a dotted path, list positions included; undefined where there is none. */
export function at(data, path) {
  return path.split(".").reduce((found, part) => found?.[part], data);
}

/** A step's variables as text for the editor. */
export function asText(variables) {
  return Object.keys(variables).length ? JSON.stringify(variables, null, 2) : "";
}

/** The names of carried values that the text still waits for. */
export function lacking(text) {
  const names = [...text.matchAll(PLACE)].filter(([, , label]) => label === undefined).map(([, name]) => name);
  return [...new Set(names)].filter((name) => name !== "now");
}

/** The text with every place filled that can be; `now` only together with the last of them. */
export function fill(text, { carried, key, now }) {
  const filled = text.replace(PLACE, (place, name, label) => {
    if (name === "uuid") return key(label);
    return name in carried ? JSON.stringify(String(carried[name])).slice(1, -1) : place;
  });
  return lacking(filled).length ? filled : filled.replaceAll("{{now}}", now);
}

/** The template's variables with the values that were typed kept wherever the template has no place. */
export function keepTyped(template, typed) {
  if (typeof template === "string") return template.includes("{{") ? template : (typed ?? template);
  if (template === null || typeof template !== "object") return typed ?? template;
  if (typed === null || typeof typed !== "object") return template;
  if (Array.isArray(template)) return typed;
  const kept = { ...typed };
  for (const [name, value] of Object.entries(template)) kept[name] = keepTyped(value, typed[name]);
  return kept;
}

/** A random UUID (version 4); unlike the browser's own it needs no secure context. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
