// In the frame: tells the page around how tall the content is, and brings focus to what is new.
(() => {
  const origins = (document.body.dataset.origins || "").split(" ");
  const tell = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    // Only the origin that really holds the frame receives it.
    for (const origin of origins) parent.postMessage({ aiguille: height }, origin);
  };
  new ResizeObserver(tell).observe(document.documentElement);
  tell();
  const fresh = document.querySelector("[data-focus]");
  if (fresh) fresh.focus();
})();
