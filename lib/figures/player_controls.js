// What the reader does: replay, choose, move. Goes after player_token.js; the last part of the script.
let timer;

function setTime(time) {
  state.time = Math.min(numSteps, Math.max(0, time));
  if (state.token !== undefined && roleOf(state.token.patch) === "to come") state.token = undefined;
  draw();
  const newest = run.steps[state.time - 1];
  if (newest !== undefined) bringIntoView(placeOf(newest.patch));
  tellOther();
}

/** Scrolls the picture, where it is larger than its place. */
function bringIntoView({ x, y }) {
  const box = byId("scroll");
  if (box.scrollWidth > box.clientWidth) box.scrollLeft = (x + 0.5) * cell - box.clientWidth / 2;
  if (box.scrollHeight > box.clientHeight) box.scrollTop = (y + 0.5) * cell - box.clientHeight / 2;
}

function play(isOn) {
  clearInterval(timer);
  timer = undefined;
  byId("play").textContent = isOn ? "❚❚" : "▶";
  byId("play").setAttribute("aria-label", isOn ? "pause" : "play");
  if (!isOn) return;
  state.token = undefined;
  if (state.time >= numSteps) setTime(0);
  timer = setInterval(() => {
    setTime(state.time + 1);
    if (state.time >= numSteps) play(false);
  }, Math.max(30, Math.min(400, 12000 / Math.max(1, numSteps))));
}

function press(name, value) {
  for (const button of document.querySelectorAll(`[data-${name}]`)) {
    if (button.closest("#heads") === null) {
      button.setAttribute("aria-pressed", String(button.dataset[name] === String(value)));
    }
  }
}

/** Shows a token, or none; what is not made yet cannot be chosen. */
function choose(token) {
  play(false);
  state.token = token === undefined || roleOf(token.patch) === "to come" ? undefined : token;
  draw();
  if (state.token !== undefined) void loadAttention(state.token.patch);
}

/** The token that lies so many tokens further, if there is one. */
function moveToken(across, down) {
  const from = state.token ?? { patch: run.steps[Math.max(0, state.time - 1)]?.patch ?? 0, token: 0 };
  const { x, y, width, height } = placeOfToken(from);
  const to = state.token === undefined
    ? from
    : tokenAt(x + (across + 0.5) * width, y + (down + 0.5) * height);
  if (to === undefined || roleOf(to.patch) === "to come") return;
  choose(to);
  bringIntoView(placeOf(to.patch));
}

stage.addEventListener("click", ({ offsetX, offsetY }) => {
  const token = tokenAt(offsetX / cell, offsetY / cell);
  const isSame = token !== undefined && state.token?.patch === token.patch &&
    state.token.token === token.token;
  choose(isSame ? undefined : token);
});
stage.addEventListener("pointermove", ({ offsetX, offsetY, pointerType }) => {
  const token = pointerType === "mouse" ? tokenAt(offsetX / cell, offsetY / cell) : undefined;
  const under = token === undefined || roleOf(token.patch) === "to come" ? undefined : token;
  if (under?.patch === hovered?.patch && under?.token === hovered?.token) return;
  hovered = under;
  requestAnimationFrame(draw);
});
stage.addEventListener("pointerleave", () => (hovered = undefined, draw()));
byId("time").addEventListener("input", ({ target }) => {
  play(false);
  state.token = undefined;
  setTime(Number(target.value));
});
byId("chart").addEventListener("click", ({ offsetX, target }) => {
  play(false);
  setTime(Math.round(offsetX / target.clientWidth * numSteps));
});
byId("play").addEventListener("click", () => play(timer === undefined));
byId("back").addEventListener("click", () => (play(false), setTime(state.time - 1)));
byId("next").addEventListener("click", () => (play(false), setTime(state.time + 1)));
byId("pick").addEventListener("click", () => {
  const made = run.steps.slice(0, state.time).map(({ patch }) => patch);
  const kept = made.filter((patch) => run.attention[patch] !== undefined),
    from = kept.length > 0 ? kept : made;
  const patch = from[Math.floor(Math.random() * from.length)];
  choose({ patch, token: Math.floor(Math.random() * numTokens) });
});
byId("mean").addEventListener("click", () => (Object.assign(state, { layer: "mean", head: "mean" }), draw()));
byId("heads").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button !== null) (Object.assign(state, readChoice(button)), draw());
});
for (const button of document.querySelectorAll("[data-view]")) {
  const { view } = button.dataset;
  button.hidden = view === "surprise" && Object.keys(run.statistics).length === 0;
  button.addEventListener("click", () => {
    Object.assign(state, { view, token: undefined });
    press("view", view);
    draw();
  });
}
for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => {
    state.zoom = Number(button.dataset.zoom);
    press("zoom", state.zoom);
    resize();
    const patch = state.token?.patch ?? run.steps[state.time - 1]?.patch;
    if (patch !== undefined) bringIntoView(placeOf(patch));
  });
}
addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target === byId("time")) return;
  const arrows = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const times = { ArrowRight: state.time + 1, ArrowLeft: state.time - 1, Home: 0, End: numSteps };
  if (target === stage && key in arrows) moveToken(...arrows[key]);
  else if (key in times) (play(false), setTime(times[key]));
  else if (key === " " && !(target instanceof HTMLButtonElement)) play(timer === undefined);
  else if (key === "Escape") choose(undefined);
  else return;
  event.preventDefault();
});

/** On a page of two players: says what is shown here when the reader did something, and shows what the other one does. */
let hasActed = false, lastShown = "";
for (const type of ["pointerdown", "keydown", "input"]) {
  addEventListener(type, () => (hasActed = true, setTimeout(tellOther)), true);
}
addEventListener("click", () => setTimeout(tellOther));
function tellOther() {
  const shown = { ...state, time: state.time / Math.max(1, numSteps) }, text = JSON.stringify(shown);
  if (parent === window || !hasActed || text === lastShown) return;
  lastShown = text;
  parent.postMessage({ shown, height: document.documentElement.scrollHeight }, "*");
}
addEventListener("message", ({ data, source }) => {
  if (source !== parent || parent === window) return;
  hasActed = false; // it is the other one that the reader is at
  const { time, token, ...rest } = data, isThere = token !== undefined && token.patch < stepOf.length;
  Object.assign(state, rest, { time: Math.round(time * numSteps), token: undefined });
  press("view", state.view);
  press("zoom", state.zoom);
  resize();
  if (isThere && token.token < numTokens) choose(token);
});
for (const image of [...images, ...(tiles ? [tiles] : [])]) image.addEventListener("load", draw);
addEventListener("resize", resize);
createHeads();
byId("frames").hidden = true;
stage.hidden = false;
resize();
if (parent !== window) parent.postMessage({ height: document.documentElement.scrollHeight }, "*");
