// Policies (C2SP tlog-policy): which logs count, which witnesses, and how many of them must have cosigned.

import { parseCheckpoint } from './checkpoint.mjs'
import { COSIGNATURE, cosignatureParts, ED25519, keyOf, ML_DSA_44, openNote, parseKey } from './note.mjs'
import { bytesOf, decimal, equal, malformed, Unproven } from './strict.mjs'

const POLICY_BYTES_MAX = 256 * 1024
const PARTIES_MAX = 64
const NOBODY = 'none'
const KEYWORDS = [NOBODY, 'all', 'any']
const WORDS_WITH_ADDRESS = new Map([['log', 3], ['witness', 4]])

/** Read a policy: `{ logs, witnesses: Map(name → key), groups: Map(name → { least, members }), quorum }`. */
export async function parsePolicy(text) {
  if (bytesOf(text).length > POLICY_BYTES_MAX || /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text) || !text.endsWith('\n')) {
    throw malformed('the policy is too long, holds a control character, or ends inside a line')
  }
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: undefined }
  const members = new Set()
  for (const [at, line] of text.split('\n').entries()) {
    const words = line.split(/[ \t]+/).filter(Boolean)
    if (!words.length || words[0].startsWith('#')) continue
    try {
      await take(policy, members, words)
    } catch (refused) {
      if (!(refused instanceof Unproven)) throw refused
      throw malformed(`line ${at + 1}: ${refused.told}`)
    }
  }
  if (policy.quorum === undefined) throw malformed('the policy has no quorum')
  if ([policy.logs.length, policy.witnesses.size, policy.groups.size].some((count) => count > PARTIES_MAX)) {
    throw malformed('the policy has too many parties')
  }
  return policy
}

/**
 * A policy without addresses, remarks and blank lines: whom it trusts, and nothing of where they are reached. What is no
 * policy does not become one.
 */
export function bare(text) {
  const lines = text.split('\n').map((line) => withoutAddress(line.split(/[ \t]+/).filter(Boolean)))
  const told = lines.filter((words) => words.length && !words[0].startsWith('#'))
  return told.map((words) => words.join(' ')).join('\n') + (text.endsWith('\n') ? '\n' : '')
}

const withoutAddress = (words) => (words.length === WORDS_WITH_ADDRESS.get(words[0]) ? words.slice(0, -1) : words)

async function take(policy, members, [keyword, ...words]) {
  const count = words.length
  if (keyword === 'log' && (count === 1 || count === 2)) {
    policy.logs.push(await party(words[0], [ED25519, ML_DSA_44], policy.logs))
  } else if (keyword === 'witness' && (count === 2 || count === 3)) {
    const name = free(policy, words[0])
    const key = await party(words[1], [ED25519, COSIGNATURE, ML_DSA_44], [...policy.witnesses.values()])
    // An older way to write a witness's key: it still signs in its own manner.
    policy.witnesses.set(name, key.kind === ED25519 ? await keyOf(key.name, COSIGNATURE, key.publicBytes) : key)
  } else if (keyword === 'group' && count > 2) {
    addGroup(policy, members, words)
  } else if (keyword === 'quorum' && count === 1) {
    if (policy.quorum !== undefined) throw malformed('a second quorum')
    if (words[0] !== NOBODY && !isDefined(policy, words[0])) throw malformed('the quorum is not defined above')
    policy.quorum = words[0]
  } else {
    throw malformed('not a line of a policy')
  }
}

function addGroup(policy, members, [name, least, ...named]) {
  free(policy, name)
  const wanted = least === 'all' ? named.length : least === 'any' ? 1 : Number(decimal(least, 'the threshold', BigInt(named.length)))
  if (wanted < 1) throw malformed('a group needs one member or more')
  for (const member of named) {
    if (!isDefined(policy, member)) throw malformed('a member is not defined above')
    if (members.has(member)) throw malformed('a name is a member once only')
    members.add(member)
  }
  policy.groups.set(name, { least: wanted, members: named })
}

const isDefined = (policy, name) => policy.witnesses.has(name) || policy.groups.has(name)

function free(policy, name) {
  if (KEYWORDS.includes(name) || isDefined(policy, name)) throw malformed('a name is taken')
  return name
}

async function party(vkey, kinds, others) {
  const key = await parseKey(vkey)
  if (!kinds.includes(key.kind)) throw malformed('a key of a kind that this party does not sign with')
  if (others.some((other) => equal(other.publicBytes, key.publicBytes))) throw malformed('a key stands twice')
  return key
}

/** Whether the witnesses of these names are enough. */
export const isReached = (policy, names) => policy.quorum === NOBODY || has(policy, policy.quorum, names)

function has(policy, name, names) {
  const group = policy.groups.get(name)
  return group ? group.members.filter((member) => has(policy, member, names)).length >= group.least : names.has(name)
}

/** Check a signed checkpoint: `{ checkpoint, witnessed: Map(name → seconds), beside }`. */
export async function judge(policy, signed) {
  const opened = await openNote(signed, [...policy.logs, ...policy.witnesses.values()])
  const checkpoint = await parseCheckpoint(opened.text)
  if (!policy.logs.some((key) => opened.verified.has(key) && key.name === checkpoint.origin)) {
    throw new Unproven('LOG_UNKNOWN', 'no log of the policy has signed under its own origin')
  }
  const witnessed = new Map()
  for (const [name, key] of policy.witnesses) {
    const line = opened.verified.get(key)
    if (line) witnessed.set(name, cosignatureParts(line.signature).seconds)
  }
  if (!isReached(policy, new Set(witnessed.keys()))) {
    throw new Unproven('QUORUM_MISSING', `cosigned by ${witnessed.size}, which is not the quorum`)
  }
  return { checkpoint, witnessed, beside: [...opened.unknown, ...opened.repeated] }
}
