// Keeps the panel current: the server renders it, this puts it in place every two seconds while the page is seen.
const panel = document.getElementById('panel');

async function refresh() {
  if (document.hidden) {
    return;
  }
  try {
    const response = await fetch('/panel', { headers: { accept: 'text/html' } });
    if (response.ok) {
      panel.innerHTML = await response.text();
    }
  } catch {
    // The next refresh tries again.
  }
}

refresh();
setInterval(refresh, 2000);
document.addEventListener('visibilitychange', refresh);
