// Says in the page why a passkey did not work; allauth alone would write it to the console.
(() => {
  "use strict";
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const place = document.querySelector("[data-passkey-refused]");
    if (place) { place.hidden = false; place.focus(); }
  });
})();
