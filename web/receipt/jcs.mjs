// Canonical JSON (RFC 8785): one text for each value, and a reader that takes that text alone.

import { malformed } from './strict.mjs'

const DEPTH_MAX = 32

/** The canonical text of a value. Numbers and texts are written as ECMAScript writes them: so RFC 8785 has it. */
export function canonical(value, depth = 0) {
  if (depth > DEPTH_MAX) throw malformed(`the JSON is deeper than ${DEPTH_MAX}`)
  if (typeof value === 'number' && !Number.isFinite(value)) throw malformed('a number is not finite')
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw malformed('a text holds half a character')
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`
  // The default order of sort() is that of UTF-16 code units, which is the one wanted.
  const members = Object.keys(value).sort()
  return `{${members.map((name) => `${canonical(name)}:${canonical(value[name], depth + 1)}`).join(',')}}`
}

/** Read JSON that is canonical already, sign for sign. So no member stands twice, and no number is read in two ways. */
export function parseCanonical(text) {
  let value
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed('not JSON')
  }
  if (canonical(value) !== text) throw malformed('the JSON is not canonical')
  return value
}
