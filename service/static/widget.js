// Puts Aiguille's form in a partner's page: <script src="…/widget.js" data-cle="…" async></script>
(() => {
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const said = script.dataset;
  const query = new URLSearchParams({ cle: said.cle || "", langue: said.langue || "fr" });
  for (const token of ["couleur", "fond", "rayon"]) {
    if (said[token]) query.set(token, said[token]);
  }
  const frame = document.createElement("iframe");
  frame.src = `${home}/widget?${query}`;
  frame.title = said.langue === "en" ? "Find support, with Aiguille" : "Chercher de l’aide, avec Aiguille";
  frame.loading = "lazy";
  frame.referrerPolicy = "origin";
  frame.sandbox = "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox";
  frame.style.cssText = "width:100%;min-height:34rem;border:0";
  script.after(frame);
  addEventListener("message", (event) => {
    if (event.origin !== home || event.source !== frame.contentWindow) return;
    const height = Number(event.data && event.data.aiguille);
    if (height > 0 && height < 20000) frame.style.height = `${height}px`;
  });
})();
