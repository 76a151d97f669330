// What a verifier refuses, and the strict readers that every format of the log shares. Nothing here but the language
// itself and WebCrypto: no package, no network. The Python twin is app/domain/proof/strict.py.

export const HASH_BYTES = 32
export const SIZE_MAX = 2n ** 63n - 1n // sizes, indices and times are BigInt: signed 64 bits

export class Unproven extends Error {
  constructor(fault, told) {
    super(`${fault}: ${told}`)
    this.fault = fault
    this.told = told
  }
}

export const malformed = (told) => new Unproven('MALFORMED', told)

const utf8 = new TextEncoder()
export const bytesOf = (text) => utf8.encode(text)

/** A whole number from 0 to `most` in ASCII digits: no sign, no leading zero, nothing around it. */
export function decimal(text, what, most = SIZE_MAX) {
  const number = /^(?:0|[1-9][0-9]{0,18})$/.test(text) ? BigInt(text) : most + 1n
  if (number > most) throw malformed(`${what} is not a decimal number up to ${most}`)
  return number
}

/** The bytes of standard, padded, canonical base64, `length` of them if that is told. */
export function base64Bytes(text, what, length) {
  let found
  try {
    found = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
  } catch {
    throw malformed(`${what} is not base64`)
  }
  if (toBase64(found) !== text) throw malformed(`${what} is not canonical base64`)
  if (length !== undefined && found.length !== length) throw malformed(`${what} has ${found.length} bytes, not ${length}`)
  return found
}

export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Text of at most `most` bytes without control characters other than the newline, ending in one. */
export function checkText(text, what, most) {
  if (bytesOf(text).length > most) throw malformed(`${what} is longer than ${most} bytes`)
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw malformed(`${what} holds a control character`)
  if (!text.endsWith('\n')) throw malformed(`${what} does not end in a newline`)
  return text
}

/** Bytes as UTF-8, with no mercy for what is not. */
export function textOf(bytes, what) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw malformed(`${what} is not UTF-8`)
  }
}

/** The text before the first (or with `last`, the last) `mark`, and the text after it; null when there is none. */
export function cut(text, mark, last = false) {
  const at = last ? text.lastIndexOf(mark) : text.indexOf(mark)
  return at < 0 ? null : [text.slice(0, at), text.slice(at + mark.length)]
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export const equal = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at])

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
