// The tree of RFC 6962: hashes, and proofs of inclusion and of consistency, verified.

import { concat, equal, HASH_BYTES, malformed, sha256, SIZE_MAX, Unproven } from './strict.mjs'

export const PROOF_HASHES_MAX = 63
export const emptyRoot = () => sha256(new Uint8Array())
export const leafHash = (entry) => sha256(concat([0], entry))
export const nodeHash = (left, right) => sha256(concat([1], left, right))

/** Check that the hash `leaf` stands at `index` in the tree of `size` leaves with this root. */
export async function verifyInclusion(index, size, leaf, proof, root) {
  checkHashes(leaf, root, ...proof)
  if (!(0n <= index && index < size && size <= SIZE_MAX)) throw wrong(`no leaf ${index} in a tree of ${size}`)
  let [reckoned, place, last] = [leaf, index, size - 1n]
  for (const sibling of proof) {
    if (last === 0n) throw wrong('the inclusion proof is too long')
    if (place & 1n || place === last) {
      reckoned = await nodeHash(sibling, reckoned)
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n]
    } else {
      reckoned = await nodeHash(reckoned, sibling)
    }
    ;[place, last] = [place >> 1n, last >> 1n]
  }
  if (last) throw wrong('the inclusion proof is too short')
  if (!equal(reckoned, root)) throw wrong('the inclusion proof leads to another root')
}

/** Check that the tree of `size` leaves begins with the tree of `old` leaves. */
export async function verifyConsistency(old, size, proof, oldRoot, newRoot) {
  checkHashes(oldRoot, newRoot, ...proof)
  if (!(0n <= old && old <= size && size <= SIZE_MAX)) throw wrong(`a tree of ${size} does not follow one of ${old}`)
  if (old === 0n || old === size) return checkTrivial(old, size, proof, oldRoot, newRoot)
  const hashes = old & (old - 1n) ? [...proof] : [oldRoot, ...proof]
  if (!hashes.length) throw wrong('the consistency proof is empty')
  let [place, last] = [old - 1n, size - 1n]
  while (place & 1n) [place, last] = [place >> 1n, last >> 1n]
  let [first, second] = [hashes[0], hashes[0]]
  for (const sibling of hashes.slice(1)) {
    if (last === 0n) throw wrong('the consistency proof is too long')
    if (place & 1n || place === last) {
      ;[first, second] = [await nodeHash(sibling, first), await nodeHash(sibling, second)]
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n]
    } else {
      second = await nodeHash(second, sibling)
    }
    ;[place, last] = [place >> 1n, last >> 1n]
  }
  if (last) throw wrong('the consistency proof is too short')
  if (!equal(first, oldRoot) || !equal(second, newRoot)) throw wrong('the consistency proof leads to other roots')
}

async function checkTrivial(old, size, proof, oldRoot, newRoot) {
  if (proof.length) throw wrong('nothing is to be proven, yet there is a proof')
  if (old === 0n && !equal(oldRoot, await emptyRoot())) throw wrong('the old tree is empty, its root is not')
  if (old === size && !equal(oldRoot, newRoot)) throw wrong('two roots for one size')
}

function checkHashes(...hashes) {
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) throw malformed(`a hash has ${HASH_BYTES} bytes`)
}

const wrong = (told) => new Unproven('PROOF_WRONG', told)
