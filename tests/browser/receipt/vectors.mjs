// The published vectors, run by the receipt's verifier in whatever JavaScript engine has loaded this. `load` gives a
// file by its name; the answer is, for each file, how many cases there were and which of them went wrong.

import { parseCheckpoint } from '../../../web/receipt/checkpoint.mjs'
import { canonical, parseCanonical } from '../../../web/receipt/jcs.mjs'
import { emptyRoot, leafHash, nodeHash, verifyConsistency, verifyInclusion } from '../../../web/receipt/merkle.mjs'
import { cosignatureParts, cosignedMessage, keyId, openNote, parseKey, verifyEd25519 } from '../../../web/receipt/note.mjs'
import { isReached, parsePolicy } from '../../../web/receipt/policy.mjs'
import { parseProof } from '../../../web/receipt/proof.mjs'
import * as strict from '../../../web/receipt/strict.mjs'

const { Unproven, bytesOf, concat, equal, sha256, textOf, toBase64, toHex } = strict
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const unbase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))

async function refuses(act) {
  try {
    await act()
  } catch (refused) {
    if (refused instanceof Unproven) return true
    throw refused
  }
  return false
}

const reads = async (act) => !(await refuses(act))

const FILES = {
  rfc6962_roots: roots,
  rfc6962_inclusion: inclusion,
  rfc6962_consistency: consistency,
  rfc6962_accumulated_derived: accumulated,
  signed_note: notes,
  checkpoint: checkpoints,
  cosignature: cosignatures,
  cosignature_mldsa44_derived: postQuantum,
  tlog_proof: proofs,
  tlog_policy: policies,
  jcs_rfc8785: json,
  'wycheproof/ed25519_test': ed25519,
}

export async function run(load) {
  const told = {}
  for (const [name, tries] of Object.entries(FILES)) {
    const tally = { total: 0, failed: [] }
    await tries(await load(name), (id, holds) => {
      tally.total += 1
      if (!holds) tally.failed.push(String(id).slice(0, 200))
    })
    told[name] = tally
  }
  return told
}

// ---- trees: the verifier makes no proofs, so the naive tree stands here ---------------------------------------------

function naive(leaves) {
  const known = new Map()
  const root = (start, end) => {
    const name = `${start},${end}`
    if (!known.has(name)) known.set(name, end - start > 1 ? joined(start, end) : end > start ? leaves[start] : emptyRoot())
    return known.get(name)
  }
  const joined = async (start, end) => nodeHash(await root(start, split(start, end)), await root(split(start, end), end))
  const split = (start, end) => {
    let width = 1
    while (width * 2 < end - start) width *= 2
    return start + width
  }
  async function path(index, start, end) {
    if (end - start <= 1) return []
    const middle = split(start, end)
    if (index < middle) return [...(await path(index, start, middle)), await root(middle, end)]
    return [...(await path(index, middle, end)), await root(start, middle)]
  }
  async function consistent(old, start, end, whole) {
    if (old === end) return whole ? [] : [await root(start, end)]
    const middle = split(start, end)
    if (old <= middle) return [...(await consistent(old, start, middle, whole)), await root(middle, end)]
    return [...(await consistent(old, middle, end, false)), await root(start, middle)]
  }
  return { root: (size) => root(0, size), path: (index, size) => path(index, 0, size), consistent: (old, size) => consistent(old, 0, size, true) }
}

async function roots(told, check) {
  const leaves = await Promise.all(told.leaf_inputs.map((entry) => leafHash(unhex(entry))))
  let row = leaves
  for (const [level, wanted] of told.node_hashes_by_level.entries()) {
    wanted.forEach((value, at) => check(`node ${level} ${at}`, toHex(row[at]) === value))
    row = await Promise.all(row.filter((_, at) => at % 2).map((right, at) => nodeHash(row[2 * at], right)))
  }
  for (const [size, value] of told.root_by_size.entries()) check(`root ${size}`, toHex(await naive(leaves).root(size)) === value)
}

async function inclusion(told, check) {
  for (const { id, index, size, leaf_hash: leaf, root, proof, valid, dont_care_roots: lenient } of told.cases) {
    const judge = () => verifyInclusion(BigInt(index), BigInt(size), unhex(leaf), proof.map(unhex), unhex(root))
    check(id, (await reads(judge)) === (valid && !lenient))
  }
}

async function consistency(told, check) {
  for (const { id, size1, size2, root1, root2, proof, valid, dont_care_roots: lenient } of told.cases) {
    const judge = () => verifyConsistency(BigInt(size1), BigInt(size2), proof.map(unhex), unhex(root1), unhex(root2))
    check(id, (await reads(judge)) === (valid && !lenient))
  }
}

async function accumulated(told, check) {
  const leaves = await Promise.all(Array.from({ length: told.leaves }, (_, at) => leafHash([at])))
  const tree = naive(leaves)
  const lines = { roots: [], inclusion: [], consistency: [] }
  for (let size = 0; size <= told.leaves; size += 1) {
    const root = await tree.root(size)
    lines.roots.push(`${size} ${toHex(root)}`)
    for (let index = 0; index < size; index += 1) {
      const proof = await tree.path(index, size)
      if (index % 7 === 0) await verifyInclusion(BigInt(index), BigInt(size), leaves[index], proof, root)
      lines.inclusion.push([index, size, ...proof.map(toHex)].join(' '))
    }
    for (let old = 1; old <= size; old += 1) {
      const proof = await tree.consistent(old, size)
      if (old % 7 === 0) await verifyConsistency(BigInt(old), BigInt(size), proof, await tree.root(old), root)
      lines.consistency.push([old, size, ...proof.map(toHex)].join(' '))
    }
  }
  for (const [kind, said] of Object.entries(lines)) {
    const digest = await sha256(bytesOf(said.map((line) => `${line}\n`).join('')))
    check(kind, toHex(digest) === told[kind].sha256)
  }
}

// ---- what is signed ----------------------------------------------------------------------------------------------------

async function sign(seed, message) {
  const pkcs8 = concat(unhex('302e020100300506032b657004220420'), seed)
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('Ed25519', key, message))
}

const line = (name, id, signature) => `— ${name} ${toBase64(concat(id, signature))}\n`

async function notes(told, check) {
  const [{ skey, text, note_base64: signed }] = told.sign
  const encoded = skey.split('+').slice(4).join('+')
  const known = await parseKey(told.vkeys[0].vkey)
  const signature = await sign(unbase64(encoded).slice(1), bytesOf(text))
  check('sign', `${text}\n${line(known.name, known.id, signature)}` === textOf(unbase64(signed), 'note'))
  for (const { text: body, signer_name: name = known.name, why } of told.sign_must_refuse) {
    const made = `${body}\n${line(name, await keyId(name, 1, known.publicBytes), await sign(unbase64(encoded).slice(1), bytesOf(body)))}`
    check(why, await refuses(() => openNote(made, [{ ...known, name }])))
  }
  for (const { vkey, valid } of told.vkeys) check(vkey, (await reads(() => parseKey(vkey))) === valid)
  for (const mutated of mutations(told.vkeys[0].vkey)) check(mutated, await refuses(() => parseKey(mutated)))
  for (const wanted of told.open) check(wanted.id, await opensAsTold(wanted))
}

function mutations(vkey) {
  const found = new Set()
  for (let start = 0; start < vkey.length; start += 1) {
    for (let end = start; end <= vkey.length; end += 1) found.add(vkey.slice(start, end))
    found.add(vkey.slice(0, start) + String.fromCharCode(vkey.charCodeAt(start) + 1) + vkey.slice(start + 1))
  }
  found.delete(vkey)
  return found
}

async function opensAsTold({ keys, note_base64: note, valid, verified, unverified }) {
  const known = await Promise.all(keys.map(parseKey))
  let found
  if (await refuses(async () => (found = await openNote(textOf(unbase64(note), 'note'), known)))) return !valid
  const names = [[...found.verified.keys()].map((key) => key.name), found.unknown.map((other) => other.name)]
  return valid && JSON.stringify(names) === JSON.stringify([verified, unverified])
}

async function checkpoints(told, check) {
  for (const { id, body, valid, lenient_only: lenient } of told.parse) {
    check(id, (await reads(() => parseCheckpoint(body))) === (valid && !lenient))
  }
  for (const { id, note, vkey } of told.signed) {
    const { text } = await openNote(note, [await parseKey(vkey)])
    check(id, (await parseCheckpoint(text)).size === BigInt(text.split('\n')[1]))
  }
  const { good, bad, root_is_leaf_hash_of: entry } = told.sumdb_tree_format
  const { origin, root } = await parseCheckpoint(good)
  check('sumdb', equal(root, await leafHash(bytesOf(entry))))
  check('sumdb origin', (await parseCheckpoint(bad[0])).origin !== origin) // origins are the policy's affair
  for (const body of bad.slice(1)) check(body, await refuses(() => parseCheckpoint(body)))
  await sigsum(told.sigsum, check)
}

async function sigsum({ note, private_seed_hex: seed, mutations_must_fail: wanted }, check) {
  const [name, size, root, , signed] = note.split('\n')
  const text = `${name}\n${size}\n${root}\n`
  const whole = unbase64(signed.split(' ')[2])
  const [id, signature] = [whole.slice(0, 4), whole.slice(4)]
  check('sigsum', equal(await sign(unhex(seed), bytesOf(text)), signature))
  const key = { name, kind: 1, publicBytes: await publicOf(seed), id }
  check('sigsum key', equal(await keyId(name, 1, key.publicBytes), id) && (await reads(() => openNote(note, [key]))))
  const flipped = (bytes, at) => bytes.map((byte, here) => (here === at ? byte ^ 1 : byte))
  const mutated = {
    "origin+='x'": `${name}x\n${size}\n${root}\n\n${signed}\n`,
    'key id byte 2 ^= 1': `${text}\n${line(name, flipped(id, 2), signature)}`,
    'size += 1': `${name}\n${Number(size) + 1}\n${root}\n\n${signed}\n`,
    'root byte 3 ^= 1': `${name}\n${size}\n${toBase64(flipped(unbase64(root), 3))}\n\n${signed}\n`,
    'signature byte 4 ^= 1': `${text}\n${line(name, id, flipped(signature, 4))}`,
  }
  check('sigsum mutations', Object.keys(mutated).join() === wanted.join())
  for (const [what, changed] of Object.entries(mutated)) check(what, await refuses(() => openNote(changed, [key])))
}

async function publicOf(seed) {
  const pkcs8 = concat(unhex('302e020100300506032b657004220420'), unhex(seed))
  const { x } = await crypto.subtle.exportKey('jwk', await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']))
  return unbase64(x.replaceAll('-', '+').replaceAll('_', '/'))
}

async function cosignatures(told, check) {
  for (const { id, note, vkey, seed, timestamp, origin_hash_hex: origin } of told.verify) {
    const key = await parseKey(vkey)
    const { text, verified } = await openNote(note, [key])
    const { seconds, bare } = cosignatureParts(verified.get(key).signature)
    const again = await sign(await sha256(bytesOf(/'(.*)'/.exec(seed)[1])), cosignedMessage(seconds, text))
    const named = toHex(await sha256(bytesOf((await parseCheckpoint(text)).origin)))
    check(id, seconds === BigInt(timestamp) && named === origin && equal(again, bare))
  }
  const [, , ...rest] = told.signed_message_example.split('\n')
  check('message', textOf(cosignedMessage(1679315147n, rest.join('\n')), 'message') === told.signed_message_example)
  for (const { b64, timestamp, error } of told.timestamp_of_base64) {
    const judge = () => cosignatureParts(unbase64(b64).slice(4))
    check(b64, error ? await refuses(judge) : judge().seconds === BigInt(timestamp))
  }
  for (const { vkey, valid } of told.vkeys) check(vkey, (await reads(() => parseKey(vkey))) === valid)
}

async function postQuantum({ vkey, note }, check) {
  const key = await parseKey(vkey)
  check('vkey', key.kind === 6)
  check('alone it proves nothing', await refuses(() => openNote(note, [key])))
}

async function proofs(told, check) {
  for (const { index, hashes, checkpoint, extra_base64: extra, want } of told.marshal) {
    const found = parseProof(want)
    const same = found.index === BigInt(index) && found.hashes.map(toBase64).join() === hashes.join() && found.checkpoint === checkpoint
    check(index, same && (found.extra === null ? null : toBase64(found.extra)) === extra)
  }
  for (const { why, proof = `c2sp.org/tlog-proof@v1\nindex 0\n${'a'.repeat(66560)}\n` } of told.parse_errors) {
    check(why, await refuses(() => parseProof(proof)))
  }
}

async function policies(told, check) {
  for (const { policy, spec_valid: valid, error } of [...told.good, ...told.bad]) {
    const ended = `${policy.replace(/\n+$/, '')}\n` // refused for what is wrong with it, not for its last line
    for (const text of new Set([policy, ended])) check(error ?? policy, (await reads(() => parsePolicy(text))) === valid)
  }
  const found = await parsePolicy(told.good[0].policy)
  check('quorum', isReached(found, new Set(['w1', 'w2'])) && !isReached(found, new Set(['w1'])))
}

async function json(told, check) {
  for (const { name, input_base64: input, output_base64: output } of told.cases) {
    const wanted = textOf(unbase64(output), 'JSON')
    check(name, canonical(JSON.parse(textOf(unbase64(input), 'JSON'))) === wanted)
    check(`${name} again`, canonical(parseCanonical(wanted)) === wanted)
  }
}

async function ed25519(told, check) {
  for (const { publicKey, tests } of told.testGroups) {
    for (const { tcId, comment, msg, sig, result } of tests) {
      const judged = await verifyEd25519(unhex(publicKey.pk), unhex(msg), unhex(sig))
      check(`${tcId} ${comment}`, judged === (result === 'valid'))
    }
  }
}
