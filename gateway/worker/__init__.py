"""The model worker: serves internal models over the OpenAI dialect; the only home of torch."""
