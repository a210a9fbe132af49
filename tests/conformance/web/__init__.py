"""ONNX models run by onnxruntime-web inside headless Chromium.

browser.py   one Chromium for as long as it is wanted, given work one job at a time
server.py    what the page loads, asks for and answers, on 127.0.0.1
wire.py      jobs and answers as bytes; page.mjs holds the other half
"""

from .browser import Browser, UnavailableError

__all__ = ["Browser", "UnavailableError"]
