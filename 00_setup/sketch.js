// A canvas for a digit. The page draws at once and reduces to 28 × 28; Python answers with what it reads there.
const SIDE = 28, CELL = 10, SIZE = SIDE * CELL, MIDDLE = [14.5 * CELL, 14.5 * CELL];
const STROKE = [[34, "#404040"], [28, "#999999"], [22, "#ffffff"]]; // width and grey, outermost first: soft as MNIST's
const PAUSE = 100; // ms between two pictures of one stroke
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function add(parent, tag, attributes = {}, text = "") {
  const made = parent.appendChild(document.createElement(tag));
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

function pixels(packed) {
  return Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
}

function paint(context, packed, cell) { // each pixel a square of `cell` × `cell`
  context.globalCompositeOperation = "source-over";
  pixels(packed).forEach((ink, i) => {
    context.fillStyle = `rgb(${ink},${ink},${ink})`;
    context.fillRect((i % SIDE) * cell, Math.floor(i / SIDE) * cell, cell, cell);
  });
}

function reduced(context) { // the mean of each square, packed as sketch.py unpacks it
  const { data } = context.getImageData(0, 0, SIZE, SIZE), sums = new Float64Array(SIDE * SIDE);
  for (let y = 0, i = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++, i += 4) sums[Math.floor(y / CELL) * SIDE + Math.floor(x / CELL)] += data[i];
  }
  return btoa(String.fromCharCode(...sums.map((sum) => Math.round(sum / CELL ** 2))));
}

function render({ model, el }) {
  el.classList.add("draw-digit");
  el.setAttribute("data-lm-suppress-shortcuts", "true"); // keys draw, and leave the notebook's selection alone
  const left = add(el, "div", { class: "paper" }), sheet = add(left, "div", { class: "sheet" });
  const canvas = add(sheet, "canvas", { width: SIZE, height: SIZE, tabindex: 0, role: "application",
    "aria-label": "Canvas for a digit. Arrow keys move the cursor, space puts the pen down or lifts it, Delete clears." });
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  const cursor = add(sheet, "div", { class: "cursor", hidden: "" });
  const below = add(left, "div", { class: "below" });
  const clear = add(below, "button", { type: "button", "aria-label": "Clear the canvas" }, "clear");
  const where = add(below, "span", { class: "where", "aria-live": "polite" });
  const network = add(el, "figure", { class: "network" });
  const eye = add(network, "canvas", { width: SIDE, height: SIDE, role: "img", "aria-label": "What the network sees" });
  add(network, "figcaption", {}, "what the network sees");
  network.hidden = !model.get("prepares");
  const side = add(el, "div", { class: "side" });
  const verdict = add(side, "p", { class: "verdict", "aria-live": "polite" });
  const bars = add(side, "div", { class: "bars", role: "list", "aria-label": "Probability of each digit" });
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const row = add(bars, "div", { class: "row", role: "listitem" });
    add(row, "span", { class: "digit" }, String(digit));
    const bar = add(add(row, "span", { class: "track" }), "span", { class: "bar" });
    return { row, bar, share: add(row, "span", { class: "share" }) };
  });
  const wrong = add(el, "div", { class: "wrong", role: "alert" });
  add(el, "p", { class: "how" },
    "Draw with mouse, pen or finger; or Tab to the canvas: arrow keys move (Shift: farther), space puts the pen down or lifts it, Delete clears.");

  let mine = model.get("ink"), at = MIDDLE, down = false, last = 0, waiting = null;

  function send() {
    clearTimeout(waiting);
    waiting = null;
    last = Date.now();
    mine = reduced(paper);
    model.set("ink", mine);
    model.save_changes();
  }
  function sendSoon() {
    waiting ??= setTimeout(send, Math.max(0, last + PAUSE - Date.now()));
  }
  function stroke(to) { // from where the pen is; a dot if it stays there
    paper.globalCompositeOperation = "lighten"; // where lines cross, the brighter ink stays
    paper.lineCap = "round";
    for (const [width, grey] of STROKE) {
      paper.lineWidth = width;
      paper.strokeStyle = grey;
      paper.beginPath();
      paper.moveTo(...at);
      paper.lineTo(to[0] + 0.01, to[1]); // a line of no length would not be drawn
      paper.stroke();
    }
    at = to;
  }
  function wipe() {
    paper.globalCompositeOperation = "source-over";
    paper.fillStyle = "black";
    paper.fillRect(0, 0, SIZE, SIZE);
    down = false;
    at = MIDDLE;
    showPen();
    send();
  }
  function showPen() {
    const [column, row] = at.map((n) => Math.ceil(n / CELL));
    cursor.style.left = `${at[0] / SIZE * 100}%`;
    cursor.style.top = `${at[1] / SIZE * 100}%`;
    cursor.classList.toggle("down", down);
    where.textContent = cursor.hidden ? "" : `pen ${down ? "down" : "up"}, column ${column}, row ${row}`;
  }
  const inside = (n) => Math.max(0, Math.min(SIDE - 1, Math.floor(n / CELL))) * CELL + CELL / 2; // the middle of a pixel
  function keys(on) { // the cursor is there for those who draw by keyboard
    cursor.hidden = !on;
    if (on) at = at.map(inside);
    if (!on && down) {
      down = false;
      send();
    }
    showPen();
  }
  function point(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * SIZE, (event.clientY - box.top) / box.height * SIZE];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    keys(false);
    at = point(event);
    stroke(at);
    sendSoon();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    for (const passed of event.getCoalescedEvents?.() ?? []) stroke(point(passed)); // a quick curve stays round
    stroke(point(event));
    sendSoon();
  });
  canvas.addEventListener("lostpointercapture", send); // the stroke is over, however it ended
  canvas.addEventListener("focus", () => { if (canvas.matches(":focus-visible")) keys(true); });
  canvas.addEventListener("blur", () => keys(false));
  canvas.addEventListener("keydown", (event) => {
    const way = STEPS[event.key];
    if (!way && ![" ", "Delete", "Backspace", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (cursor.hidden) keys(true);
    if (way) {
      const far = CELL * (event.shiftKey ? 4 : 1);
      const to = at.map((n, i) => inside(n + way[i] * far));
      if (down) {
        stroke(to);
        sendSoon();
      }
      at = to;
    } else if (event.key !== " ") {
      wipe();
    } else if (!event.repeat) {
      down = !down;
      if (down) stroke(at);
      send();
    }
    showPen();
  });
  clear.addEventListener("click", wipe);

  function drawInk() { // another view, or Python, has drawn
    if (model.get("ink") !== mine) paint(paper, mine = model.get("ink"), CELL);
  }
  function drawAnswer() {
    const guessed = model.get("guessed"), best = guessed.indexOf(Math.max(...guessed));
    rows.forEach(({ row, bar, share }, digit) => {
      row.classList.toggle("best", digit === best);
      bar.style.width = `${(guessed[digit] ?? 0) * 100}%`;
      share.textContent = guessed.length ? guessed[digit].toFixed(2) : "–";
    });
    const read = guessed.length ? `reads ${best}` : model.get("error") ? "no guess" : "nothing drawn yet";
    if (verdict.textContent !== read) verdict.textContent = read; // said again only when it changes
    paint(eye.getContext("2d"), model.get("seen") || btoa("\0".repeat(SIDE * SIDE)), 1);
    wrong.textContent = model.get("error");
  }
  paint(paper, mine, CELL);
  showPen();
  drawAnswer();
  const events = { "change:ink": drawInk, "change:answered": drawAnswer };
  for (const [event, draw] of Object.entries(events)) model.on(event, draw);
  return () => {
    clearTimeout(waiting);
    for (const [event, draw] of Object.entries(events)) model.off(event, draw);
  };
}

export default { render };
