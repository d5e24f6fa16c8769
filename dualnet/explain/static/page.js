"use strict";
// The page: what is typed goes to the local server, what comes back is walked through. Without a server
// (a page made by .html()) one computation is inside the page.

const $ = id => document.getElementById(id);
const escape = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
const fixed = $("data") ? JSON.parse($("data").textContent) : null;
const state = { text: "", at: {}, wrt: [], mode: "forward", step: null, seed: 0, result: 0 };
let data = null, frames = [], examples = [], busy = false, waiting = null, view = null, remembering = null, proofs = 0;

// --- asking the server -------------------------------------------------------------------------------

async function ask(extra) {
  const request = { text: state.text, at: state.at, wrt: state.wrt.filter(n => n in state.at), ...extra };
  try {
    const reply = await fetch("explain", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(request) });
    return reply.ok ? await reply.json() : { error: reply.status === 413 ? "this is too long" : `the server refused (${reply.status})` };
  } catch {
    return { error: "the local server does not answer; start it again with: dualnet page" };
  }
}

function complain(message) {
  $("error").hidden = !message;
  $("error").textContent = message || "";
}

async function explain(keepStep) {
  const names = await ask({ names: true });
  if (names.error) return complain(names.error);
  for (const name of names.names) if (!(name in state.at)) state.at[name] = 1;
  for (const name of Object.keys(state.at)) if (!names.names.includes(name)) delete state.at[name];
  state.wrt = state.wrt.filter(name => name in state.at);
  if (!state.wrt.length) state.wrt = Object.keys(state.at);
  showInputs();
  const reply = await ask({ closed: false });
  if (reply.error) return complain(reply.error);
  complain("");
  take(reply, keepStep);
  await prove();
}

// The closed form comes by itself: SymPy may take longer than all the rest.
async function prove() {
  const mine = ++proofs, reply = await ask({ proof: true });
  if (mine !== proofs) return;
  data.closed_form = reply.closed_form || [];
  data.document = reply.document;
  showClosed(reply.error);
}

// While a value is dragged: numbers only, one request at a time, the newest value next.
async function update(whole) {
  const began = performance.now();
  if (busy) { waiting = whole || waiting; if (waiting === null) waiting = false; return; }
  busy = true;
  const reply = await ask({ numbers: true });
  busy = false;
  if (reply.error) complain(reply.error);
  else if (reply.signature !== data.signature) await explain(true);
  else {
    complain("");
    renew(reply);
    if (whole) prove();
  }
  document.body.dataset.update = (performance.now() - began).toFixed(1);
  if (waiting !== null) { const next = waiting; waiting = null; update(next); }
}

function renew(reply) {
  data.steps.forEach((step, k) => {
    step.value = reply.values[k];
    step.tangents = reply.tangents[k];
    step.cotangents = reply.cotangents[k];
    step.partials.forEach((p, i) => { p.value = reply.partials[k][i]; });
  });
  fillTables();
  paint();
}

// --- one explanation ----------------------------------------------------------------------------------

function take(reply, keepStep) {
  data = reply;
  if (data.error) return complain(data.error);
  state.seed = Math.min(state.seed, data.seeds.length - 1);
  state.result = Math.min(state.result, data.results.length - 1);
  choose($("seed"), data.seeds, state.seed);
  choose($("result"), data.results, state.result);
  if (!keepStep) state.step = null;
  view = view || new GraphView($("picture"), goTo);
  view.draw(data);
  makeFrames();
  makeTables();
  showClosed();
  $("cost").innerHTML = `<h2>Cost</h2><p>${escape(data.sentence)}</p>`;
  paint();
  reveal($("graph"), view.nodes[frames[state.step].now].group);
}

function choose(select, labels, chosen) {
  select.replaceChildren(...labels.map((label, k) => new Option(label, k, false, k === chosen)));
}

function showClosed(error) {
  const list = data.closed_form || [];
  const none = error || (data.closed_form ? "None: a step has no symbol, or the expression is too large to be read." : "SymPy is working …");
  $("closed").innerHTML = "<h2>The whole derivative in closed form, from SymPy</h2>" + (list.length ? list.map(a =>
    `<p>${a.mathml} <math><mo>=</mo><mn>${escape(a.value)}</mn></math> <span class="ulps">${escape(a.sentence)}</span></p>`).join("")
    : `<p>${escape(none)}</p>`);
}

function makeFrames() {
  const lines = data.steps.map((_, k) => k), live = lines.filter(k => data.steps[k].live).reverse();
  frames = state.mode === "forward" ? lines.map(k => ({ kind: "forward", now: k }))
    : [...lines.map(k => ({ kind: "up", now: k })), ...live.map(k => ({ kind: "down", now: k }))];
  if (state.step === null || state.step >= frames.length) state.step = frames.length - 1;
  for (const frame of frames) {
    const { kind, now } = frame;
    frame.known = k => kind === "down" || k <= now;
    frame.slope = k => kind === "forward" ? data.steps[k].tangents[state.seed]
      : kind === "down" && k >= now && data.steps[k].live ? data.steps[k].cotangents[state.result] : null;
    frame.mark = k => kind === "forward" ? `d${data.steps[k].name}/d${data.seeds[state.seed]} = `
      : `d${data.results[state.result]}/d${data.steps[k].name} = `;
  }
  $("slider").max = frames.length - 1;
  $("seed-label").hidden = state.mode !== "forward" || data.seeds.length < 2;
  $("result-label").hidden = state.mode !== "reverse" || data.results.length < 2;
}

// --- tables -------------------------------------------------------------------------------------------

const ratio = (of, by) => `<math><mfrac><mrow><mo>d</mo><mtext>${escape(of)}</mtext></mrow><mrow><mo>d</mo><mtext>${escape(by)}</mtext></mrow></mfrac></math>`;
const edges = step => step.partials.filter(p => data.steps[p.parent].live);

function uses(k) {
  return data.steps.filter(s => s.live).flatMap(s => s.partials.filter(p => p.parent === k));
}

function table(kind, title, columns, lines, cells) {
  const rows = lines.map(k => `<tr data-line="${k}"><th scope="row" aria-label="${escape(data.steps[k].name)}">${data.steps[k].name_mathml}</th>${cells(data.steps[k], k)}</tr>`);
  return `<table class="${kind}"><caption>${title}</caption><thead><tr>${columns.map(c => `<th scope="col">${c}</th>`).join("")}</tr></thead>` +
    `<tbody>${rows.join("")}</tbody></table>`;
}

function makeTables() {
  const all = data.steps.map((_, k) => k), live = all.filter(k => data.steps[k].live).reverse();
  const what = s => `<td>${s.input ? "input" : s.mathml}</td>`;
  const blank = n => '<td class="d"></td>'.repeat(n);
  const list = parts => `<td>${parts.map(p => `<div>${p.mathml}</div>`).join("")}</td>`;
  $("tables").innerHTML = state.mode === "forward"
    ? table("forward", "Forward mode: values and derivatives in one sweep",
      ["variable", "what it is", "local partial", "value", "its value", ...data.seeds.map(s => ratio("ξ", s))], all,
      s => what(s) + list(edges(s)) + '<td class="n"></td><td class="n"></td>' + blank(data.seeds.length))
    : table("up", "sweep 1: values only", ["variable", "what it is", "value", "stored"], all,
      s => what(s) + `<td class="n"></td><td>${s.stored ? "kept" : ""}</td>`) +
      table("down", "sweep 2: derivatives of the result", ["variable", "chain rule", "local partial", "its value",
        ...data.results.map(r => ratio(r, "ξ"))], live,
      (s, k) => `<td>${s.rule}</td>` + list(uses(k)) + '<td class="n"></td>' + blank(data.results.length));
  fillTables();
}

function fillTables() {
  for (const row of $("tables").querySelectorAll("tbody tr")) {
    const k = Number(row.dataset.line), step = data.steps[k], kind = row.closest("table").className;
    const parts = kind === "down" ? uses(k) : edges(step);
    const numbers = kind === "down" ? [] : [step.value];
    if (kind !== "up") numbers.push(parts.map(p => p.value).join("\n"));
    row.querySelectorAll(".n").forEach((cell, i) => { cell.textContent = numbers[i]; });
    const slopes = kind === "down" ? step.cotangents : step.tangents;
    row.querySelectorAll(".d").forEach((cell, i) => { cell.textContent = slopes[i]; });
  }
}

// --- walking ------------------------------------------------------------------------------------------

function paint() {
  const frame = frames[state.step];
  if (!view.paint(frame)) { view.draw(data); view.paint(frame); }
  for (const row of $("tables").querySelectorAll("tbody tr")) {
    const k = Number(row.dataset.line), kind = row.closest("table").className;
    const mine = kind === frame.kind, known = kind === "up" || kind === "forward" ? frame.known(k) : frame.kind === "down" && k >= frame.now;
    row.className = mine && k === frame.now ? "now" : known ? "" : "later";
    if (mine && k === frame.now) row.setAttribute("aria-current", "step"); else row.removeAttribute("aria-current");
  }
  $("slider").value = state.step;
  $("slider").setAttribute("aria-valuetext", `${state.step + 1} of ${frames.length}`);
  $("first").disabled = $("back").disabled = state.step === 0;
  $("last").disabled = $("next").disabled = state.step === frames.length - 1;
  say(frame);
  remember();
}

const signed = s => s.startsWith("-") ? `(${s})` : s;

// The products of a step, where all its partials are numbers.
const sum = terms => terms.length && !terms.includes(null) ? terms.join(" + ") + " = " : "";

function say(frame) {
  const step = data.steps[frame.now], where = `<b>${frame.kind} ${state.step + 1 - (frame.kind === "down" ? data.steps.length : 0)}:</b> `;
  const value = step.input ? `${step.name_mathml} = ${escape(step.value)}` : `${step.name_mathml} = ${step.mathml} = ${escape(step.value)}`;
  if (frame.kind === "up") { $("said").innerHTML = where + value + (step.stored ? ", kept for the way down" : ""); return; }
  if (frame.kind === "forward") {
    const of = k => ratio(data.steps[k].name, data.seeds[state.seed]);
    const terms = edges(step).map(p => p.value === "map" ? null
      : `${escape(signed(p.value))} · ${escape(signed(data.steps[p.parent].tangents[state.seed]))}`);
    $("said").innerHTML = `${where}${value}, &ensp;${of(frame.now)} = ${sum(terms)}<b>${escape(step.tangents[state.seed])}</b>`;
    return;
  }
  const terms = data.steps.filter(s => s.live).flatMap(s => s.partials.filter(p => p.parent === frame.now)
    .map(p => p.value === "map" ? null : `${escape(signed(s.cotangents[state.result]))} · ${escape(signed(p.value))}`));
  $("said").innerHTML = `${where}${step.rule} = ${sum(terms)}<b>${escape(step.cotangents[state.result])}</b>`;
}

function go(step) {
  if (!data) return;
  state.step = Math.max(0, Math.min(frames.length - 1, step));
  paint();
  reveal($("tables"), $("tables").querySelector("tr.now"));
  reveal($("graph"), view.nodes[frames[state.step].now].group);
}

// Scrolls a pane, and never the page, until the element is well inside.
function reveal(pane, element) {
  if (!element) return;
  const inside = element.getBoundingClientRect(), box = pane.getBoundingClientRect();
  if (inside.top < box.top + 40 || inside.bottom > box.bottom - 40) pane.scrollTop += inside.top - box.top - box.height / 2;
  if (inside.left < box.left || inside.right > box.right) pane.scrollLeft += inside.left - box.left - box.width / 3;
}

function goTo(line) {
  const kind = state.mode === "forward" ? "forward" : frames[state.step].kind;
  const found = frames.findIndex(f => f.kind === kind && f.now === line);
  if (found >= 0) go(found);
}

function setMode(mode) {
  state.mode = mode;
  state.step = mode === "forward" ? null : 0;
  for (const radio of document.getElementsByName("mode")) radio.checked = radio.value === mode;
  if (data) { makeFrames(); makeTables(); paint(); }
}

// --- inputs -------------------------------------------------------------------------------------------

function showInputs() {
  const kept = document.activeElement && document.activeElement.id;
  $("inputs").replaceChildren(...Object.entries(state.at).map(([name, value]) => inputRow(name, value)));
  if (kept && $(kept)) $(kept).focus();
}

function make(tag, attributes) {
  return Object.assign(document.createElement(tag), attributes);
}

function inputRow(name, value) {
  const array = Array.isArray(value), row = make("div", { className: array ? "value array" : "value" });
  const label = make("label", { className: "name", htmlFor: `v-${name}`, textContent: name });
  const tick = make("input", { type: "checkbox", checked: state.wrt.includes(name), title: `derivative by ${name}` });
  tick.setAttribute("aria-label", `derivative by ${name}`);
  tick.addEventListener("change", () => {
    const left = Object.keys(state.at).filter(n => n === name ? tick.checked : state.wrt.includes(n));
    if (!left.length) { tick.checked = true; return; }
    state.wrt = left;
    explain(true);
  });
  const number = make("input", { type: "text", id: `v-${name}`, value: array ? JSON.stringify(value) : String(value), inputMode: array ? "text" : "decimal" });
  row.append(label, tick, number);
  if (array) {
    number.addEventListener("change", () => { if (read(name, number)) explain(true); });
    return row;
  }
  const reach = Math.max(2, 2 * Math.abs(value)), slider = make("input", { type: "range", id: `s-${name}`, min: -reach, max: reach, step: reach / 200 });
  slider.value = value;
  slider.setAttribute("aria-label", `drag ${name}`);
  slider.addEventListener("input", () => { state.at[name] = Number(slider.value); number.value = slider.value; if (data) update(false); });
  slider.addEventListener("change", () => { if (data) update(true); });
  number.addEventListener("change", () => { if (read(name, number)) { slider.value = state.at[name]; explain(true); } });
  row.append(slider);
  return row;
}

function read(name, field) {
  try {
    const value = JSON.parse(field.value);
    if (typeof value !== "number" && !Array.isArray(value)) throw new Error();
    state.at[name] = value;
    return true;
  } catch {
    complain(`${name}: write a number, or a list such as [1, 2]`);
    return false;
  }
}

// --- the address holds the state ----------------------------------------------------------------------

function remember() {
  if (fixed || remembering) return;
  remembering = setTimeout(writeAddress, 150); // browsers refuse a page that rewrites its address too often
}

function writeAddress() {
  remembering = null;
  const at = JSON.stringify(state.at), parts = { e: state.text, at, wrt: state.wrt.join(","), mode: state.mode, step: state.step };
  history.replaceState(null, "", "#" + new URLSearchParams(parts));
}

function recall() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.get("e")) return false;
  state.text = given.get("e").slice(0, 1000);
  try {
    const at = JSON.parse(given.get("at") || "{}");
    state.at = at && typeof at === "object" && !Array.isArray(at) ? { ...at } : {};
  } catch { state.at = {}; }
  state.wrt = (given.get("wrt") || "").split(",").filter(Boolean);
  state.mode = given.get("mode") === "reverse" ? "reverse" : "forward";
  state.step = /^\d{1,4}$/.test(given.get("step") || "") ? Number(given.get("step")) : null;
  return true;
}

// --- taking it along ----------------------------------------------------------------------------------

async function copy(text, what) {
  try { await navigator.clipboard.writeText(text); } catch {
    const area = make("textarea", { value: text });
    document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
  }
  $("done").textContent = `${what} copied`;
}

function save(text, type, name) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 5000);
  $("done").textContent = `${name} saved`;
}

// --- start --------------------------------------------------------------------------------------------

function pickExample(k) {
  const { text, at, wrt } = examples[k];
  Object.assign(state, { text, at: { ...at }, wrt: [...wrt], step: null, seed: 0, result: 0 });
  $("text").value = text;
  explain(false);
}

function listen() {
  $("typed").addEventListener("submit", event => { event.preventDefault(); state.text = $("text").value; $("example").value = ""; explain(false); });
  $("example").addEventListener("change", () => { if ($("example").value !== "") pickExample(Number($("example").value)); });
  $("slider").addEventListener("input", () => go(Number($("slider").value)));
  for (const [id, move] of [["first", () => 0], ["back", s => s - 1], ["next", s => s + 1], ["last", () => 1e9]])
    $(id).addEventListener("click", () => go(move(state.step)));
  for (const radio of document.getElementsByName("mode")) radio.addEventListener("change", () => setMode(radio.value));
  $("seed").addEventListener("change", () => { state.seed = Number($("seed").value); paint(); });
  $("result").addEventListener("change", () => { state.result = Number($("result").value); paint(); });
  $("tables").addEventListener("click", event => { const row = event.target.closest("tbody tr"); if (row) goTo(Number(row.dataset.line)); });
  $("copy-latex").addEventListener("click", () => { if (data.document) copy(data.document, "LaTeX"); });
  $("save-svg").addEventListener("click", () => save(view.standalone(), "image/svg+xml", "dualnet.svg"));
  $("save-html").addEventListener("click", async () => { const reply = await ask({ page: true }); if (reply.page) save(reply.page, "text/html", "dualnet.html"); });
  $("copy-link").addEventListener("click", () => { writeAddress(); copy(location.href, "Link"); });
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || /INPUT|SELECT|TEXTAREA/.test(event.target.tagName)) return;
    const act = { ArrowRight: () => go(state.step + 1), ArrowLeft: () => go(state.step - 1), Home: () => go(0), End: () => go(1e9),
      f: () => setMode("forward"), r: () => setMode("reverse") }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  window.addEventListener("resize", () => { if (view) view.fit(); });
  window.addEventListener("hashchange", () => { if (recall()) { $("text").value = state.text; explain(true); } });
}

async function start() {
  listen();
  if (fixed) { $("source").textContent = fixed.source ? `L = ${fixed.source}` : ""; take(fixed, false); return; }
  examples = await (await fetch("examples.json")).json();
  $("example").replaceChildren(new Option("choose …", ""), ...examples.map((e, k) => new Option(e.title, k)));
  if (recall()) { setMode.call(null, state.mode === "reverse" ? "reverse" : "forward"); recall(); $("text").value = state.text; await explain(true); }
  else { $("example").value = "0"; pickExample(0); }
}

start();
