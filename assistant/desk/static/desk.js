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
})();
