"use strict";
// The computational graph: laid out by dagre, painted step by step. Texts are set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, text) {
  const out = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes || {})) out.setAttribute(key, value);
  if (text !== undefined) out.textContent = text;
  return out;
}

function short(text, length) {
  return text.length <= length ? text : text.slice(0, length - 1) + "…";
}

class GraphView {
  constructor(svg, onPick) {
    this.svg = svg;
    this.onPick = onPick;
    const sample = shape("text", { class: "g-text" }, "ξ".repeat(20));
    svg.append(sample);
    this.character = (sample.getComputedTextLength() || 157) / 20;
    sample.remove();
  }

  // Draws the graph of an explanation; numbers may change later, as long as they fit.
  draw(data) {
    this.data = data;
    this.links = new Map();
    data.steps.forEach((step, k) => step.partials.forEach(p => {
      const key = p.parent + ">" + k;
      if (!this.links.has(key)) this.links.set(key, { from: p.parent, to: k, partials: [] });
      this.links.get(key).partials.push(p);
    }));
    const graph = this.layout();
    const { width, height } = graph.graph();
    this.svg.replaceChildren(this.arrow());
    this.svg.setAttribute("viewBox", `-8 -8 ${Math.ceil(width) + 16} ${Math.ceil(height) + 16}`);
    this.size = [Math.ceil(width) + 16, Math.ceil(height) + 16];
    this.fit();
    this.svg.setAttribute("aria-label", `Computational graph of ${data.steps.length} variables; the tables hold the same numbers`);
    for (const link of this.links.values()) this.drawLink(link, graph.edge(String(link.from), String(link.to)));
    this.nodes = data.steps.map((step, k) => this.drawNode(step, k, graph.node(String(k))));
  }

  // As wide as its pane where that keeps it readable; wider graphs scroll.
  fit() {
    const room = this.svg.parentElement.clientWidth - 24;
    const scale = Math.max(0.62, Math.min(1, room / this.size[0]));
    this.svg.setAttribute("width", Math.floor(this.size[0] * scale));
    this.svg.setAttribute("height", Math.floor(this.size[1] * scale));
  }

  layout() {
    const graph = new dagre.graphlib.Graph().setGraph({ rankdir: "TB", nodesep: 22, ranksep: 26, edgesep: 14, marginx: 4, marginy: 4 });
    this.data.steps.forEach((step, k) => {
      const room = texts => texts.reduce((a, b) => b.length > a.length ? b : a, "-0.000123456");
      const lines = this.lines(step, room([step.value]), room([...step.tangents, ...step.cotangents]), this.mark(step));
      const width = Math.max(...lines.map(line => line.length)) * this.character + 22;
      graph.setNode(String(k), { width, height: 62 });
    });
    for (const link of this.links.values()) {
      link.room = Math.max(this.label(link).length, 11);
      graph.setEdge(String(link.from), String(link.to), { width: link.room * this.character * 0.93 + 8, height: 18, labelpos: "c" });
    }
    dagre.layout(graph);
    return graph;
  }

  lines(step, value, slope, mark) {
    const title = step.input ? step.name : `${step.name} = ${step.text}`;
    return [short(title, 30), short(value, 24), short(mark + slope, 34)];
  }

  // The longest text that stands before a derivative.
  mark(step) {
    const longest = labels => labels.reduce((a, b) => a.length > b.length ? a : b, "");
    return `d${step.name}/d${longest([...this.data.seeds, ...this.data.results])} = `;
  }

  label(link) {
    return short([...new Set(link.partials.map(p => p.value))].join(", "), 20);
  }

  arrow() {
    const defs = shape("defs");
    const marker = shape("marker", { id: "head", viewBox: "0 0 8 8", refX: 7.5, refY: 4, markerWidth: 8, markerHeight: 8,
      orient: "auto", markerUnits: "userSpaceOnUse" });
    marker.append(shape("path", { class: "g-head", d: "M0 0 8 4 0 8z" }));
    defs.append(marker);
    return defs;
  }

  drawLink(link, edge) {
    const points = edge.points;
    let d = `M${points[0].x} ${points[0].y}`;
    for (let i = 1; i < points.length - 1; i++) {
      const end = i === points.length - 2 ? points[i + 1] : { x: (points[i].x + points[i + 1].x) / 2, y: (points[i].y + points[i + 1].y) / 2 };
      d += `Q${points[i].x} ${points[i].y} ${end.x} ${end.y}`;
    }
    if (points.length === 2) d += `L${points[1].x} ${points[1].y}`;
    link.group = shape("g", { class: "g-link" });
    link.path = shape("path", { class: "g-edge", d, "marker-end": "url(#head)" });
    const width = link.room * this.character * 0.93 + 4;
    link.text = shape("text", { class: "g-text g-label", x: edge.x, y: edge.y + 4 }, this.label(link));
    link.group.append(link.path, shape("rect", { class: "g-behind", x: edge.x - width / 2, y: edge.y - 9, width, height: 18 }), link.text);
    this.svg.append(link.group);
  }

  drawNode(step, k, box) {
    const kind = `g-node${step.input ? " g-input" : ""}${step.output ? " g-output" : ""}${step.live ? "" : " g-idle"}`;
    const group = shape("g", { class: kind, "data-line": k });
    const texts = ["", "g-value", "g-slope"].map((name, row) =>
      shape("text", { class: `g-text ${name}`, x: box.x, y: box.y - 31 + 18 * (row + 1) }));
    group.append(shape("rect", { class: "g-box", x: box.x - box.width / 2, y: box.y - 31, width: box.width, height: 62, rx: 8 }), ...texts);
    group.addEventListener("click", () => this.onPick(k));
    this.svg.append(group);
    return { group, texts, kind };
  }

  // Shows a frame: which variables are known, which is worked on, and the derivative line of each.
  paint(frame) {
    this.data.steps.forEach((step, k) => {
      const { group, texts, kind } = this.nodes[k];
      const known = frame.known(k), slope = frame.slope(k);
      this.lines(step, step.value, slope === null ? "" : slope, slope === null ? "" : frame.mark(k)).forEach((line, row) => {
        if (texts[row].textContent !== line) texts[row].textContent = line;
      });
      group.setAttribute("class", kind + (k === frame.now ? " now" : known ? "" : " later"));
    });
    let fits = true;
    for (const link of this.links.values()) {
      const on = frame.kind === "down" ? link.from === frame.now : link.to === frame.now;
      link.path.setAttribute("class", "g-edge" + (on ? " now" : ""));
      link.group.setAttribute("class", "g-link" + (on ? " now" : ""));
      const label = this.label(link);
      if (link.text.textContent !== label) link.text.textContent = label;
      fits = fits && label.length <= link.room;
    }
    return fits;
  }

  // A standalone copy: every style that the page's sheet gives is written on the element itself.
  standalone() {
    const copy = this.svg.cloneNode(true);
    const names = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size", "font-weight", "text-anchor", "visibility"];
    const shown = [...this.svg.querySelectorAll("*")], copied = [...copy.querySelectorAll("*")];
    shown.forEach((element, i) => {
      const style = getComputedStyle(element);
      for (const name of names) copied[i].setAttribute(name, style.getPropertyValue(name));
    });
    const view = copy.getAttribute("viewBox").split(" ");
    copy.insertBefore(shape("rect", { x: view[0], y: view[1], width: view[2], height: view[3],
      fill: getComputedStyle(document.getElementById("graph")).backgroundColor }), copy.firstChild);
    copy.setAttribute("xmlns", SVG);
    copy.removeAttribute("id");
    return new XMLSerializer().serializeToString(copy);
  }
}
