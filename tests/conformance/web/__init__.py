"""ONNX models run by onnxruntime-web inside headless Chromium.

browser.py   one Chromium, which runs one job at a time
server.py    the server of the page and its jobs, on 127.0.0.1
wire.py      the encoding of jobs and answers; page.mjs has the counterpart
"""

from .browser import Browser, UnavailableError

__all__ = ["Browser", "UnavailableError"]
