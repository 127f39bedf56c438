// Pasting, by cases, by random documents, and by files of a folder.
//
//   PASTE_NPM=/tmp/paste-npm node test/paste/run.mjs
//
// PASTE_COUNT is how many random documents (10000), PASTE_SEED where they
// begin, PASTE_FILES a folder of hostile files; PASTE_LARGE=0 leaves the large
// documents out, for which jsdom needs minutes. It ends with 1 if a promise is broken.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cases, texts } from "./cases.mjs";
import { documentOf } from "./dialects.mjs";
import { parse, parseLinkedom, readHTML, readText, schema, seen, show, told } from "./kit.mjs";

let failures = 0;
function fail(name, ...more) {
  failures++;
  if (failures <= 20) console.error(`FAIL ${name}\n  ${more.join("\n  ")}`);
}
const dropped = (all) => all.map(({ what, count }) => `${what} ${count}`).join(", ");
const shown = (blocks) => blocks.map(show).join(" ");

// sound checks every node, the marks that its type allows, and that no text
// holds what cannot be stored.
function sound(name, { blocks }) {
  for (const block of blocks) {
    try {
      block.check();
      if (!block.type.isInGroup("block")) fail(name, `${block.type.name} is no block`);
    } catch (error) {
      fail(name, String(error));
    }
    block.descendants((node, _, parent) => {
      if (node.isText && /[\0-\x08\x0b-\x1f\x7f-\x9f\u{d800}-\u{dfff}]/u.test(node.text)) fail(name, `unreadable text ${JSON.stringify(node.text.slice(0, 80))}`);
      for (const mark of node.marks) {
        if (!parent.type.allowsMarkType(mark.type)) fail(name, `${mark.type.name} in ${parent.type.name}`);
        if (mark.type.name === "link" && !/^(https?:\/\/|mailto:)/i.test(mark.attrs.href)) fail(name, `link ${mark.attrs.href}`);
      }
    });
  }
}

// agrees holds what was read against what is seen.
function agrees(name, html) {
  let read;
  try {
    read = readHTML(html, schema, parse);
  } catch (error) {
    return fail(name, error.stack, html.slice(0, 400));
  }
  sound(name, read);
  const want = seen(parse(html));
  const got = told(read.blocks);
  const at = want.findIndex((line, n) => line !== got[n]);
  if (at >= 0 || got.length !== want.length) {
    const n = at < 0 ? want.length : at;
    fail(name, `line ${n}: got ${JSON.stringify(got.slice(n, n + 3))}`, `want ${JSON.stringify(want.slice(n, n + 3))}`, html.slice(0, 3000));
  }
  return read;
}

for (const [name, html, want, lost = ""] of cases) {
  const read = agrees(name, html);
  if (!read || want === undefined) continue;
  if (shown(read.blocks) !== want) fail(name, `got  ${shown(read.blocks)}`, `want ${want}`);
  if (dropped(read.dropped) !== lost) fail(name, `dropped ${dropped(read.dropped)}`, `want    ${lost}`);
  try {
    sound(`${name}, linkedom`, readHTML(html, schema, parseLinkedom));
  } catch (error) {
    fail(`${name}, linkedom`, error.stack);
  }
}
for (const [name, text, want, lost = ""] of texts) {
  const read = readText(text, schema);
  sound(name, read);
  if (shown(read.blocks) !== want) fail(name, `got  ${shown(read.blocks)}`, `want ${want}`);
  if (dropped(read.dropped) !== lost) fail(name, `dropped ${dropped(read.dropped)}`, `want    ${lost}`);
}
console.log(`cases: ${cases.length} of HTML, ${texts.length} of text`);

// Depth and size: the text has to be all there, and it may not take long.
const bare = (text) => text.replace(/[\s\u00a0]/g, "");
function large(name, html, text, most) {
  const document = parse(html);
  const begun = performance.now();
  let read;
  try {
    read = readHTML(html, schema, () => document);
  } catch (error) {
    return fail(name, error.stack.slice(0, 600));
  }
  const took = performance.now() - begun;
  sound(name, read);
  const got = bare(told(read.blocks).join(""));
  if (got !== bare(text)) fail(name, `text of ${got.length} characters, want ${bare(text).length}`);
  if (took > most) fail(name, `took ${took.toFixed(0)} ms, want at most ${most}`);
  console.log(`large: ${name}: ${(html.length / 1e6).toFixed(2)} MB, ${took.toFixed(0)} ms, ${read.blocks.length} blocks; ${dropped(read.dropped) || "nothing dropped"}`);
}
const deep = 10_000;
if (process.env.PASTE_LARGE !== "0") {
for (const tag of ["div", "b", "span", "blockquote", "section", "em"]) large(`${deep} ${tag}`, `<${tag}>a`.repeat(deep), "a".repeat(deep), 5000);
// jsdom itself needs minutes for more lists than these.
large(`1000 lists`, "<ul><li>a".repeat(1000), "a".repeat(1000), 5000);
large(`2000 tables`, "<table><tr><td>a<td>".repeat(2000), "a".repeat(2000), 5000);
large("5 MB in one paragraph", `<p>${"word می‌روم ".repeat(430_000)}</p>`, "wordمی‌روم".repeat(430_000), 8000);
large("5 MB of paragraphs", "<p>A <b>bold</b> word</p>".repeat(200_000), "Aboldword".repeat(200_000), 20_000);
large("20,000 items", `<ul>${"<li>a".repeat(20_000)}</ul>`, "a".repeat(20_000), 5000);
large("500 notes", Array.from({ length: 500 }, (_, n) => `<a href=#_ftn${n} name=_ftnref${n}>1</a>`).join("") + Array.from({ length: 500 }, (_, n) => `<div id=ftn${n}><p><a href=#_ftnref${n} name=_ftn${n}>1</a>n</div>`).join(""), "⟦n⟧".repeat(500), 8000);
  const text = "A line of text.\nAnother.\n\n".repeat(200_000);
  const begun = performance.now();
  const read = readText(text, schema);
  const took = performance.now() - begun;
  if (read.blocks.length !== 200_000 || took > 8000) fail("5 MB of text", `${read.blocks.length} blocks, ${took} ms`);
  console.log(`large: 5 MB of text: ${took.toFixed(0)} ms`);
}

const count = Number(process.env.PASTE_COUNT ?? 10_000);
const seed = Number(process.env.PASTE_SEED ?? Date.now() % 1e9);
console.log(`random: ${count} documents, PASTE_SEED=${seed}`);
{
  let size = 0;
  let reading = 0;
  const kinds = {};
  for (let n = 0; n < count && failures < 20; n++) {
    const { dialect, html } = documentOf(seed + n);
    size += html.length;
    const read = agrees(`random ${seed + n} (${dialect})`, html);
    for (const block of read?.blocks ?? []) kinds[block.type.name] = (kinds[block.type.name] ?? 0) + 1;
    const document = parse(html);
    const begun = performance.now();
    readHTML(html, schema, () => document);
    reading += performance.now() - begun;
  }
  console.log(`random: ${(size / 1e6).toFixed(1)} MB; ${Math.round(count / (reading / 1000))} documents/s without parsing; ${JSON.stringify(kinds)}`);
}

const folder = process.env.PASTE_FILES;
if (folder) {
  let files = 0;
  let lines = 0;
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || /\.(jpe?g|png|gif)$/i.test(file.name)) continue;
    const path = join(file.parentPath ?? file.path, file.name);
    const text = readFileSync(path, "latin1").length > 2e6 ? "" : readFileSync(path, "utf8");
    files++;
    agrees(path, text);
    sound(path, readText(text, schema));
    for (const line of text.split("\n").slice(0, 3000)) {
      lines++;
      agrees(`${path}: ${line.slice(0, 80)}`, line);
    }
  }
  console.log(`files: ${files}, and ${lines} lines of them`);
}

console.log(failures ? `${failures} FAILED` : "all kept");
process.exit(failures ? 1 : 0);
