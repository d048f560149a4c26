// Passkeys: hands what the server asks for to the browser's authenticator, and what that answers to the form. Without
// this file the buttons stay hidden, and password and code work as before.
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const plain = (credential) => {
    const answer = credential.response;
    const response = { clientDataJSON: text(answer.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (answer[name]) response[name] = text(answer[name]);
    }
    if (answer.getTransports) response.transports = answer.getTransports();
    return {
      type: credential.type,
      id: credential.id,
      rawId: text(credential.rawId),
      response,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  };
  const make = async ({ publicKey }, alone) => {
    const selection = { ...publicKey.authenticatorSelection };
    selection.residentKey = alone ? "required" : "discouraged";
    selection.requireResidentKey = alone;
    if (alone) selection.userVerification = "required";
    return navigator.credentials.create({
      publicKey: {
        ...publicKey,
        challenge: bytes(publicKey.challenge),
        user: { ...publicKey.user, id: bytes(publicKey.user.id) },
        excludeCredentials: known(publicKey.excludeCredentials),
        authenticatorSelection: selection,
      },
    });
  };
  const ask = ({ publicKey }) =>
    navigator.credentials.get({
      publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials) },
    });

  for (const button of document.querySelectorAll("[data-passkey]")) {
    const form = button.form;
    const said = form.querySelector("[data-passkey-said]");
    button.hidden = false;
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      try {
        const data = document.getElementById("passkey-data");
        const options = data
          ? JSON.parse(data.textContent)
          : await (await fetch(form.action, { headers: { Accept: "application/json" } })).json();
        const alone = form.querySelector("[name=passwordless]")?.checked || false;
        const credential = options.creation_options ? await make(options.creation_options, alone) : await ask(options.request_options);
        form.querySelector("[name=credential]").value = JSON.stringify(plain(credential));
        form.submit();
      } catch {
        if (said) said.hidden = false;
      }
    });
  }
})();
