// Before anything is drawn, or a dark page would flash white. Nothing stored means: as the system has it.
try {
  const theme = localStorage.getItem('sluice-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: as the system has it.
}
