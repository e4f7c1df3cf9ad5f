// The one thing that a text-only page cannot do without a script: asking for a passkey.
"use strict";

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.text();
  const read = said ? JSON.parse(said) : {};
  if (!answer.ok) throw new Error(read.title || String(answer.status));
  return read;
}

async function sign(options) {
  const asked = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: (options.allowCredentials || []).map((each) => ({
      ...each,
      id: bytes(each.id),
    })),
  };
  const used = await navigator.credentials.get({ publicKey: asked });
  const { response } = used;
  return {
    id: used.id,
    rawId: text(used.rawId),
    type: used.type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : undefined,
    },
  };
}

for (const form of document.querySelectorAll("form[data-begin]")) {
  const said = form.querySelector("output");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { begin, finish, language, then, person } = form.dataset;
    try {
      const here = { language, offset_minutes: -new Date().getTimezoneOffset() };
      const { options } = await post(begin, language ? here : {});
      await post(finish, { credential: await sign(options) });
      if (then) await post(then, { person });
      location.reload();
    } catch (error) {
      said.textContent = error.message;
    }
  });
}
