"""Serve a GGUF file with llama.cpp's HTTP server: MODEL NAME PORT KEY. Runs in its own venv."""

import sys
import threading

import xllamacpp

model, name, port, key = sys.argv[1:]
parameters = xllamacpp.CommonParams()
parameters.model.path = model
parameters.model_alias = {name}
parameters.hostnames = ["127.0.0.1"]
parameters.port = int(port)
parameters.api_keys = [key]
parameters.n_ctx = 1024
parameters.n_parallel = 2
parameters.kv_unified = True
parameters.cpuparams.n_threads = 1
server = xllamacpp.Server(parameters)
threading.Event().wait()
