// The page on which a receipt is checked. Files are read here and go nowhere: the page may not speak to anybody.

import { chained, Unproven, verifyFile } from './receipt/bundle.mjs'
import { parsePolicy } from './receipt/policy.mjs'
import { bytesOf, sha256, textOf, toHex } from './receipt/strict.mjs'
import { languageOf, WORDS } from './words.mjs'

const FILES_MAX = 100
const FILE_BYTES_MAX = 1024 * 1024 // more is not even read: no receipt and no policy is so long
const place = (id) => document.getElementById(id)

const state = {
  language: languageOf(navigator.languages),
  policies: JSON.parse(place('built-in').textContent), // the present one first
  isRefused: false,
  verdict: null,
  turn: 0,
}

const say = (code, facts = {}) => {
  const told = WORDS[state.language][code]
  return told === undefined ? String(code) : told.replace(/\{(\w+)\}/g, (_, name) => String(facts[name]))
}

/** An element with its children; a text is never read as markup. */
function make(tag, className, ...children) {
  const found = document.createElement(tag)
  if (className) found.className = className
  found.append(...children.filter((child) => child !== null))
  return found
}

const pairs = (rows) => make('dl', '', ...rows.flatMap(([name, value]) => [make('dt', '', name), make('dd', '', value)]))

// ---- checking ------------------------------------------------------------------------------------------------

async function check(files) {
  const turn = (state.turn += 1)
  state.verdict = { checking: true }
  show()
  const verdict = await judged([...files])
  if (turn === state.turn) {
    state.verdict = verdict
    show()
  }
}

async function judged(files) {
  if (files.length > FILES_MAX) return { note: 'tooMany' }
  if (!state.policies.length) return { note: 'noKeys' }
  try {
    const results = []
    for (const file of files) results.push(await oneFile(file))
    const good = results.every((one) => one.proven)
    return { results, chain: good ? chainOf(results.map((one) => one.proven)) : null }
  } catch (trouble) {
    if (trouble.name !== 'NotSupportedError') throw trouble
    return { note: 'old' }
  }
}

async function oneFile(file) {
  const bytes = new Uint8Array(await file.slice(0, FILE_BYTES_MAX).arrayBuffer())
  return { name: file.name, ...(await refusal(async () => ({ proven: await verifyFile(bytes, state.policies) }))) }
}

async function refusal(work) {
  try {
    return await work()
  } catch (refused) {
    if (!(refused instanceof Unproven)) throw refused
    return { refused }
  }
}

function chainOf(files) {
  try {
    return chained(files)
  } catch (refused) {
    if (!(refused instanceof Unproven)) throw refused
    return { refused }
  }
}

// ---- showing -------------------------------------------------------------------------------------------------

function show() {
  document.documentElement.lang = state.language
  for (const one of document.querySelectorAll('[data-word]')) one.textContent = say(one.dataset.word)
  for (const one of document.querySelectorAll('[data-language]')) {
    one.setAttribute('aria-pressed', String(one.dataset.language === state.language))
  }
  place('found').replaceChildren(...cards())
}

function cards() {
  const { verdict } = state
  if (!verdict) return []
  if (verdict.checking) return [make('p', 'soft', say('checking'))]
  if (verdict.note) return [make('section', 'card bad', make('h2', '', say(verdict.note, { most: FILES_MAX })))]
  return [...(verdict.chain ? cardsOfChain(verdict.chain) : []), ...verdict.results.map(cardOfFile)]
}

function cardOfFile({ name, proven, refused }) {
  const file = make('p', 'soft', name)
  if (refused?.fault === 'POLICY_UNKNOWN') return cardOfRefusal('warn', 'unjudged', refused, file)
  if (refused) return cardOfRefusal('bad', 'fails', refused, file)
  return make('section', 'card good', make('h2', '', `✓ ${say('holds')}`), file, ...proven.map(part))
}

function cardOfRefusal(kind, title, { fault, told }, ...above) {
  const mark = kind === 'bad' ? '✗' : '?'
  const words = [make('p', '', say(fault)), make('p', 'soft', `${fault}: ${told}`)]
  return make('section', `card ${kind}`, make('h2', '', `${mark} ${say(title)}`), ...above, ...words)
}

function part({ kind, record, index, checkpoint, witnessed }) {
  const title = { INQUIRY_INTENT: 'part', INQUIRY_OUTCOME: 'outcomePart' }[kind] ?? 'otherPart'
  const rows = [
    ['purpose', record.purpose],
    ['outcome', record.state],
    ['at', record.at],
  ].filter(([, value]) => value !== undefined)
  return make(
    'div',
    'part',
    make('strong', '', say(title, record)),
    pairs([
      ...rows.map(([name, value]) => [say(name), name === 'at' ? moment(Date.parse(value), value) : say(value)]),
      [say('place'), `${checkpoint.origin} · ${say('placeOf', { index, size: checkpoint.size })}`],
      ...[...witnessed].map(([name, seconds]) => [say('seen', { name }), moment(Number(seconds) * 1000, String(seconds))]),
    ]),
    make('details', '', make('summary', '', say('raw')), make('pre', '', JSON.stringify(record, null, 1))),
  )
}

function moment(milliseconds, otherwise) {
  const when = new Date(milliseconds)
  if (Number.isNaN(when.getTime())) return otherwise
  return when.toLocaleString(state.language, { dateStyle: 'medium', timeStyle: 'long' })
}

function cardsOfChain({ refused, numbers, gaps, before, unanswered, unannounced }) {
  if (refused) return [cardOfRefusal('bad', 'apart', refused)]
  const card = (kind, title, ...told) => make('section', `card ${kind}`, make('h2', '', title), ...told.map((one) => make('p', '', one)))
  const missing = gaps.map((gap) => card('warn', say(gap.first === gap.last ? 'one' : 'many', gap), say('gapWhy', gap)))
  const notes = [
    ...(before ? [say(before.first === before.last ? 'beforeOne' : 'beforeMany', before)] : []),
    ...unanswered.map((number) => say('noOutcome', { number })),
    ...unannounced.map((index) => say('noIntent', { index })),
  ]
  if (!numbers.length) return notes.length ? [card('warn', say('alone'), ...notes)] : []
  const held = say(numbers.length === 1 ? 'single' : 'several', { numbers: numbers.join(', ') })
  const told = [...notes, say('later')]
  if (numbers.length === 1 || gaps.length) return [...missing, card(notes.length ? 'warn' : 'note', held, ...told)]
  return [card(notes.length ? 'warn' : 'good', say('whole'), held, ...told)]
}

async function showKeys() {
  const rows = []
  if (state.isRefused) rows.push(['', say('badKeys')])
  if (!state.policies.length) rows.push(['', say('noKeys')])
  else {
    const { logs, witnesses, quorum, groups } = await parsePolicy(state.policies[0])
    const least = groups.get(quorum)?.least
    rows.push([say('log'), logs.map((key) => key.name).join(', ')], [say('witnesses'), [...witnesses.keys()].join(', ')])
    rows.push([say('quorum'), least ? `${least} / ${groups.get(quorum).members.length}` : quorum])
    rows.push([say('digest'), toHex(await sha256(bytesOf(state.policies[0])))])
    if (state.policies.length > 1) rows.push([say('earlier'), String(state.policies.length - 1)])
  }
  place('policy').replaceWith(Object.assign(pairs(rows), { id: 'policy' }))
}

async function takeKeys(files) {
  const told = await refusal(async () => ({ texts: await Promise.all(files.slice(0, FILES_MAX).map(oneList)) }))
  state.isRefused = told.refused !== undefined
  if (!state.isRefused) Object.assign(state, { policies: told.texts, verdict: null })
  show()
  await showKeys()
}

async function oneList(file) {
  const text = textOf(new Uint8Array(await file.slice(0, FILE_BYTES_MAX).arrayBuffer()), 'the policy')
  await parsePolicy(text)
  return text
}

// ---- what the reader does ------------------------------------------------------------------------------------

place('files').addEventListener('change', async (event) => {
  const files = [...event.target.files]
  event.target.value = '' // so that the same file can be chosen again
  if (files.length) await check(files)
})
place('own').addEventListener('change', async (event) => event.target.files.length && takeKeys([...event.target.files]))
for (const name of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(name, async (event) => {
    event.preventDefault() // a file dropped beside the field must not be opened instead of the page
    place('drop').classList.toggle('over', name === 'dragover')
    if (name === 'drop' && event.dataTransfer.files.length) await check(event.dataTransfer.files)
  })
}
for (const one of document.querySelectorAll('[data-language]')) {
  one.addEventListener('click', async () => {
    state.language = one.dataset.language
    show()
    await showKeys()
  })
}
show()
await showKeys()
document.documentElement.dataset.ready = 'yes'
