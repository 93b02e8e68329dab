"""The model worker: serves internal models in the OpenAI dialect; the only package with torch."""
