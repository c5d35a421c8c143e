"use strict";
// The page of `zhfix play`: sends the text to the local server and shows what it answers.
(() => {
  const get = (id) => document.getElementById(id);
  const token = new URLSearchParams(location.search).get("token");
  const history = [];
  let file = null;
  let asked = 0;

  function say(text, isError = false) {
    get("status").textContent = text;
    get("status").className = isError ? "error" : "";
  }

  function base64(bytes) {
    let binary = "";
    for (let at = 0; at < bytes.length; at += 0x8000) {
      binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    }
    return btoa(binary);
  }

  async function send(path, body) {
    const answer = await fetch(path, {
      method: body ? "POST" : "GET",
      headers: { "X-Zhfix-Token": token, "Content-Type": "application/json" },
      body: body ? JSON.stringify(body) : undefined,
    });
    const given = await answer.json();
    if (!answer.ok) throw new Error(given.error);
    return given;
  }

  async function run() {
    const number = ++asked;
    const stages = [...document.querySelectorAll("[name=stage]:checked")].map((box) => box.value);
    const request = { stages, to: get("to").value, encoding: get("encoding").value };
    if (file) request.data = base64(file.bytes);
    else request.text = get("input").value;
    say("Working …");
    try {
      const given = await send("/run", request);
      if (number !== asked) return;
      if (file) get("input").value = given.original;
      get("result").value = given.text;
      get("stages").innerHTML = given.html; // escaped by the server
      get("outcome").hidden = false;
      say(given.summary);
    } catch (error) {
      if (number === asked) say(error.message || "The server does not answer.", true);
    }
  }

  function remember() {
    history.push({ text: get("input").value, file });
    get("undo").disabled = false;
  }

  function take(text) {
    remember();
    file = null;
    get("input").value = text;
    return run();
  }

  async function open(chosen) {
    if (!chosen) return;
    remember();
    file = { name: chosen.name, bytes: new Uint8Array(await chosen.arrayBuffer()) };
    await run();
  }

  get("form").addEventListener("submit", (event) => { event.preventDefault(); run(); });
  get("input").addEventListener("input", () => { file = null; });
  get("file").addEventListener("change", (event) => open(event.target.files[0]));
  for (const control of [get("to"), get("encoding"), ...document.querySelectorAll("[name=stage]")]) {
    control.addEventListener("change", () => { if (file || get("input").value) run(); });
  }
  get("undo").addEventListener("click", () => {
    const last = history.pop();
    if (!last) return;
    file = last.file;
    get("input").value = last.text;
    get("undo").disabled = history.length === 0;
    run();
  });
  get("again").addEventListener("click", () => take(get("result").value));
  get("copy").addEventListener("click", async () => {
    get("result").select();
    try {
      await navigator.clipboard.writeText(get("result").value);
    } catch {
      document.execCommand("copy");
    }
    say("Copied.");
  });
  get("download").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([get("result").value], { type: "text/plain;charset=utf-8" }));
    link.download = file ? file.name.replace(/(\.[^.]*)?$/, ".fixed.txt") : "fixed.txt";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  get("example").addEventListener("change", (event) => {
    const text = event.target.selectedOptions[0].dataset.text;
    event.target.value = "";
    if (text) take(text);
  });
  document.addEventListener("dragover", (event) => { event.preventDefault(); get("input").classList.add("drop"); });
  document.addEventListener("dragleave", () => get("input").classList.remove("drop"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    get("input").classList.remove("drop");
    open(event.dataTransfer.files[0]);
  });
  send("/examples").then((examples) => {
    for (const { name, text } of examples) {
      const option = document.createElement("option");
      option.value = option.textContent = name;
      option.dataset.text = text;
      get("example").append(option);
    }
  }).catch((error) => say(error.message, true));
})();
