// Receipts, good and bad, judged by the receipt's verifier: for each, the fault, or null when it holds.

import { chained, verifyFile } from '../../../web/receipt/bundle.mjs'
import { Unproven, verifyReceipt } from '../../../web/receipt/receipt.mjs'

const AT_ONCE = 64
const unbase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))

async function faultOf(bytes, trusted) {
  try {
    await verifyReceipt(bytes, trusted)
  } catch (refused) {
    if (refused instanceof Unproven) return refused.fault
    throw refused
  }
  return null
}

/** The fault of each of many receipts: `[{ receipt, trusted }]`. */
export async function faults(cases) {
  const found = []
  for (const { receipt, trusted } of cases) found.push(await faultOf(unbase64(receipt), trusted))
  return found
}

/** What several files come to, each `{ files, trusted }`: the fault, or all that is told of them. */
export async function chains(cases) {
  const found = []
  for (const { files, trusted } of cases) {
    try {
      const proven = []
      for (const file of files) proven.push(await verifyFile(unbase64(file), trusted))
      const { numbers, gaps, before, unanswered, unannounced } = chained(proven)
      found.push([numbers, gaps.map(gapTold), before && gapTold(before), unanswered, unannounced.map(Number)])
    } catch (refused) {
      if (!(refused instanceof Unproven)) throw refused
      found.push(refused.fault)
    }
  }
  return found
}

const gapTold = ({ first, last, namedBy, commitment }) => [first, last, namedBy, commitment]

/** The faults of one receipt with each of its bits flipped in turn, then cut off, shortened and lengthened at each byte. */
export async function mutations({ receipt, trusted }) {
  const good = unbase64(receipt)
  const flipped = Array.from({ length: good.length * 8 }, (_, position) => {
    return () => good.map((byte, at) => (at === position >> 3 ? byte ^ (1 << (position & 7)) : byte))
  })
  const edited = Array.from(good, (_, at) => [
    () => good.slice(0, at),
    () => Uint8Array.from([...good.slice(0, at), ...good.slice(at + 1)]),
    () => Uint8Array.from([...good.slice(0, at), 32, ...good.slice(at)]),
  ]).flat()
  return { flipped: await each(flipped, trusted), edited: await each(edited, trusted) }
}

/** The faults of many, some at once: WebCrypto works beside the thread that asks it. */
async function each(makers, trusted) {
  const found = []
  for (let at = 0; at < makers.length; at += AT_ONCE) {
    found.push(...(await Promise.all(makers.slice(at, at + AT_ONCE).map((make) => faultOf(make(), trusted)))))
  }
  return found
}

/** What becomes of a good receipt in an engine that has no Ed25519. */
export async function withoutEd25519({ receipt, trusted }) {
  const importKey = crypto.subtle.importKey
  crypto.subtle.importKey = function (format, data, algorithm, ...rest) {
    if (algorithm === 'Ed25519') return Promise.reject(new DOMException('unknown', 'NotSupportedError'))
    return importKey.call(this, format, data, algorithm, ...rest)
  }
  try {
    return await faultOf(unbase64(receipt), trusted)
  } catch (trouble) {
    return trouble.name
  } finally {
    crypto.subtle.importKey = importKey
  }
}

/** What a receipt that holds tells, and how many milliseconds one check takes. */
export async function told({ receipt, trusted }) {
  const bytes = unbase64(receipt)
  const { record, kind, index, checkpoint, witnessed } = await verifyReceipt(bytes, trusted)
  const rounds = 200
  const start = performance.now()
  for (let round = 0; round < rounds; round += 1) await verifyReceipt(bytes, trusted)
  const milliseconds = (performance.now() - start) / rounds
  const seen = Object.fromEntries([...witnessed].map(([name, seconds]) => [name, Number(seconds)]))
  return { record, kind, index: Number(index), size: Number(checkpoint.size), origin: checkpoint.origin, seen, milliseconds }
}
