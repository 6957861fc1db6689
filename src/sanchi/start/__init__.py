"""Settings, wiring and entry points: the only place where ports meet adapters."""
