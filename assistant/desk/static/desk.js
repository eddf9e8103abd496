// What the desk does without asking the server: opening a sentence's source, and the keys.
(() => {
  const open = (number) => {
    const card = document.getElementById(`source-${number}`);
    if (!card) return;
    for (const other of document.querySelectorAll('.k-source')) other.classList.toggle('k-open', other === card);
    for (const sentence of document.querySelectorAll('.k-sentence')) {
      sentence.classList.toggle('k-open', sentence.dataset.source === String(number));
    }
    const quote = card.querySelector('.k-quote') ?? card;
    quote.scrollIntoView({block: 'nearest', behavior: 'smooth'});
  };

  document.addEventListener('click', (event) => {
    const source = event.target.closest('[data-source]');
    if (source) open(source.dataset.source);
  });

  document.addEventListener('keydown', (event) => {
    const source = event.target.closest?.('.k-sentence[data-source]');
    if (source && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      open(source.dataset.source);
      return;
    }
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    const inside = (id) => event.target.closest?.(`#${id}`);
    const press = (id) => {
      event.preventDefault();
      document.getElementById(id)?.click();
    };
    if (inside('edit')) press('copy');
    else if (inside('chat-log') || inside('turn-row')) press('make-draft');
  }, true);

  // --- the knowledge desk: cards by keyboard, forms saved with Ctrl+Enter, the name kept between visits ---
  const cards = () => [...document.querySelectorAll('#knowledge-work-column [data-passage]')].filter((c) => c.offsetParent);

  document.addEventListener('keydown', (event) => {
    const form = event.target.closest?.('.k-form');
    if (form && event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    if (event.key === 'Escape') {
      const details = event.target.closest?.('details.k-open-form[open]');
      if (details) {
        details.open = false;
        details.closest('[data-passage]')?.focus();
      }
      return;
    }
    const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = event.target.closest?.('[data-passage]');
    if (event.key === 'j' || event.key === 'k') {
      const all = cards();
      const at = all.indexOf(here);
      const next = all[at < 0 ? 0 : Math.min(Math.max(at + (event.key === 'j' ? 1 : -1), 0), all.length - 1)];
      next?.focus();
      next?.scrollIntoView({block: 'nearest'});
    } else if (here && event.key === 'e') {
      event.preventDefault();
      const details = here.querySelector('details.k-edit');
      if (!details) return;
      details.open = true;
      details.querySelector('textarea')?.focus();
    } else if (here && event.key === 'x') {
      here.querySelector('[data-act=retire], [data-act=restore]')?.click();
    }
  });

  const NAME = 'kefu-who';
  document.addEventListener('change', (event) => {
    if (event.target.closest?.('#who')) localStorage.setItem(NAME, event.target.value);
  });
  const sign = setInterval(() => {
    const field = document.querySelector('#who input, #who textarea');
    if (!field) return;
    clearInterval(sign);
    const kept = localStorage.getItem(NAME);
    if (!kept || kept === field.value) return;
    field.value = kept;
    field.dispatchEvent(new Event('input', {bubbles: true}));
  }, 300);
})();
