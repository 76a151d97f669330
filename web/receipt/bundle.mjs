// Files of receipts: what one inquiry left in the log, and whether several files leave an inquiry out.
// The Python twin is app/domain/proof/bundle.py: the same steps in the same order, refusing with the same words.

import { canonical, parseCanonical } from './jcs.mjs'
import { RECEIPT_BYTES_MAX, verifyReceipt } from './receipt.mjs'
import { bytesOf, malformed, textOf, toHex, Unproven } from './strict.mjs'

export { Unproven }

const SCHEMA = 'clearline-receipts/1'
const RECEIPTS_MAX = 64
const INTENT = 'INQUIRY_INTENT'
const OUTCOME = 'INQUIRY_OUTCOME'

/**
 * Check the bytes of a file: one receipt, or those of one inquiry, an intent and the outcomes that point back at it.
 *
 * @returns what each receipt proves, as `verifyReceipt` tells it
 * @throws {Unproven} as `verifyReceipt`; FOREIGN when the receipts of the file do not belong together
 */
export async function verifyFile(bytes, trusted) {
  if (bytes.length > RECEIPT_BYTES_MAX) throw malformed(`a receipt has at most ${RECEIPT_BYTES_MAX} bytes`)
  const told = parseCanonical(textOf(bytes, 'the receipt'))
  if (!isBundle(told)) return [await verifyReceipt(bytes, trusted)]
  if (told.receipts.length < 1 || told.receipts.length > RECEIPTS_MAX) {
    throw malformed(`a file holds 1 to ${RECEIPTS_MAX} receipts`)
  }
  const proven = []
  for (const part of told.receipts) proven.push(await verifyReceipt(bytesOf(canonical(part)), trusted))
  checkOneInquiry(proven)
  return proven
}

/**
 * The inquiries in the files, as the inquiries of one person; which numbers are missing, and which outcomes.
 * What cannot be seen is whether more came after the last.
 *
 * @param files what `verifyFile` told of each
 * @returns `{ numbers, gaps: [{ first, last, namedBy, commitment }], before, unanswered, unannounced }`: `before` is like a
 *   gap, or null: the inquiries before the first one here, which it names; `unanswered` are the numbers without an outcome,
 *   `unannounced` the places in the log of outcomes without their intent
 * @throws {Unproven} FOREIGN when two cannot be of the same person, or an outcome points at another intent
 */
export function chained(files) {
  const all = files.flat()
  const found = new Map()
  for (const proven of all) {
    if (proven.kind === INTENT) found.set(toHex(proven.committed), intentOf(proven))
  }
  const intents = [...found.values()].sort((one, other) => one.number - other.number)
  checkOutcomes(all, intents)
  checkPerson(intents)
  const outcomes = all.filter((one) => one.kind === OUTCOME)
  const alone = outcomes.filter((outcome) => !intents.some((one) => answers(outcome, one.proven)))
  const unanswered = intents.filter((one) => !outcomes.some((outcome) => answers(outcome, one.proven)))
  return {
    numbers: intents.map((one) => one.number),
    gaps: intents.slice(1).map((later, at) => gapBetween(intents[at].number, later)).filter(Boolean),
    before: intents.length ? gapBetween(0, intents[0]) : null,
    unanswered: unanswered.map((one) => one.number),
    unannounced: [...new Set(alone.map((outcome) => outcome.index))].sort((one, other) => (one < other ? -1 : 1)),
  }
}

const isBundle = (told) =>
  told !== null &&
  typeof told === 'object' &&
  Object.keys(told).sort().join() === 'receipts,schema' &&
  told.schema === SCHEMA &&
  Array.isArray(told.receipts)

function checkOneInquiry([intent, ...outcomes]) {
  const rising = outcomes.every((outcome, at) => (at ? outcomes[at - 1] : intent).index < outcome.index)
  if (intent.kind !== INTENT || !rising) {
    throw foreign('a file begins with an intent, and its outcomes follow in the order of the log')
  }
  if (!outcomes.every((outcome) => answers(outcome, intent))) {
    throw foreign('an outcome in the file is that of another inquiry')
  }
}

const answers = (outcome, intent) =>
  outcome.kind === OUTCOME &&
  outcome.checkpoint.origin === intent.checkpoint.origin &&
  outcome.previous === intent.index &&
  outcome.record.inquiry === intent.record.inquiry

function intentOf(proven) {
  const { number, previous = null, first = null } = proven.record
  const isHash = (text) => text === null || (typeof text === 'string' && /^[0-9a-f]{64}$/.test(text))
  const linked = number > 1 === (previous !== null)
  if (!Number.isSafeInteger(number) || number < 1 || !linked || !isHash(previous) || !isHash(first)) {
    throw malformed('an intent does not say its number and the one before it')
  }
  return { number, committed: toHex(proven.committed), previous, first, origin: proven.checkpoint.origin, proven }
}

function checkOutcomes(all, intents) {
  for (const proven of all) {
    if (proven.kind !== OUTCOME) continue
    const known = intents.filter(
      (intent) =>
        intent.proven.record.inquiry === proven.record.inquiry ||
        (intent.origin === proven.checkpoint.origin && intent.proven.index === proven.previous),
    )
    if (!known.every((intent) => answers(proven, intent.proven))) {
      throw foreign('an outcome points at another inquiry than it names')
    }
  }
}

function checkPerson(intents) {
  for (let at = 1; at < intents.length; at += 1) {
    const [earlier, later] = [intents[at - 1], intents[at]]
    if (earlier.number === later.number) throw foreign(`there are two inquiries with the number ${later.number}`)
    if (later.number === earlier.number + 1 && later.previous !== earlier.committed) {
      throw foreign(`number ${later.number} does not follow the number ${earlier.number} that is here`)
    }
    if (earlier.origin === later.origin && earlier.proven.index >= later.proven.index) {
      throw foreign(`number ${later.number} stands in the log before number ${earlier.number}`)
    }
  }
  const beginnings = new Set(intents.filter((one) => one.number === 1).map((one) => one.committed))
  for (const { first } of intents) if (first !== null) beginnings.add(first)
  if (beginnings.size > 1) throw foreign('the inquiries do not go back to the same first one, so they are not of one person')
}

function gapBetween(number, later) {
  if (later.number === number + 1 || later.previous === null) return null
  return { first: number + 1, last: later.number - 1, namedBy: later.number, commitment: later.previous }
}

const foreign = (told) => new Unproven('FOREIGN', told)
