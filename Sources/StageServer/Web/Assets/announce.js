// Tells those who can't see it what has happened.

const place = document.getElementById("announcements");

export function announce(text) {
  if (place) place.textContent = text;
}
