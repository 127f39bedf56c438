// Makes vectors.json: random documents of the schema of stories and random steps on
// them, with what ProseMirror's own modules make of them. Run by hand, in this folder:
//   npm install --no-save prosemirror-model prosemirror-transform && node vectors.mjs 7 | gzip -9n > vectors.json.gz
import {Schema, Slice, Fragment, Mark} from "prosemirror-model"
import * as T from "prosemirror-transform"
import {readFileSync} from "node:fs"

const spec = JSON.parse(readFileSync("../../../news/manuscript/schema.json", "utf8"))
const withDefaults = attrs => Object.fromEntries(Object.entries(attrs || {}).map(([k, v]) => [k, {default: v}]))
const shape = all => Object.fromEntries(Object.entries(all).map(([name, s]) => [name, {...s, attrs: withDefaults(s.attrs)}]))
const schema = new Schema({nodes: shape(spec.nodes), marks: shape(spec.marks), topNode: spec.top})

let state = Number(process.argv[2] || 7) >>> 0
const random = () => { state = (state * 1664525 + 1013904223) >>> 0; return state / 2 ** 32 }
const below = n => Math.floor(random() * n)
const pick = list => list[below(list.length)]
const words = ["salt", "می‌رود", "کتاب‌ها", "الخبر", "مَدينة", "é", "e\u0301", "🧂", "👩‍🚀", "a\u00a0b", "«گفت»", "\"x\"", "—", "42", "۴۲", "\u200e(1)", "\\", "\u2028", "tab\there"]

const marks = () => {
  let set = Mark.none
  for (const name of ["strong", "emphasis", "sub", "sup", "mark"]) if (random() < 0.12) set = schema.marks[name].create().addToSet(set)
  if (random() < 0.1) set = schema.marks.link.create({href: pick(["/a", "https://b.example/"]), title: ""}).addToSet(set)
  if (random() < 0.08) set = schema.marks.lang.create({tag: pick(["fa", "en"]), dir: ""}).addToSet(set)
  return set
}
const inline = plain => {
  const all = []
  for (let n = below(5); n > 0; n--) {
    const kind = random()
    if (kind < 0.8) all.push(schema.text(Array.from({length: 1 + below(3)}, () => pick(words)).join(" "), marks()))
    else if (kind < 0.88) all.push(schema.nodes.break.create(null, null, marks()))
    else if (kind < 0.94) all.push(schema.nodes.inline_picture.create({alt: pick(words)}))
    else if (!plain) all.push(schema.nodes.footnote.create(null, Fragment.fromArray(inline(true))))
  }
  return all
}
const frag = () => Fragment.from(inline(false))
const line = () => schema.nodes.line.create(null, frag())
const several = (f, most) => Array.from({length: below(most + 1)}, f)
let keys = 0
const key = () => ({key: "k" + ++keys})
const items = depth => several(() => schema.nodes.item.create(null, depth < 2 && random() < 0.3 ? [line(), schema.nodes.sublist.create(null, items(depth + 1))] : [line()]), 3)
const row = cell => schema.nodes.table_row.create(null, several(() => schema.nodes[cell].create(null, frag()), 3))
const blocks = {
  paragraph: () => schema.nodes.paragraph.create(key(), frag()),
  subhead: () => schema.nodes.subhead.create({...key(), level: pick([2, 3])}, frag()),
  quote: () => schema.nodes.quote.create(key(), [...several(line, 2), schema.nodes.attribution.create(null, frag())]),
  pull: () => schema.nodes.pull_quote.create(key(), [line(), schema.nodes.attribution.create(null, frag())]),
  list: () => schema.nodes.list.create({...key(), ordered: random() < 0.5}, items(0)),
  figure: () => schema.nodes.figure.create({...key(), asset: "12"}, schema.nodes.caption.create(null, frag())),
  table: () => schema.nodes.table_block.create({...key(), numeric: [true, false]}, [schema.nodes.table_caption.create(null, frag()), schema.nodes.table.create(null, [row("table_head"), ...several(() => row("table_cell"), 2)]), schema.nodes.table_source.create(null, frag())]),
  points: () => schema.nodes.key_points.create(key(), several(line, 3)),
  rule: () => schema.nodes.rule.create(key()),
  foreign: () => schema.nodes.foreign.create({...key(), tree: [{element: "p", attributes: {b: "1", a: "2"}, children: [{text: pick(words)}]}]}),
}
const field = name => schema.nodes[name].create(null, random() < 0.7 ? schema.text(pick(words) + " " + pick(words)) : null)
const document = most => schema.nodes.story.create({slug: pick(words), topics: ["5", "7"]}, [...["kicker", "headline", "short", "standfirst", "dateline"].map(field), ...several(() => pick(Object.values(blocks))(), most)])

// Steps as editors make them, and steps of nonsense.
const step = (doc, other) => {
  const size = doc.content.size, a = below(size + 1), b = below(size + 1), from = Math.min(a, b), to = Math.max(a, b)
  const near = Math.min(size, from + below(6))
  const kind = below(14)
  const mark = schema.marks[pick(["strong", "sub", "sup", "link", "lang"])].create()
  const c = below(other.content.size + 1), d = Math.min(other.content.size, c + below(30))
  try {
    switch (kind) {
      case 0: case 1: return T.replaceStep(doc, from, near, other.slice(c, d)) || new T.ReplaceStep(from, near, Slice.empty)
      case 2: return T.replaceStep(doc, from, to, Slice.empty) || new T.ReplaceStep(from, from, Slice.empty)
      case 3: case 4: return new T.ReplaceStep(from, near, new Slice(Fragment.from(schema.text(pick(words), marks())), 0, 0))
      case 5: return new T.ReplaceStep(from, near, other.slice(c, d), random() < 0.3)
      case 6: return new T.AddMarkStep(from, to, mark)
      case 7: return new T.RemoveMarkStep(from, to, mark)
      case 8: return new T.AddNodeMarkStep(from, mark)
      case 9: return new T.AttrStep(from, pick(["key", "level", "tag", "none"]), pick(["x", 3, [1, {b: 1, a: 2}]]))
      case 10: return new T.DocAttrStep(pick(["slug", "topics", "none"]), pick(["y", ["1"], null]))
      case 11: { const tr = new T.Transform(doc); tr.split(from, 1); return tr.steps[0] }
      case 12: { const tr = new T.Transform(doc); tr.join(from); return tr.steps[0] }
      default: {
        const $a = doc.resolve(from), range = $a.blockRange(doc.resolve(near))
        if (!range) return null
        if (random() < 0.5) { const target = T.liftTarget(range); if (target == null) return null; const tr = new T.Transform(doc); tr.lift(range, target); return tr.steps[0] }
        return new T.ReplaceAroundStep(range.start, range.end, range.start, range.end, new Slice(Fragment.from(schema.nodes[pick(["item", "line", "list"])].create()), 0, 0), 1, true)
      }
    }
  } catch { return null }
}

// What JavaScript lets pass and the server refuses: attributes that there are not, and
// halves of characters.
const strict = (doc, s, after) => {
  const named = s instanceof T.DocAttrStep ? doc : s instanceof T.AttrStep ? doc.nodeAt(s.pos) : null
  if (named && !(s.attr in named.type.spec.attrs)) return false
  if (s.mark && s.from != null && !doc.textBetween(s.from, s.to).isWellFormed()) return false
  let whole = JSON.stringify(s.toJSON()).indexOf("\\ud") < 0
  after.descendants(n => { if (n.isText && !n.text.isWellFormed()) whole = false })
  return whole
}

const vectors = []
while (vectors.length < 280) {
  const doc = document(5), other = document(4)
  try { doc.check(); other.check() } catch { continue }
  const one = {doc: doc.toJSON(), steps: []}
  let now = doc
  for (let n = 0; n < 6; n++) {
    const s = step(now, other)
    if (!s) continue
    let after = null
    try {
      const result = s.apply(now)
      if (result.doc) { result.doc.check(); if (strict(now, s, result.doc)) after = result.doc }
    } catch { after = null }
    const at = below(now.content.size + 1)
    const entry = {step: s.toJSON(), ok: !!after}
    if (after) {
      entry.map = [at, s.getMap().map(at, 1), s.getMap().map(at, -1)]
      now = after
    }
    one.steps.push(entry)
  }
  one.end = now.toJSON()
  if (one.steps.length) vectors.push(one)
}
process.stdout.write(JSON.stringify({schema: "stories", seed: Number(process.argv[2] || 7), vectors}))
