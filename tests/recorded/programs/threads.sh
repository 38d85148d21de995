# A thousand threads at once.
needs=(cargo)
prepare() { fixture build -p portable; }
recorded() { under "$built/threads"; }
again() { under "$built/threads"; }
attacked() { under "$built/threads"; }
