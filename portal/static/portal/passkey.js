/* Signs with a passkey: the browser's answer goes into the form, which is sent as it would be with a code. */
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  async function sign(button) {
    const options = JSON.parse(document.getElementById(button.dataset.passkey).textContent).publicKey;
    const wanted = {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: (options.allowCredentials || []).map((c) => ({ ...c, id: bytes(c.id) })),
    };
    const answer = await navigator.credentials.get({ publicKey: wanted });
    const form = button.closest("form");
    form.querySelector("input[name=assertion]").value = JSON.stringify({
      id: answer.id,
      rawId: text(answer.rawId),
      type: answer.type,
      response: {
        authenticatorData: text(answer.response.authenticatorData),
        clientDataJSON: text(answer.response.clientDataJSON),
        signature: text(answer.response.signature),
        userHandle: answer.response.userHandle ? text(answer.response.userHandle) : null,
      },
      clientExtensionResults: answer.getClientExtensionResults(),
    });
    form.requestSubmit(form.querySelector("button:not([type=button])"));
  }

  for (const button of document.querySelectorAll("[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    button.closest("[data-with-script]").hidden = false;
    // A refused or closed prompt leaves the code field as it was; there is nothing to say.
    button.addEventListener("click", () => sign(button).catch(() => button.focus()));
  }
})();
