// Signed notes (C2SP signed-note), their keys, and cosignatures (C2SP tlog-cosignature, Ed25519 v1).

import { base64Bytes, bytesOf, checkText, concat, cut, equal, malformed, sha256, SIZE_MAX, toHex, Unproven } from './strict.mjs'

export const ED25519 = 1
export const COSIGNATURE = 4
export const ML_DSA_44 = 6 // known by its form alone: browsers cannot verify it yet
const PUBLIC_BYTES = { [ED25519]: 32, [COSIGNATURE]: 32, [ML_DSA_44]: 1312 }
export const NOTE_BYTES_MAX = 512 * 1024
export const SIGNATURES_MAX = 100
const ID_BYTES = 4
const TIME_BYTES = 8
const SIGNATURE_BYTES = 64
const DASH = '— '
// A plus, and the spaces of Unicode, written out: two languages' own ideas of a space differ.
const UNFIT = /[+\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]|\p{Surrogate}/u

/** Whether a signature holds. An engine without Ed25519 is told as that: a receipt is not bad because a browser is old. */
export async function verifyEd25519(publicBytes, message, signature) {
  try {
    const key = await crypto.subtle.importKey('raw', publicBytes, 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', key, signature, message)
  } catch (trouble) {
    if (trouble.name === 'NotSupportedError') throw trouble
    return false
  }
}

export function checkName(name) {
  if (!name || UNFIT.test(name) || /[\u0000-\u001f]/.test(name)) {
    throw malformed("a key's name is empty, or holds a space or a plus")
  }
  return name
}

export const keyId = async (name, kind, publicBytes) =>
  (await sha256(concat(bytesOf(`${name}\n`), [kind], publicBytes))).slice(0, ID_BYTES)

/** A public key with the name and the manner that it signs in: `{ name, kind, publicBytes, id }`, out of a vkey. */
export async function parseKey(vkey) {
  const [, name, toldId, encoded] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(vkey) ?? []
  if (encoded === undefined) throw malformed('a key is a name, an id of eight hexadecimal digits, and base64')
  checkName(name)
  const [kind, ...rest] = base64Bytes(encoded, 'a key')
  if (!(kind in PUBLIC_BYTES)) throw malformed('a key of an unknown kind')
  if (rest.length !== PUBLIC_BYTES[kind]) throw malformed(`a key of this kind has ${PUBLIC_BYTES[kind]} bytes`)
  const key = await keyOf(name, kind, Uint8Array.from(rest))
  if (toHex(key.id) !== toldId) throw malformed('the id of a key is not that of its name and bytes')
  return key
}

export const keyOf = async (name, kind, publicBytes) => ({ name, kind, publicBytes, id: await keyId(name, kind, publicBytes) })

function parseLine(line) {
  const parts = line.startsWith(DASH) ? cut(line.slice(DASH.length), ' ') : null
  if (!parts) throw malformed('not a signature line')
  const signed = base64Bytes(parts[1], 'a signature')
  if (signed.length <= ID_BYTES) throw malformed('a signature is too short')
  return { name: checkName(parts[0]), id: signed.slice(0, ID_BYTES), signature: signed.slice(ID_BYTES), line }
}

/** Read a note: `{ text, lines }`. Nothing of it is believed yet. */
export function parseNote(note) {
  checkText(note, 'the note', NOTE_BYTES_MAX)
  const parts = cut(note, '\n\n', true)
  const lines = parts ? parts[1].split('\n').slice(0, -1) : []
  if (!lines.length) throw malformed('the note has no signature lines')
  if (lines.length > SIGNATURES_MAX) throw malformed(`a note has at most ${SIGNATURES_MAX} signatures`)
  return { text: `${parts[0]}\n`, lines: lines.map(parseLine) }
}

/** Read a note and verify every line of a known key: `{ text, verified: Map(key → line), unknown, repeated }`. */
export async function openNote(note, keys) {
  const { text, lines } = parseNote(note)
  const [verified, unknown, repeated] = [new Map(), [], []]
  for (const line of lines) {
    const known = keys.filter((key) => key.kind !== ML_DSA_44 && key.name === line.name && equal(key.id, line.id))
    if (known.length > 1) throw new Unproven('KEY_AMBIGUOUS', `two keys answer to ${line.name}`)
    if (!known.length) {
      ;(unknown.some((other) => other.line === line.line) ? repeated : unknown).push(line)
      continue
    }
    if (!(await isSigned(known[0], line.signature, text))) {
      throw new Unproven('SIGNATURE_WRONG', `the signature of ${line.name} is wrong`)
    }
    if (verified.has(known[0])) repeated.push(line)
    else verified.set(known[0], line)
  }
  if (!verified.size) throw new Unproven('SIGNATURE_MISSING', 'no known key has signed')
  return { text, verified, unknown, repeated }
}

async function isSigned(key, signature, text) {
  if (key.kind === ED25519) return verifyEd25519(key.publicBytes, bytesOf(text), signature)
  const { seconds, bare } = cosignatureParts(signature)
  return verifyEd25519(key.publicBytes, cosignedMessage(seconds, text), bare)
}

/** What a witness says in its signature: the time (seconds since 1970), and the Ed25519 signature itself. */
export function cosignatureParts(signature) {
  if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) throw malformed('a cosignature has 72 bytes')
  const seconds = BigInt(`0x${toHex(signature.slice(0, TIME_BYTES))}`)
  if (seconds === 0n || seconds > SIZE_MAX) throw malformed('a cosignature tells no time')
  return { seconds, bare: signature.slice(TIME_BYTES) }
}

export const cosignedMessage = (seconds, text) => bytesOf(`cosignature/v1\ntime ${seconds}\n${text}`)
