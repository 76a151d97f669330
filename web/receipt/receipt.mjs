// Receipts: one file that proves, offline, that a record stood in the log before a quorum of witnesses.
// The Python twin is app/domain/proof/receipt.py: the same steps in the same order, refusing with the same words.

import { canonical, parseCanonical } from './jcs.mjs'
import { leafHash, verifyInclusion } from './merkle.mjs'
import { bare, judge, parsePolicy } from './policy.mjs'
import { parseProof } from './proof.mjs'
import { base64Bytes, bytesOf, concat, malformed, textOf, Unproven } from './strict.mjs'

export { Unproven }

const SCHEMA = 'clearline-receipt/1'
export const RECEIPT_BYTES_MAX = 256 * 1024
const SALT_BYTES = 32
const VERSION = 1
const NO_INDEX = 2n ** 64n - 1n
const MEMBERS = 'class,policy,previousIndex,proof,record,salt,schema'

/** What a record tells, by the number in its leaf. Numbers are for ever. */
export const CLASSES = {
  1: 'CONSENT_GIVEN',
  2: 'CONSENT_WITHDRAWN',
  3: 'PERMIT_ISSUED',
  4: 'INQUIRY_INTENT',
  5: 'INQUIRY_OUTCOME',
  6: 'DECISION',
  7: 'LIMIT_CHANGE',
  8: 'FREEZE',
  9: 'REPORT_ERASED',
  10: 'CONSENT_REFUSED',
  11: 'RELEASE',
  12: 'RECONCILIATION',
}

/**
 * Check the bytes of a receipt against the texts of policies that the holder trusts.
 *
 * 1. The file is a receipt in canonical form, so that no byte of it is free.
 * 2. Its policy is, sign for sign, one that the holder trusts, or such a one without addresses and remarks.
 * 3. Its checkpoint is signed by a log and a quorum of that policy, and carries no other line.
 * 4. Record and salt give the commitment; class, previous index and commitment give the leaf.
 * 5. The leaf stands at the index, under the root of the checkpoint.
 *
 * @throws {Unproven} with the fault of the first step that does not hold
 */
export async function verifyReceipt(bytes, trusted) {
  const receipt = parseReceipt(bytes) // 1
  if (!trusted.includes(receipt.policy) && !trusted.map(bare).includes(receipt.policy)) {
    throw new Unproven('POLICY_UNKNOWN', 'the receipt names a policy that is not among those given') // 2
  }
  const { checkpoint, witnessed, beside } = await judge(await parsePolicy(receipt.policy), receipt.proof.checkpoint) // 3
  if (beside.length) {
    throw new Unproven('SIGNATURE_UNKNOWN', 'a signature line that the policy does not know, or a second one')
  }
  const committed = await commitment(receipt.salt, canonical(receipt.record))
  const leaf = leafOf(receipt, committed) // 4
  const { index, hashes } = receipt.proof
  await verifyInclusion(index, checkpoint.size, await leafHash(leaf), hashes, checkpoint.root) // 5
  const { record, previous } = receipt
  return { record, kind: CLASSES[receipt.number], index, previous, committed, checkpoint, witnessed }
}

function parseReceipt(bytes) {
  if (bytes.length > RECEIPT_BYTES_MAX) throw malformed(`a receipt has at most ${RECEIPT_BYTES_MAX} bytes`)
  const told = parseCanonical(textOf(bytes, 'the receipt'))
  if (!isReceipt(told)) throw malformed(`not a receipt of the schema ${SCHEMA}`)
  const proof = parseProof(told.proof)
  if (proof.extra) throw malformed('the proof of a receipt has no extra data')
  const previous = told.previousIndex === null ? null : BigInt(told.previousIndex)
  if (previous !== null && !(0n <= previous && previous < proof.index)) {
    throw malformed('the step before a record stands before it in the log')
  }
  if (!Object.values(told.record).every(isScalar)) throw malformed('a record holds texts, integers, truth values and null')
  if (!Object.hasOwn(told.record, 'class') || told.record.class !== CLASSES[told.class]) {
    throw malformed('the record says that it is of another class')
  }
  const salt = base64Bytes(told.salt, 'the salt', SALT_BYTES)
  return { number: told.class, record: told.record, salt, previous, proof, policy: told.policy }
}

function isReceipt(told) {
  const plain = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)
  return (
    plain(told) &&
    Object.keys(told).sort().join() === MEMBERS &&
    told.schema === SCHEMA &&
    Object.hasOwn(CLASSES, told.class) &&
    typeof told.class === 'number' &&
    plain(told.record) &&
    (told.previousIndex === null || Number.isSafeInteger(told.previousIndex)) &&
    [told.salt, told.proof, told.policy].every((member) => typeof member === 'string')
  )
}

const isScalar = (value) => value === null || ['string', 'boolean'].includes(typeof value) || Number.isSafeInteger(value)

async function commitment(salt, recordText) {
  const key = await crypto.subtle.importKey('raw', salt, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, bytesOf(`clearline/record/v1\0${recordText}`)))
}

/** The leaf: version, class, index of the step before (all ones when there is none), commitment. 42 bytes. */
function leafOf({ number, previous }, committed) {
  const index = new DataView(new ArrayBuffer(8))
  index.setBigUint64(0, previous ?? NO_INDEX)
  return concat([VERSION, number], new Uint8Array(index.buffer), committed)
}
