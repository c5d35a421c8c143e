"""Answers conversions with whatever `opencc` its own environment has; spoken to over pipes.

OpenCC's C++ library and opencc-python-reimplemented install the same module, so the one that
zhfix is compared with runs in another environment:

    <environment>/bin/python tools/opencc_worker.py

Each request is a line of JSON ``{"mode": …, "texts": […]}``, each answer a line of JSON
``{"texts": […], "seconds": …}``; `seconds` is the processor time spent converting.
"""

from __future__ import annotations

import json
import sys
import time

import opencc

converters = {}
for line in sys.stdin:
    request = json.loads(line)
    mode = request["mode"]
    if mode not in converters:
        converters[mode] = opencc.OpenCC(mode)
        converters[mode].convert("汉字漢字")  # load before the clock runs
    convert = converters[mode].convert
    start = time.process_time()
    texts = [convert(text) for text in request["texts"]]
    seconds = time.process_time() - start
    sys.stdout.write(json.dumps({"texts": texts, "seconds": seconds}) + "\n")
    sys.stdout.flush()
