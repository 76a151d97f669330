// Proof files (C2SP tlog-proof): the index of an entry, its way to the root, and the checkpoint with that root.

import { PROOF_HASHES_MAX } from './merkle.mjs'
import { NOTE_BYTES_MAX } from './note.mjs'
import { base64Bytes, bytesOf, checkText, cut, decimal, HASH_BYTES, malformed } from './strict.mjs'

const HEAD_BYTES_MAX = 64 * 1024
const HEADER = 'c2sp.org/tlog-proof@v1'

/** Read a proof file: `{ index, hashes, checkpoint, extra }`. `extra` is not covered by any signature. */
export function parseProof(text) {
  const parts = cut(checkText(text, 'the proof', HEAD_BYTES_MAX + NOTE_BYTES_MAX), '\n\n')
  if (!parts || bytesOf(parts[0]).length > HEAD_BYTES_MAX || !parts[1]) {
    throw malformed('a proof has a head, an empty line and a checkpoint')
  }
  const [header, ...lines] = parts[0].split('\n')
  if (header !== HEADER) throw malformed('not a tlog-proof')
  let extra = null
  if (lines[0]?.startsWith('extra ')) extra = base64Bytes(lines.shift().slice('extra '.length), 'the extra data')
  if (!lines[0]?.startsWith('index ')) throw malformed('the index is missing')
  const index = decimal(lines.shift().slice('index '.length), 'the index')
  if (lines.length > PROOF_HASHES_MAX) throw malformed(`an inclusion proof has at most ${PROOF_HASHES_MAX} hashes`)
  return { index, hashes: lines.map((line) => base64Bytes(line, 'a hash', HASH_BYTES)), checkpoint: parts[1], extra }
}
