// Checkpoints (C2SP tlog-checkpoint): origin, size and root of a tree, as the text of a note.

import { emptyRoot } from './merkle.mjs'
import { base64Bytes, checkText, decimal, equal, HASH_BYTES, malformed, Unproven } from './strict.mjs'

const TEXT_BYTES_MAX = 16 * 1024

export async function parseCheckpoint(text) {
  const lines = checkText(text, 'the checkpoint', TEXT_BYTES_MAX).split('\n').slice(0, -1)
  if (lines.length < 3 || lines.some((line) => !line)) throw malformed('a checkpoint has three lines or more, none empty')
  const [origin, size, root, ...extensions] = lines
  const found = { origin, size: decimal(size, 'the size'), root: base64Bytes(root, 'the root', HASH_BYTES), extensions }
  if (found.size === 0n && !equal(found.root, await emptyRoot())) {
    throw new Unproven('PROOF_WRONG', 'the tree is empty, its root is not')
  }
  return found
}
