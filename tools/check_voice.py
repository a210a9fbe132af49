"""Hold the private dialect out of code and docs: `python tools/check_voice.py [PATH ...]`.

`tools/voice.toml` lists the phrases, each with the field's word for it, and the lines that may keep one, each
with a reason. An allowed line that no longer exists is an error too, so that the list stays true.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
RULES = ROOT / "tools" / "voice.toml"
SUFFIXES = {".py", ".pyi", ".cpp", ".hpp", ".md", ".j2", ".toml", ".js", ".mjs", ".html"}
FILES = {"Makefile", ".ci/run"}
LEFT_OUT = ("tests/golden/", "tests/conformance/web/node_modules/", "tools/voice.toml")


def checked_files() -> list[str]:
    """Every tracked or new text file of the project, by its path from the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [
        path
        for path in listed
        if (Path(path).suffix in SUFFIXES or path in FILES)
        and not path.startswith(LEFT_OUT)
        and (ROOT / path).is_file()
    ]


def find_phrases(paths: list[str], words: dict[str, str]) -> Iterator[tuple[str, int, str, str, str]]:
    """Yield (path, line number, line, phrase, advice) for each line that has a phrase of the list."""
    patterns = [(re.compile(pattern, re.IGNORECASE), advice) for pattern, advice in words.items()]
    for path in paths:
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
            for pattern, advice in patterns:
                found = pattern.search(line)
                if found:
                    yield path, number, line.strip(), found[0], advice


def main() -> int:
    """Print each phrase with its place; return 1 if there is any, or an allowance that nothing needs."""
    rules = tomllib.loads(RULES.read_text(encoding="utf-8"))
    allowed = {(each["path"], each["line"]) for each in rules.get("allow", [])}
    used: set[tuple[str, str]] = set()
    chosen = [str(Path(each).resolve().relative_to(ROOT)) for each in sys.argv[1:]]
    files = [path for path in checked_files() if not chosen or any(path.startswith(each) for each in chosen)]
    count = 0
    for path, number, line, phrase, advice in find_phrases(files, rules["words"]):
        if (path, line) in allowed:
            used.add((path, line))
            continue
        count += 1
        print(f"{path}:{number}: '{phrase}': {advice}\n    {line}")
    unused = set() if chosen else allowed - used
    for path, line in sorted(unused):
        print(f"{path}: allowed in tools/voice.toml, but no longer there: {line}")
    print(f"{count} phrases to replace, {len(used)} allowed")
    return 1 if count or unused else 0


if __name__ == "__main__":
    sys.exit(main())
