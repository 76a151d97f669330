// node node.mjs FOLDER < {"one": …, "kept": […], "cases": […], "several": […]}: everything at once, as JSON. FOLDER holds the vectors.

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'

import { chains, faults, mutations, told, withoutEd25519 } from './receipts.mjs'
import { run } from './vectors.mjs'

const { one, kept, cases, several } = JSON.parse(await text(process.stdin))
const load = async (name) => JSON.parse(await readFile(`${process.argv[2]}/${name}.json`, 'utf-8'))
const answer = {
  vectors: await run(load),
  kept: await faults(kept),
  faults: await faults(cases),
  chains: await chains(several),
  mutations: await mutations(one),
  told: await told(one),
  old: await withoutEd25519(one),
}
process.stdout.write(JSON.stringify(answer))
